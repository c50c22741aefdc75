"""ConfigMaps as they come, of whatever shape, with the words and lines that their mistakes are told with."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from explainers.catalog.decoding import Decoded, Path, Unreadable, decode
from explainers.catalog.fields import Notes
from explainers.catalog.model import Problem
from explainers.catalog.tables import NAME

Place = Callable[[Path, int], int]
"""From a path in the ConfigMap, and a line in the text there (0: none), to the line that people look for."""
_TEAM = re.compile(r"[\"']?team[\"']?\s*:\s*[\"']?([a-z0-9-]+)", re.I)


def in_value(_: Path, line: int) -> int:
    """Lines of a ConfigMap in a cluster are those in the value of its data key."""
    return line


class BadCatalog(ValueError):
    """Something in a catalog is wrong; `problems` say what and where."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Source:
    """One ConfigMap. `shown` is what its mistakes call it: its name, or the file.

    A value of `data` may be read already, where a file is an entry without a ConfigMap around it.
    """

    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, str | Decoded] = field(default_factory=dict, repr=False)
    created: str = ""
    shown: str = ""
    place: Place = in_value

    def notes(self, path: Path = (), within: Decoded | None = None, team: str = "") -> Notes:
        """For mistakes at `path` in the ConfigMap, or `within` the text there."""
        if within is None:
            return Notes(self.shown, lambda _: self.place(path, 0), team)
        return Notes(self.shown, lambda at: self.place(path, within.line(at)), team)


def source(raw: Any, shown: str = "", place: Place = in_value) -> Source:
    """A ConfigMap object; whatever in it has not the shape of one is left out."""
    configmap = _mapping(raw)
    metadata = _mapping(configmap.get("metadata"))
    name = metadata.get("name")
    known = name if isinstance(name, str) else ""
    created = metadata.get("creationTimestamp")
    return Source(
        known,
        _texts(metadata.get("labels")),
        _texts(configmap.get("data")),
        created if isinstance(created, str) else "",
        shown or known or "a ConfigMap without a name",
        place,
    )


def _mapping(thing: Any) -> Mapping[Any, Any]:
    return thing if isinstance(thing, Mapping) else {}


def _texts(thing: Any) -> dict[str, str]:
    return {key: text for key, text in _mapping(thing).items() if isinstance(key, str) and isinstance(text, str)}


@dataclass(frozen=True)
class Found:
    """The data of a ConfigMap that counts: under which path, and what it says."""

    path: Path
    decoded: Decoded


def find(one: Source, names: tuple[str, ...]) -> Found:
    """What stands under one of the data keys, in any letter case. Raises BadCatalog."""
    keys = [key for key in one.data if key.casefold() in names]
    if len(keys) != 1:
        listed = " or ".join(f"`{name}`" for name in names)
        have = ", ".join(f"`{key}`" for key in sorted(one.data)[:5]) or "nothing"
        message = f"The data key {listed} is missing: here is {have}." if not keys else f"Keep one of {_listed(keys)}."
        raise refusal(one, ("data",), message)
    path: Path = ("data", keys[0])
    text = one.data[keys[0]]
    if isinstance(text, Decoded):
        return Found(path, text)
    try:
        return Found(path, decode(text))
    except Unreadable as error:
        line = one.place(path, error.line)
        raise BadCatalog([Problem(one.shown, line, "", error.message, _team(text))]) from None


def refusal(one: Source, path: Path, message: str) -> BadCatalog:
    """About the ConfigMap itself. Its team is what its text seems to say."""
    texts = [text for text in one.data.values() if isinstance(text, str)]
    notes = one.notes(path, team=next(filter(None, map(_team, texts)), ""))
    notes.add((), message)
    return BadCatalog(notes.problems)


def _listed(keys: Sequence[str]) -> str:
    return ", ".join(f"`{key}`" for key in keys)


def _team(text: str) -> str:
    """Whose a text is that cannot be read as a whole."""
    found = _TEAM.search(text[:100_000])
    return found[1] if found and NAME.fits(found[1]) else ""
