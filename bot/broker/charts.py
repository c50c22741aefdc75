"""Which charts an entry may name, and how helm is told: nothing is taken for an option or leaves its folder."""

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from commands.base.errors import NotFound, UsageError
from explainers.catalog.model import HelmChart

_OCI = re.compile(r"oci://(?P<host>[A-Za-z0-9.-]+(:\d{1,5})?)(/[a-z0-9]+([._-]+[a-z0-9]+)*)+")
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,126}[A-Za-z0-9])?")
_VERSION = re.compile(r"[0-9A-Za-z^~<>=*][0-9A-Za-z.+^~<>=*, -]{0,63}")
_URL = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?(/[\w.~!$&'()*+,;=:@%/-]*)?")


@dataclass(frozen=True)
class Chart:
    """A chart as helm takes it: the word for it, and the options that belong to that."""

    word: str
    options: tuple[str, ...] = ()
    local: bool = False


def chart(provision: HelmChart, folder: Path | None, plain: tuple[str, ...] = ()) -> Chart:
    """The chart of an entry. `folder` has the charts that may be named by a path, `plain` the registries that speak
    HTTP without TLS, besides those of this machine. Raises UsageError, NotFound.
    """
    if provision.version and not _VERSION.fullmatch(provision.version):
        raise UsageError("The chart's version cannot be one.", "a version such as 1.2.3, or a range such as ^1.2")
    version = (f"--version={provision.version}",) if provision.version else ()
    if provision.repository:
        _checked(provision.repository)
        if not _NAME.fullmatch(provision.chart):
            raise UsageError("In a repository a chart has a plain name.", "one such as postgresql")
        return Chart(provision.chart, (f"--repo={provision.repository}", *version))
    if provision.chart.startswith("oci://"):
        found = _OCI.fullmatch(provision.chart)
        if not found:
            raise UsageError("The chart's OCI reference cannot be read.", "oci://HOST/PATH/NAME, the version apart")
        _not_the_nodes(found["host"].partition(":")[0])
        return Chart(provision.chart, (*(("--plain-http",) if _is_plain(found["host"], plain) else ()), *version))
    if "://" in provision.chart:
        _checked(provision.chart)
        return Chart(provision.chart, version)
    return Chart(str(_inside(provision.chart, folder)), local=True)


def _inside(path: str, folder: Path | None) -> Path:
    if folder is None:
        raise UsageError(
            "This broker has no folder of charts, so a chart cannot be named by a path.",
            "an oci:// reference, the URL of a chart, or a name with `repository`",
        )
    found = (folder / path.removeprefix("./")).resolve()
    if not found.is_relative_to(folder.resolve()) or found == folder.resolve():
        raise UsageError("The chart's path leads out of the folder of charts.", "a path inside of it")
    if not (found / "Chart.yaml").is_file() and not (found.is_file() and found.suffix == ".tgz"):
        raise NotFound(f"There is no chart at {path} in the broker's folder of charts.")
    return found


def _checked(url: str) -> None:
    """A repository or chart is fetched by the broker, so a URL must not lead it to where only the broker can go."""
    host = urlsplit(url).hostname or ""
    secure = url.startswith("https://") or is_loopback(host)
    if not _URL.fullmatch(url) or not secure:
        raise UsageError("The chart's URL cannot be used.", "an https:// URL without a login in it")
    _not_the_nodes(host)


def _not_the_nodes(host: str) -> None:
    try:
        local = ipaddress.ip_address(host).is_link_local
    except ValueError:
        return
    if local:
        raise UsageError(f"{host} is an address of machines for themselves; no chart is fetched from there.")


def _is_plain(host: str, plain: tuple[str, ...]) -> bool:
    return host in plain or is_loopback(host.partition(":")[0])


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: by its address or the one name for it, not by a name that looks like one."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
