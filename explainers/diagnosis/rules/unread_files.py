"""Mounted configuration that a server does not read, for its folder is searched for files of one ending only.

The mount hides what the image has there, so a server with no file left that it reads serves nothing, and says nothing.
Sources: https://nginx.org/en/docs/ngx_core_module.html#include and the images at https://hub.docker.com/_/nginx
"""

from dataclasses import dataclass

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.views.mounted import File, files_in, ref_of_file, volume_of
from explainers.diagnosis.views.pods import Container, dicts, text
from explainers.diagnosis.views.template import steps_after, template_patch
from explainers.document import Evidence
from explainers.operations.reads import Get
from explainers.plan import Plan, Step

_READS = {
    "/etc/nginx/conf.d": ".conf",
    "/etc/nginx/http.d": ".conf",
    "/etc/nginx/templates": ".template",
    "/etc/apache2/sites-enabled": ".conf",
    "/etc/apache2/conf-enabled": ".conf",
    "/etc/httpd/conf.d": ".conf",
}
"""Folders that the usual packages and images of servers search, and for which ending."""
_FIELDS = {kinds.CONFIG_MAP.name: "configMap", kinds.SECRET.name: "secret"}


@dataclass(frozen=True)
class Unread:
    """A folder of a container, the files that a volume puts there, and the ending that alone counts."""

    container: str
    volume: str
    folder: str
    ending: str
    files: dict[str, File]

    @property
    def clause(self) -> str:
        given = ", ".join(f"`{path}`" for path in sorted(self.files)[:3])
        file = self.files[min(self.files)]
        covers = f"the {file.kind} `{file.name}` covers `{self.folder}` with {given}"
        return f"{covers}, and only `*{self.ending}` is read there"

    @property
    def evidence(self) -> Evidence:
        said = f"volume {self.volume} at {self.folder}: {', '.join(sorted(self.files))}"
        return Evidence(f"container {self.container}", said)

    def plan(self, case: Case) -> Plan:
        """Give the one file the ending; of several only their owner knows which should be read."""
        path, file = min(self.files.items())
        look = Step(Get(ref_of_file(case, file).type, case.namespace, file.name), "its keys are the names of the files")
        if len(self.files) > 1 or file.kind not in _FIELDS:
            return Plan((look,))
        items = [{"key": file.key, "path": path + self.ending}]
        change = template_patch(case, {"volumes": [{"name": self.volume, _FIELDS[file.kind]: {"items": items}}]})
        steps = steps_after(case, change, f"mount `{path}` as `{path}{self.ending}`", "the server listens as told")
        return Plan(steps or (look,))


def unread_files(case: Case, container: Container) -> Unread | None:
    """The first folder of a server of which a volume leaves nothing that is read. Raises Missing until it is read."""
    for mount in dicts(container.spec, "volumeMounts"):
        folder = text(mount, "mountPath").rstrip("/")
        ending, volume = _READS.get(folder), volume_of(container, mount)
        if not ending or mount.get("subPath") or "projected" in volume:
            continue
        files = {path: file for path, file in (files_in(case, volume) or {}).items() if "/" not in path}
        if files and not any(path.endswith(ending) for path in files):
            return Unread(container.name, text(volume, "name"), folder, ending, files)
    return None
