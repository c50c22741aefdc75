r"""`.dockerignore` as BuildKit reads it, with expressions that no pattern can make slow.

Syntax: https://docs.docker.com/build/concepts/context/#dockerignore-files. `*`, `?` and `[a-z]` stay inside one path
component, `**` crosses them, `!` takes back, the last pattern that matches wins, and what matches a folder matches all
below it. A gap is filled at the first place where the text after it fits and never tried again (an atomic group). That
is right because what is left of a component after `*`, and what comes after `**`, only shrinks with a later place.
"""

import posixpath
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

from commands.base.errors import UsageError

MOST_PATTERNS = 1000
MOST_DOUBLE_STARS = 4
_MEMBER = r"(?:\\.|[^\\\]\-])"
_TOKEN = re.compile(rf"\*\*/?|\*|\?|\\.|\[\^?(?:{_MEMBER}(?:-{_MEMBER})?)+\]|[^*?\[\\]+", re.DOTALL)
_RANGE = re.compile(rf"({_MEMBER})(?:-({_MEMBER}))?", re.DOTALL)
_SPECIAL = re.compile(r"[*?\[\\]")
_STAR = "*"
_ANYWHERE = "**"


@dataclass(frozen=True)
class Pattern:
    """One line. `takes_back` is `!`; `matches` says whether it fits a whole path."""

    takes_back: bool
    matches: Callable[[str], bool]


class Ignore:
    """The patterns of one file, asked with paths relative to the context, in any order."""

    def __init__(self, text: str) -> None:
        self._patterns = parse(text)
        self._folders: dict[str, int] = {"": 0}

    def ignores(self, path: str) -> bool:
        """Whether `path` is left out of the context."""
        fitting = self._fitting(path)
        return fitting != 0 and not self._patterns[fitting.bit_length() - 1].takes_back

    def _fitting(self, path: str) -> int:
        """The patterns that match the path or a folder above it, the first as the lowest bit."""
        fitting = self._folder(posixpath.dirname(path))
        for number, pattern in enumerate(self._patterns):
            if not fitting >> number & 1 and pattern.matches(path):
                fitting |= 1 << number
        return fitting

    def _folder(self, path: str) -> int:
        unknown = []
        while path not in self._folders:
            unknown.append(path)
            path = posixpath.dirname(path)
        for path in reversed(unknown):
            self._folders[path] = self._fitting(path)
        return self._folders[path]


def parse(text: str) -> Sequence[Pattern]:
    """The patterns of a `.dockerignore`. Raises UsageError that names the line."""
    found: list[Pattern] = []
    for number, raw in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        line = raw.strip()
        if not line or raw.startswith("#"):
            continue
        try:
            takes_back = line.startswith("!")
            found.append(Pattern(takes_back, _matcher(line[1:].strip() if takes_back else line)))
            if len(found) > MOST_PATTERNS:
                raise ValueError(f"more than {MOST_PATTERNS} patterns")
        except (ValueError, re.error) as error:
            shown = line if len(line) <= 80 else f"{line[:79]}…"
            raise UsageError(f"Line {number} of .dockerignore, {shown}, is wrong: {error}.", "correct it") from error
    return found


def _matcher(written: str) -> Callable[[str], bool]:
    if not written:
        raise ValueError("nothing follows the `!`")
    pattern = posixpath.normpath(written).lstrip("/")
    if not _SPECIAL.search(pattern):
        return pattern.__eq__
    end = pattern.removeprefix(_ANYWHERE)
    if end != pattern and end and not end.startswith("/") and not _SPECIAL.search(end):
        return lambda path: path.endswith(end)  # `**x` alone is not `**/x`: it fits the end of a name, too
    tokens = _tokens(pattern)
    doubles = tokens.count(_ANYWHERE)
    if doubles > MOST_DOUBLE_STARS:
        raise ValueError(f"`**` more than {MOST_DOUBLE_STARS} times")
    choices = product((False, True), repeat=doubles)
    expression = re.compile("|".join(_expression(_segments(tokens, choice)) for choice in choices), re.DOTALL)
    return lambda path: expression.fullmatch(path) is not None


def _tokens(pattern: str) -> list[str]:
    """Expressions of single characters and literal runs, and the two kinds of gap as they are written."""
    found: list[str] = []
    at = 0
    while at < len(pattern):
        token = _TOKEN.match(pattern, at)
        if not token:
            raise ValueError("a `[` without its `]`, or a `\\` at the end" if pattern[at] in "[\\" else "unreadable")
        at = token.end()
        word = token.group()
        if word.startswith(_ANYWHERE):
            if found[-1:] != [_ANYWHERE]:
                found.append(_ANYWHERE)
        elif word == _STAR:
            found.append(_STAR)
        else:
            found.append(_single(word))
    return found


def _single(word: str) -> str:
    match word[0]:
        case "?":
            return "[^/]"
        case "\\":
            return re.escape(word[1])
        case "[":
            negated = "^" if word.startswith("[^") else ""
            parts = _RANGE.findall(word[1 + len(negated) : -1])
            return f"(?!/)[{negated}{''.join(_span(low, high) for low, high in parts)}]"
        case _:
            return re.escape(word)


def _span(low: str, high: str) -> str:
    first, last = re.escape(low[-1]), re.escape(high[-1:])
    return f"{first}-{last}" if last else first


def _segments(tokens: list[str], choice: tuple[bool, ...]) -> list[list[str]]:
    """The tokens cut at each `**` that this choice fills; one that it leaves empty vanishes, but not at the end."""
    fills = iter(choice)
    segments: list[list[str]] = [[]]
    for number, token in enumerate(tokens):
        if token != _ANYWHERE:
            segments[-1].append(token)
        elif next(fills) or number == len(tokens) - 1:
            segments.append([])
    return segments


def _expression(segments: list[list[str]]) -> str:
    first, *rest = segments
    if not rest:
        return _chunks(first, last=True)
    *middle, end = rest
    tail = f".*/{_chunks(end, last=True)}" if end else ".*"
    return _chunks(first) + "".join(f"(?>.*?/{_chunks(each)})" for each in middle) + tail


def _chunks(segment: list[str], last: bool = False) -> str:
    """A segment without `**`. Where it is the last one, its last `*` reaches to the end."""
    chunks = [""]
    for token in segment:
        if token == _STAR:
            chunks.append("")
        else:
            chunks[-1] += token
    first, *rest = chunks
    if last and rest:
        return first + "".join(f"(?>[^/]*?{each})" for each in rest[:-1]) + f"[^/]*{rest[-1]}"
    return first + "".join(f"(?>[^/]*?{each})" for each in rest)
