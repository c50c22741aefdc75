"""Keys of a mapping as the tables describe them: found in any letter case, checked, and every mistake noted."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from explainers.catalog.decoding import Path
from explainers.catalog.model import Json, Problem
from explainers.catalog.tables import NAME, VALUE, Form, Key, Shape
from explainers.redaction import redact


class Notes:
    """Collects what is wrong with one source, each with its place."""

    def __init__(self, source: str, line: Callable[[Path], int], team: str = "") -> None:
        self.source, self.line, self.team = source, line, team
        self.problems: list[Problem] = []

    def add(self, path: Path, message: str) -> None:
        self.problems.append(Problem(self.source, self.line(path), written(path), message, self.team))


def written(path: Path) -> str:
    """`provisiondata.url`, `whitelist[0]`"""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def folded(raw: Json) -> dict[str, list[str]]:
    """The keys as they stand there, by what they are in small letters."""
    found: dict[str, list[str]] = {}
    for key in raw:
        found.setdefault(key.casefold(), []).append(key)
    return found


def read_keys(raw: Json, keys: Iterable[Key], path: Path, notes: Notes) -> dict[str, Any]:
    """The values by the names of their fields. What is absent, null or wrong is left out; what is wrong is noted."""
    have, found = folded(raw), {}
    for key in keys:
        spelled = [each for name in key.names for each in have.get(name, ()) if raw[each] is not None]
        if not spelled:
            if key.needed:
                notes.add(path, f"`{key.name}` is missing: {key.doc[0].lower()}{key.doc[1:]}{_like(key.form)}")
            continue
        if len(spelled) > 1:
            notes.add((*path, spelled[1]), f"This is `{spelled[0]}` once more: keep one of them.")
        value = _value(raw[spelled[0]], key, (*path, spelled[0]), notes)
        if value is not None:
            found[key.field] = value
    return found


def _like(form: Form) -> str:
    return f" For example `{form.example}`." if form.example else ""


def _value(value: Any, key: Key, path: Path, notes: Notes) -> Any:
    """The value as the model takes it, or None after a note."""
    match key.shape:
        case Shape.TEXT:
            return _text(value, key, path, notes)
        case Shape.TEXTS:
            return _texts(value, key, path, notes)
        case Shape.DAYS:
            return _days(value, key, path, notes)
        case Shape.COUNT:
            if isinstance(value, int) and not isinstance(value, bool) and key.least <= value <= key.most:
                return value
            notes.add(path, f"This must be a whole number from {key.least} to {key.most}, not {_named(value)}.")
        case Shape.FLAG:
            if isinstance(value, bool):
                return value
            notes.add(path, f"This must be true or false (without quotes), not {_named(value)}.")
        case Shape.MAPPING:
            if isinstance(value, dict):
                return value
            notes.add(path, f"This must be a mapping of keys to values, not {_named(value)}.")
    return None


def _text(value: Any, key: Key, path: Path, notes: Notes) -> str | None:
    if key.number and isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        if isinstance(value, bool | int | float):
            told = "This must be a text" if key.form is VALUE else f'This must be a text: write "{value}"'
            notes.add(path, f"{told} in quotes.".replace("text in", "text: put it in"))
        else:
            notes.add(path, f"This must be a text, not {_named(value)}.")
        return None
    if key.form.fits(value):
        return value
    if not value:
        notes.add(path, f"This is empty; it must be {key.form.said}.{_like(key.form)}")
    elif key.form is VALUE:
        notes.add(path, f"This must be {key.form.said}.")
    else:
        notes.add(path, f"This must be {key.form.said}, not `{shown(value)}`.{_right(value, key.form)}")
    return None


def _texts(value: Any, key: Key, path: Path, notes: Notes) -> tuple[str, ...] | None:
    if not isinstance(value, list):
        hint = f' Write ["{shown(value)}"].' if isinstance(value, str) and key.form.fits(value) else ""
        notes.add(path, f"This must be a list of texts, not {_named(value)}.{hint}")
        return None
    if len(value) > key.most:
        notes.add(path, f"This lists {len(value)}; at most {key.most} are taken.")
        return None
    each = [_text(one, key, (*path, at), notes) for at, one in enumerate(value)]
    return tuple(dict.fromkeys(one for one in each if one is not None)) if None not in each else None


def _days(value: Any, key: Key, path: Path, notes: Notes) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 9999:
        return value
    if isinstance(value, str) and key.form.fits(value):
        return int(value[:-1]) * (7 if value.endswith("w") else 1)
    notes.add(path, f"This must be {key.form.said} (`30d`, `2w`), not {_named(value)}.")
    return None


def _named(value: Any) -> str:
    """The value, in as many words as fit into a sentence."""
    match value:
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case str():
            return f'the text "{shown(value)}"'
        case bool():
            return "true" if value else "false"
        case None:
            return "nothing"
    return shown(str(value))


def shown(text: str) -> str:
    """What an entry says, fit to be repeated: one line, not long, nothing that looks like a credential."""
    line = " ".join(redact(text).split())
    return line if len(line) <= 60 else f"{line[:59]}…"


def _right(value: str, form: Form) -> str:
    """The nearest name that is allowed, or an example."""
    if form.pattern == NAME.pattern:
        name = re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")[:63].strip("-")
        if name:
            return f" Write `{name}`."
    return _like(form)
