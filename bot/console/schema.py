"""Small combinators that describe the shape of JSON and list what is wrong with it, in Slack's own words.

A check takes a value and its JSON pointer and yields problems; it never raises. Composing them keeps every limit of
Block Kit visible in one declarative table (`bot.console.block_kit`) instead of spread over nested conditions.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Problem:
    """One reason why Slack would refuse a structure, at `pointer` (RFC 6901)."""

    message: str
    pointer: str

    def __str__(self) -> str:
        return f"[ERROR] {self.message} [json-pointer:{self.pointer}]"


Problems = Iterator[Problem]
Check = Callable[[Any, str], Problems]


def string(most: int, least: int = 1) -> Check:
    """A string of `least` to `most` characters."""

    def check(value: Any, at: str) -> Problems:
        if not isinstance(value, str):
            yield Problem("must provide a string", at)
        elif len(value) < least:
            yield Problem(f"must be more than {least - 1} characters", at)
        elif len(value) > most:
            yield Problem(f"must be less than {most + 1} characters", at)

    return check


def url(most: int) -> Check:
    """An absolute http, https or mailto address of at most `most` characters."""

    def check(value: Any, at: str) -> Problems:
        found = list(string(most)(value, at))
        yield from found
        if not found and not value.startswith(("http://", "https://", "mailto:")):
            yield Problem("must be a valid URL", at)

    return check


def matching(pattern: str, what: str) -> Check:
    """A string that matches `pattern` as a whole."""

    def check(value: Any, at: str) -> Problems:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            yield Problem(f"must be {what}", at)

    return check


def boolean(value: Any, at: str) -> Problems:
    """True or false; the strings "true" and "false" are refused, as in Slack."""
    if not isinstance(value, bool):
        yield Problem("must provide a boolean", at)


def integer(least: int, most: int) -> Check:
    """A whole number between `least` and `most`, both included."""

    def check(value: Any, at: str) -> Problems:
        if isinstance(value, bool) or not isinstance(value, int):
            yield Problem("must provide an integer", at)
        elif value < least:
            yield Problem(f"must be greater than or equal to {least}", at)
        elif value > most:
            yield Problem(f"must be less than or equal to {most}", at)

    return check


def anything(_value: Any, _at: str) -> Problems:
    """Accepted whatever it is: a field of Slack's that this console neither shows nor limits."""
    return iter(())


def one_of(*allowed: str) -> Check:
    """One of a few words."""

    def check(value: Any, at: str) -> Problems:
        if value not in allowed:
            yield Problem(f"must be a valid enum value ({', '.join(allowed)})", at)

    return check


def array(item: Check, most: int, least: int = 1) -> Check:
    """A list of `least` to `most` items, each of which passes `item`."""

    def check(value: Any, at: str) -> Problems:
        if not isinstance(value, list):
            yield Problem("must provide an array", at)
            return
        if len(value) > most:
            yield Problem(f"no more than {most} items allowed", at)
        if len(value) < least:
            yield Problem(f"no fewer than {least} items allowed", at)
        for index, each in enumerate(value):
            yield from item(each, f"{at}/{index}")

    return check


def fields(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with these fields and no others."""
    known = {**required, **(optional or {})}

    def check(value: Any, at: str) -> Problems:
        if not isinstance(value, dict):
            yield Problem("must provide an object", at)
            return
        for name in required:
            if value.get(name) is None:
                yield Problem(f"missing required field: {name}", at)
        for name, each in value.items():
            if name not in known:
                yield Problem(f"invalid additional property: {name}", at)
            elif each is not None:
                yield from known[name](each, f"{at}/{name}")

    return check


def by_type(table: Mapping[str, Check]) -> Check:
    """An object whose `type` names the check that applies to the rest of it."""

    def check(value: Any, at: str) -> Problems:
        if not isinstance(value, dict):
            yield Problem("must provide an object", at)
            return
        name = value.get("type")
        if name is None:
            yield Problem("missing required field: type", at)
        elif not isinstance(name, str) or name not in table:
            yield Problem(f"unsupported type: {name}", f"{at}/type")
        else:
            yield from table[name]({key: each for key, each in value.items() if key != "type"}, at)

    return check


def every(*checks: Check) -> Check:
    """All of the checks, one after the other."""

    def check(value: Any, at: str) -> Problems:
        for each in checks:
            yield from each(value, at)

    return check


def objects_only(rule: Callable[[Json, str], Problems]) -> Check:
    """A rule across fields: it runs on objects alone, their shape being another check's business."""

    def check(value: Any, at: str) -> Problems:
        if isinstance(value, dict):
            yield from rule(value, at)

    return check
