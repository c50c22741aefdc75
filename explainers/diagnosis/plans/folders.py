"""The folders that a program wants to write: that of its complaint, and those that it would complain of next."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from explainers.diagnosis.logs.lines import lines_of
from explainers.diagnosis.logs.tongues import reader
from explainers.diagnosis.views.endings import Ending, last_log
from explainers.diagnosis.views.pods import dicts, text
from explainers.patterns import pattern

_MAKES = pattern(r"mkdir|create director|makedirs", re.IGNORECASE)
_REFUSED = pattern(r"permission denied|EACCES|read-only file ?system|EROFS", re.IGNORECASE)
_PATH = pattern(r"(?<![\w./-])(/[\w.@+/-]*[\w@+-])")
_FLEETING = tuple(f"/{one}" for one in ("run", "tmp", "var/cache", "var/log", "var/run", "var/tmp"))
"""Folders in which an image keeps nothing that a program needs: an empty volume there hides nothing."""
_NGINX = (
    (pattern(r"^/var/cache/nginx(?:/|$)"), ("/var/cache/nginx", "/var/run")),
    (pattern(r"^/var/lib/nginx/(?:body|fastcgi|proxy|scgi|uwsgi)(?:/|$)"), ("/var/lib/nginx", "/run")),
    (pattern(r"^/var/lib/nginx/tmp(?:/|$)"), ("/var/lib/nginx/tmp", "/run/nginx")),
)
"""Where nginx has its temporary files, as built by its own project, Debian and Alpine, and then its process id."""
_LAST = 50
"""Lines at the end of a log that are looked at."""


def wanted(ending: Ending, path: str) -> list[str]:
    """The folders to be made writable for a complaint about this path, its own first; none for a folder of the root."""
    told = ending.told
    first = _folder(path, told.line if told else "")
    if first in ("/", "."):
        return []
    known = next((folders for written, folders in _NGINX if written.search(path)), (first,))
    have = [text(one, "mountPath").rstrip("/") for one in dicts(ending.container.spec, "volumeMounts")]
    return _outermost(known[:1], [one for one in (*known[1:], *_others(ending)) if not _within(one, have)])


def _folder(path: str, line: str) -> str:
    """What must be writable for this path: itself where a folder is made, else the folder that it is in."""
    return path if _MAKES.search(line) else str(PurePosixPath(path).parent)


def _others(ending: Ending) -> list[str]:
    """The fleeting folders that the log says may not be written."""
    log = last_log(ending.case, ending.container).text
    read = reader(log)
    refused = [line for line in lines_of(log)[-_LAST:] if _REFUSED.search(read(line))]
    found = [_folder(path, line) for line in refused for path in _PATH.findall(line)]
    return [one for one in found if _within(one, _FLEETING)]


def _outermost(first: Iterable[str], others: Iterable[str]) -> list[str]:
    """The folders without those that lie in another one."""
    found = list(first)
    for one in sorted(dict.fromkeys(others), key=len):
        found += [] if _within(one, found) else [one]
    return found


def _within(path: str, folders: Iterable[str]) -> bool:
    """Whether a path is one of the folders or lies in one; `/var/run` is `/run`."""
    said = f"{_real(path)}/"
    return any(said.startswith(f"{_real(one)}/") for one in folders)


def _real(path: str) -> str:
    return re.sub(r"^/var/run(?=/|$)", "/run", path)
