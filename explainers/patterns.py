"""Regular expressions that are compiled when they are first used.

The rules know some 150 of them and a healthy service needs hardly any: compiling all at import took a third of the
time that `tessera diagnose` needs to start.
"""

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any


class Pattern:
    """The methods of `re.Pattern` that are used here, compiled at the first call."""

    def __init__(self, text: str, flags: int = 0) -> None:
        self.text = text
        self.flags = flags

    @cached_property
    def compiled(self) -> "re.Pattern[str]":
        return re.compile(self.text, self.flags)

    def search(self, text: str, start: int = 0) -> "re.Match[str] | None":
        return self.compiled.search(text, start)

    def match(self, text: str, start: int = 0) -> "re.Match[str] | None":
        return self.compiled.match(text, start)

    def fullmatch(self, text: str) -> "re.Match[str] | None":
        return self.compiled.fullmatch(text)

    def finditer(self, text: str) -> "Iterator[re.Match[str]]":
        return self.compiled.finditer(text)

    def findall(self, text: str) -> list[Any]:
        return self.compiled.findall(text)

    def sub(self, by: "str | Callable[[re.Match[str]], str]", text: str, count: int = 0) -> str:
        return self.compiled.sub(by, text, count)

    def split(self, text: str) -> list[str]:
        return self.compiled.split(text)


def pattern(text: str, flags: int = 0) -> Pattern:
    """Like `re.compile`, later."""
    return Pattern(text, flags)
