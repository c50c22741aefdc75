"""The URLs of HTTPS that stand in the files which ConfigMaps give to a container."""

from dataclasses import dataclass

from explainers.diagnosis.case import Case
from explainers.diagnosis.views.addresses import service_of
from explainers.diagnosis.views.mounted_texts import Mounted, mounted_texts
from explainers.diagnosis.views.pods import Container
from explainers.patterns import pattern

_HTTPS = pattern(r"https://([A-Za-z0-9][\w.-]*)(?::(\d{1,5}))?(?![\w@:])")
_PORT = 443


@dataclass(frozen=True)
class FileUrl:
    """A URL of HTTPS in a file: its host and port, its line, from 1, and the Service that it means."""

    file: Mounted
    number: int
    host: str
    port: int
    name: str
    namespace: str

    @property
    def plain(self) -> str:
        """Its line with plain HTTP in place of HTTPS."""
        line = self.file.lines[self.number - 1]
        said = next(one for one in _HTTPS.finditer(line) if one[1].lower() == self.host)
        return f"{line[: said.start()]}http{line[said.start() + len('https') :]}"


def https_of_services(case: Case, container: Container, host: str = "") -> list[FileUrl]:
    """Those of Services that are there; with `host`, only of that. Raises Missing until the ConfigMaps are read."""
    return [
        FileUrl(file, number, found[1].lower(), int(found[2] or _PORT), *meant)
        for file in mounted_texts(case, container) if file.holds_settings
        for number, line in enumerate(file.lines, 1) if not line.lstrip().startswith(("#", ";", "//"))
        for found in _HTTPS.finditer(line) if host in ("", found[1].lower())
        if (meant := service_of(found[1].lower(), case.namespace)) and case.service(*meant).ok
    ]  # fmt: skip
