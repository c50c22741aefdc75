"""The text of a ConfigMap or file as plain values, with the line of every key.

JSON and YAML, bounded: whoever writes an entry can neither make it so deep or so big that reading it hurts (aliases of
aliases included), nor make anything but texts, numbers, booleans, nulls, lists and mappings of it.
"""

import json
import math
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

import yaml

LONGEST, DEEPEST, MOST = 256 * 1024, 50, 50_000
Path = tuple[str | int, ...]
QUOTE = 'A template stands in quotes: `name: "{{ instance.name }}"`.'
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_HALVES = re.compile("[\ud800-\udfff]")
_MERGE = "<<"
_TAGS = "tag:yaml.org,2002:"
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"), False),
}
_NUMBERS = (
    (re.compile(r"[-+]?(0|[1-9][0-9]{0,39})"), int),
    (re.compile(r"[-+]?0o?[0-7]{1,39}"), lambda text: int(text.replace("o", ""), 8)),
    (re.compile(r"[-+]?0x[0-9a-fA-F]{1,39}"), lambda text: int(text, 16)),
    (re.compile(r"[-+]?([0-9]{1,40}\.[0-9]{0,40}|\.[0-9]{1,40}|[0-9]{1,40})([eE][-+]?[0-9]{1,3})?"), float),
)


class Unreadable(ValueError):
    """The text is not what it should be; `line` counts from 1 in it, 0 where that is not known."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.message, self.line = message, line


@dataclass(frozen=True)
class Decoded:
    """What a text says. `marks` are the lines of keys and items, `blocks` those where a text of many lines begins
    (`key: |`): its first line is the next one."""

    value: Any
    text: str = field(default="", repr=False)
    marks: dict[Path, int] | None = field(default=None, repr=False)
    blocks: dict[Path, int] = field(default_factory=dict, repr=False)

    @cached_property
    def _lines(self) -> dict[Path, int]:
        """JSON is read without lines, which only mistakes need; it is YAML, too, but for tabs."""
        if self.marks is not None:
            return self.marks
        try:
            return next(_documents(self.text.replace("\t", " "))).marks or {}
        except (Unreadable, StopIteration):
            return {}

    def line(self, path: Path) -> int:
        """The line of the key or item, or of the nearest thing around it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self._lines:
                return self._lines[path[:length]]
        return self._lines.get((), 1)


def decode(text: str) -> Decoded:
    """Raises Unreadable for what is no single JSON or YAML document within the limits."""
    if len(text) > LONGEST:
        raise Unreadable(f"These are {len(text) // 1024} kB; at most {LONGEST // 1024} kB are read.")
    broken: Unreadable | None = None
    if text.lstrip()[:1] in ("{", "["):
        try:
            return Decoded(plain(json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)), text)
        except json.JSONDecodeError as error:
            broken = Unreadable(f"This is no JSON: {error.msg.lower()}.", error.lineno)
        except RecursionError:
            raise _too_deep(0) from None
        except Unreadable:
            raise
        except ValueError as error:  # an integer of thousands of digits
            raise Unreadable(f"This is no JSON: {error}.") from None
    try:
        documents = list(_documents(text))
    except Unreadable as error:
        raise broken if broken and "{{" not in text else error from None
    if not documents:
        raise Unreadable("This is empty.")
    if len(documents) != 1:
        raise Unreadable(f"One document is expected here, not {len(documents)}.")
    return Decoded(plain(documents[0].value), text, documents[0].marks, documents[0].blocks)


def documents(text: str, longest: int = 16 * LONGEST) -> list[Decoded]:
    """Every document of a file. Raises Unreadable."""
    if len(text) > longest:
        raise Unreadable(f"This file has {len(text) // 1024} kB; at most {longest // 1024} kB are read.")
    if text.lstrip()[:1] == "{":
        with suppress(ValueError, RecursionError):
            return [Decoded(plain(json.loads(text, object_pairs_hook=_once), 16 * MOST), text)]
    return [Decoded(plain(one.value, 16 * MOST), text, one.marks, one.blocks) for one in _documents(text)]


def plain(value: Any, most: int = MOST, deepest: int = DEEPEST) -> Any:
    """A copy of JSON-like data without anything shared, merged or too deep. Raises Unreadable."""
    left = [most]

    def copy(thing: Any, depth: int) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise Unreadable(f"This has more than {most} values, aliases counted; that is too much.")
        if depth > deepest:
            raise _too_deep(0, deepest)
        if isinstance(thing, dict):
            merged = [copy(each, depth + 1) for each in _merged(thing)]
            own = {copy(_key(key), depth): copy(item, depth + 1) for key, item in thing.items() if key is not _Merge}
            return {key: item for one in (*reversed(merged), own) for key, item in one.items()}
        if isinstance(thing, list | tuple):
            return [copy(item, depth + 1) for item in thing]
        if isinstance(thing, float) and not math.isfinite(thing):
            raise Unreadable(f"{thing} is no number that JSON knows.")
        if isinstance(thing, int) and abs(thing) >= 2**64:
            raise Unreadable("A whole number here has at most 64 bits: write a longer one as a text, in quotes.")
        if isinstance(thing, str) and _HALVES.search(thing):
            raise Unreadable("A text here holds half of a character (a lone surrogate), which nothing can send on.")
        if thing is None or isinstance(thing, str | bool | int | float):
            return thing
        raise Unreadable(f"A {type(thing).__name__} is no value that JSON knows.")

    return copy(value, 0)


class _Merge:
    """Stands for the key `<<` until the mappings that it names are complete."""


def _merged(thing: dict[Any, Any]) -> list[Any]:
    if _Merge not in thing:
        return []
    found = thing[_Merge]
    each = found if isinstance(found, list) else [found]
    if not all(isinstance(one, dict) for one in each):
        raise Unreadable("`<<` takes the keys of a mapping, or of a list of mappings.")
    return each


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise Unreadable(f'The key {key} is no text: write "{key}" in quotes.')
    return key


def _too_deep(line: int, deepest: int = DEEPEST) -> Unreadable:
    return Unreadable(f"This is nested more than {deepest} levels deep; that is too much.", line)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise Unreadable(f"The key `{key}` stands here twice.")
        found[key] = value
    return found


def _no_number(name: str) -> Any:
    raise Unreadable(f"{name} is no number that JSON knows.")


@dataclass
class _Open:
    """A list or mapping whose end has not been read; in a mapping, `key` waits for its value."""

    holder: Any
    path: Path
    key: Any = None
    waits: bool = False


def _documents(text: str) -> Iterator[Decoded]:
    try:
        yield from _built(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        raise _no_yaml(text, error.problem or "", line) from None
    except (yaml.YAMLError, UnicodeError) as error:
        raise _no_yaml(text, str(error).splitlines()[0], 0) from None


def _no_yaml(text: str, why: str, line: int) -> Unreadable:
    rows = text.splitlines()
    templated = 0 < line <= len(rows) and "{{" in rows[line - 1]
    return Unreadable(f"This is no YAML: {why}." + (f" {QUOTE}" if templated else ""), line)


def _built(text: str) -> Iterator[Decoded]:
    stack: list[_Open] = []
    anchors: dict[str, Any] = {}
    marks: dict[Path, int] = {}
    blocks: dict[Path, int] = {}
    for event in yaml.parse(text, Loader=_LOADER):
        line = event.start_mark.line + 1 if event.start_mark else 0
        match event:
            case yaml.DocumentStartEvent():
                stack, anchors, marks, blocks = [_Open([], ())], {}, {}, {}
            case yaml.DocumentEndEvent():
                yield Decoded(stack[0].holder[0], text, marks, blocks)
            case yaml.ScalarEvent():
                value = _scalar(event, line)
                path = _put(stack, value, line, marks)
                _remember(anchors, event.anchor, value)
                if event.style in ("|", ">"):
                    blocks[path] = line
            case yaml.AliasEvent():
                if event.anchor not in anchors:
                    raise Unreadable(f"`*{event.anchor}` names an anchor that stands nowhere before.", line)
                _put(stack, anchors[event.anchor], line, marks)
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                if len(stack) > DEEPEST:
                    raise _too_deep(line)
                holder: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
                path = _put(stack, holder, line, marks)
                _remember(anchors, event.anchor, holder)
                stack.append(_Open(holder, path))
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                stack.pop()


def _remember(anchors: dict[str, Any], anchor: str | None, value: Any) -> None:
    if anchor:
        anchors[anchor] = value


def _put(stack: list[_Open], value: Any, line: int, marks: dict[Path, int]) -> Path:
    """Give the value to the innermost list or mapping; where it stands."""
    top = stack[-1]
    if isinstance(top.holder, list):
        top.holder.append(value)
        path = top.path if len(stack) == 1 else (*top.path, len(top.holder) - 1)
        marks.setdefault(path, line)
        return path
    if top.waits:
        top.holder[top.key], top.waits = value, False
        return (*top.path, _MERGE if top.key is _Merge else top.key)
    if isinstance(value, dict | list):
        raise Unreadable(f"A key is a text, not a mapping or list. {QUOTE}", line)
    if value != _MERGE and not isinstance(value, str):
        raise Unreadable(f'The key {value} is no text: write "{value}" in quotes.', line)
    if value in top.holder:
        raise Unreadable(f"The key `{value}` stands here twice.", line)
    top.key, top.waits = (_Merge if value == _MERGE else value), True
    marks.setdefault((*top.path, cast(str, value)), line)
    return top.path


def _scalar(event: yaml.ScalarEvent, line: int) -> Any:
    text = str(event.value)
    tag = (event.tag or "").removeprefix(_TAGS)
    if tag in ("str", "!") or (not tag and not event.implicit[0]):
        return text
    if tag not in ("", "int", "float", "bool", "null"):
        raise Unreadable(f"The tag `{event.tag}` is not read here.", line)
    if text in _WORDS:
        return _WORDS[text]
    for form, number in _NUMBERS:
        if form.fullmatch(text):
            return number(text)
    return text
