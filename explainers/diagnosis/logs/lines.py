"""The line of a log that tells why a process ended.

It may stand thousands of lines above the end, need not contain the word "error", and often has lines beside it
that do ("0 errors"). So every line is weighed: what it says, at which level, how rare its shape is in this log.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from explainers.diagnosis.logs import words as words
from explainers.diagnosis.logs.tongues import reader
from explainers.patterns import pattern

WIDTH = 240
"""Characters of a line that are shown."""
TRACEBACK = 95
"""The weight of a line that a stack trace ends with, or that names an exception."""
ERROR_LEVEL = 75
"""The weight of a line that is logged at the level of errors."""
TROUBLED = 55
"""The weight of a line that says in plain words that something failed."""
CHATTER = 20
"""Lines of one shape, beyond which they are a process's normal talk."""
SAME_WORDS = 5
"""Words that begin two lines which say the same of different reasons; fewer may be a logger's name."""
BELOW_BANNER = 3
"""Lines below a banner (`*** FATAL CONFIG FILE ERROR ***`) that say what it is about."""

_FATAL, _ERRORS = ("fatal", "panic", "critical"), ("error", "err")
_CALM_LEVELS, _OF_ERRORS = ("trace", "debug", "info", "notice"), ("error", "err", "exception")
_NUMBERS = pattern(r"\d+")
_BANNER = pattern(r"^([*=#!-])\1+ .+ \1{2,}$")
_SAYS_NEXT = pattern(r"panicked at \S+:$|^(?:fatal )?error:?$|^=\w+ REPORT=", re.IGNORECASE)


@dataclass(frozen=True)
class Telling:
    """The telling line of a log: `line` cleaned for reading, `index` its place among `total` lines (from 0).

    `weight` says how clearly it names a failure, from 0 (merely the last line) to about 100; `english` is the line with
    what the C library says in another language in English.
    """

    line: str
    index: int
    total: int
    weight: int
    english: str

    @property
    def place(self) -> str:
        """Where it stands, when that is not the end: `line 2 of 3502`."""
        return f"line {self.index + 1} of {self.total}" if self.total - self.index > 20 else ""


@lru_cache(maxsize=16)
def telling(log: str) -> Telling | None:
    """The line that most likely says why the process ended; None when the log is empty.

    Without any sign of failure it is the last line, with weight 0.
    """
    lines = lines_of(log)
    if not lines:
        return None
    shapes = Counter(_shape(line) for line in lines)
    read = reader(log)
    by_shape = {_shape(line): weight_of(read(line)) for line in reversed(lines)}
    weights = [_placed(by_shape[_shape(one)], shapes[_shape(one)], len(lines) - at) for at, one in enumerate(lines)]
    for index in _named_by_traceback(lines):
        weights[index] = max(weights[index], TRACEBACK)
    best = max(weights)
    index = max(place for place, weight in enumerate(weights) if weight == best) if best > 0 else len(lines) - 1
    index = _said_anew(lines, index) if best > 0 else index
    line = _with_next(lines, index)
    return Telling(line, index, len(lines), best, read(line))


def _said_anew(lines: Sequence[str], index: int) -> int:
    """The last line that says the same of another reason: what a program that goes on has met since.

    The same is more than half of the words of the shorter one, the first ones, and at least five.
    """
    said = _shape(clean(lines[index])).split()
    if len(said) <= SAME_WORDS:
        return index
    later = ((at, _shape(clean(lines[at])).split()) for at in range(len(lines) - 1, index, -1))
    return next((at for at, other in later if _say_the_same(said, other)), index)


def _say_the_same(said: Sequence[str], other: Sequence[str]) -> bool:
    same = max(SAME_WORDS, min(len(said), len(other)) // 2 + 1)
    return len(said) > same and other[:same] == said[:same]


def _named_by_traceback(lines: Sequence[str]) -> Iterator[int]:
    """The lines that end Python tracebacks: they name the exception, whatever it is called."""
    inside = False
    for index, line in enumerate(lines):
        if line.startswith("Traceback (most recent call last)"):
            inside = True
        elif inside and not line[0].isspace():
            inside = False
            if not words.HUNG_UP.search(line):
                yield index


def lines_of(log: str) -> list[str]:
    """The lines that say something, without colour codes; none when the log itself could not be read."""
    return list(_lines(log))


@lru_cache(maxsize=16)
def _lines(log: str) -> tuple[str, ...]:
    if words.UNREADABLE.match(log):
        return ()
    lines = log.splitlines()
    if words.COLOUR.search(log):  # looked for once, as most logs have none
        lines = [words.COLOUR.sub("", line) for line in lines]
    return tuple(said for line in lines if (said := line.rstrip()))


def tail(log: str, count: int = 4) -> tuple[str, ...]:
    """The last lines, cleaned for reading."""
    return tuple(clean(line) for line in lines_of(log)[-count:])


def clean(line: str) -> str:
    """One line as people read it: without time stamp, JSON wrapping, passwords in addresses; cut to WIDTH."""
    said = words.STAMP.sub("", _unwrapped(line.strip())).strip() or line.strip()
    said = " ".join(words.PASSWORD.sub(r"\1***@", said).replace("`", "'").split())
    return said if len(said) <= WIDTH else said[: WIDTH - 1] + "…"


def loud(log: str, latest: int) -> list[bool]:
    """Of each of the latest lines, whether it says by itself that something failed."""
    read = reader(log)
    return [weight_of(read(line)) >= TROUBLED for line in lines_of(log)[-latest:]]


def repeated(log: str, first: int, least: int) -> Telling | None:
    """Of the lines from this place on that are logged as errors, or name an exception, the last of those that come most
    often; None where none comes so often at least."""
    lines, read = lines_of(log), reader(log)
    found = [(at, weight) for at in range(first, len(lines)) if (weight := weight_of(read(lines[at]))) >= ERROR_LEVEL]
    shapes = Counter(_shape(lines[at]) for at, _ in found)
    if max(shapes.values(), default=0) < least:
        return None
    index, weight = max(found, key=lambda one: (shapes[_shape(lines[one[0]])], one[0]))
    line = _with_next(lines, index)
    return Telling(line, index, len(lines), weight, read(line))


def as_error(line: str) -> bool:
    """Whether a line is logged at the level of errors, or of worse."""
    said, level = _unwrapped(line), _level(line)
    return level in (*_FATAL, *_ERRORS) or bool(words.ABORT.search(said) or words.ERROR.search(said))


def says_no_error(line: str) -> bool:
    """Whether a JSON line at a level below warnings has the field of an error, and nothing in it."""
    fields, level = _fields(line), _level(line)
    empty = [key for key in _OF_ERRORS if key in fields and not fields[key]]
    return bool(empty) and level in _CALM_LEVELS


def weight_of(line: str) -> int:
    """How clearly the line by itself says that something failed."""
    said, level = words.STAMP.sub("", _unwrapped(line)), _level(line)
    weight = _loudness(said, level)
    weight -= 45 if words.CALM.search(said) or words.ADVICE.match(said) or words.falls_back(said) else 0
    weight -= 30 if words.INFO.search(said) or level in ("info", "debug") else 0
    weight -= 25 if words.WARNING.search(said) or level.startswith("warn") else 0
    weight -= 45 if words.HUNG_UP.search(said) else 0
    return max(0, weight)


def _loudness(said: str, level: str) -> int:
    if words.ABORT.search(said) or level in _FATAL:
        return 100
    if words.EXCEPTION.match(said):
        return TRACEBACK
    if words.FRAME.match(said) or words.ACCESS.search(said):
        return 0
    if words.ERROR.search(said) or level in _ERRORS:
        return ERROR_LEVEL
    return TROUBLED if words.TROUBLE.search(said) or words.ELSEWHERE.search(said) else 0


def _placed(weight: int, alike: int, from_end: int) -> int:
    """Chatter weighs less, the last lines a little more."""
    if not weight:
        return 0
    return max(0, weight - (30 if alike > CHATTER else 0)) + (5 if from_end <= 10 else 0)


def _with_next(lines: Sequence[str], index: int) -> str:
    """The line cleaned; a Rust panic and a bare `Error:` say what happened on the next line, a banner on the next
    few."""
    said = clean(lines[index])
    below = BELOW_BANNER if _BANNER.match(said) else 1 if _SAYS_NEXT.search(said) else 0
    return clean(" ".join([said, *(line.strip() for line in lines[index + 1 : index + 1 + below])])) if below else said


def _shape(line: str) -> str:
    return _NUMBERS.sub("0", line)


def _fields(line: str) -> dict[str, object]:
    if not line.lstrip().startswith("{"):
        return {}
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _level(line: str) -> str:
    fields = _fields(line)
    found = next((fields[key] for key in ("level", "severity", "lvl", "levelname") if fields.get(key)), "")
    return str(found).lower()


def _unwrapped(line: str) -> str:
    """The message of a JSON log line, with its error if that stands apart; any other line unchanged."""
    fields = _fields(line)
    keys = ("msg", "message", "event", *_OF_ERRORS)
    said = [_words_of(fields[key]) for key in keys if fields.get(key)]
    return ": ".join(dict.fromkeys(said)) or line


def _words_of(value: object) -> str:
    """A field in words: of an error that is an object itself, its message; other objects as they are written."""
    if not isinstance(value, dict):
        return str(value)
    inner = next((value[key] for key in ("message", "msg", "reason", "error") if isinstance(value.get(key), str)), "")
    return inner or json.dumps(value)
