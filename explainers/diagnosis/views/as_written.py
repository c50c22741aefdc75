"""References in the values of a container's variables that nobody replaces: the program gets them as they are written.

Kubernetes puts in `$(NAME)` for what stands before, and nothing else; `$NAME` and `${NAME}` are for a shell, and none
reads the value of a variable.
Source: https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from explainers.diagnosis.case import Case
from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.views.environment import environment
from explainers.diagnosis.views.pods import Json, dicts, text
from explainers.patterns import pattern

_WRITTEN = pattern(r"(?<!\$)\$(?:\((?P<kube>[A-Za-z_][\w.-]*)\)|\{(?P<braced>[A-Za-z_]\w*)\}|(?P<bare>[A-Za-z_]\w*))")
_LINK = pattern(r"_(?:SERVICE_HOST|SERVICE_PORT|PORT)(?:_|$)")
"""Variables that Kubernetes sets for Services, before those of the container."""
_LIKE = 0.6


@dataclass(frozen=True)
class AsWritten:
    """A reference to `name` in the value of a `variable`, as it is `written`. `later` says that it stands behind it;
    `near` is the variable that is probably meant where there is none of that name."""

    variable: str
    written: str
    name: str
    later: bool
    near: str = ""

    @property
    def by_shell(self) -> bool:
        """Whether only a shell would read it."""
        return not self.written.startswith("$(")

    @property
    def right(self) -> str:
        """What should be written; empty where that is not known."""
        name = self.name if self.later or self.by_shell else self.near
        return f"$({name})" if name else ""

    def quoted(self, line: str) -> bool:
        """Whether a line has it as written, and no longer name that begins with it; hosts are told in small letters."""
        return exactly(self.written).search(line) is not None


def exactly(written: str) -> re.Pattern[str]:
    """What finds a text, and no longer name that begins with it."""
    return re.compile(re.escape(written) + (r"(?!\w)" if written[-1:].isalnum() else ""), re.IGNORECASE)


def as_written(case: Case, container: Json) -> list[AsWritten]:
    """Every such reference. What only looks like one is none: `$NAME` counts where that variable is set. Raises Missing
    until what brings the container variables is read, where there is such a reference."""
    entries = dicts(container, "env")
    names = [text(one, "name") for one in entries]
    open_ones = [(at, found) for at, found in _written(entries) if found["kube"] not in names[:at]]
    brought = environment(case, {**container, "env": []}) if open_ones else {}
    kept = (_kept(names, brought.keys(), at, found) for at, found in open_ones)
    return list(dict.fromkeys(one for one in kept if one))


def _written(entries: Sequence[Json]) -> Iterator[tuple[int, re.Match[str]]]:
    return ((at, found) for at, entry in enumerate(entries) for found in _WRITTEN.finditer(text(entry, "value")))


def _kept(names: Sequence[str], brought: Collection[str], at: int, found: re.Match[str]) -> AsWritten | None:
    name = found["kube"] or found["braced"] or found["bare"]
    have = {*names, *brought} - {names[at]}
    later = name not in names[:at] and name not in brought and name in names[at + 1 :]
    if not found["kube"]:
        return AsWritten(names[at], found[0], name, later) if name in have else None
    if name in brought or (not later and _LINK.search(name)):
        return None
    return AsWritten(names[at], found[0], name, later, "" if later else nearest_one(name, have, _LIKE))
