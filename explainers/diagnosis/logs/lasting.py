"""Whether the failed connections in the log of a program that is well are its trouble now, or overcome."""

from functools import lru_cache
from itertools import pairwise

from explainers.diagnosis.logs.connections import Connection, every_failure, failed_connections
from explainers.diagnosis.logs.lines import lines_of
from explainers.patterns import pattern

LATEST = 20
"""Lines at the end of a log that count as now."""
LATELY = 5
"""Of a line that comes again and again, so many of the last times tell how often."""

_WORKS = r"(?<!not )(?<!never )(?:\b(?:re)?connected\b|\brecovered\b|established\b|\bsucce(?:ss|ed))"
_SUCCESS = pattern(_WORKS, 2)
_ANSWERED = pattern(rf"{_WORKS}|\b2\d\d\b|\bok\b|\bpong\b|\bready\b|\bis (?:up|back)\b", 2)
_TO_WHOM = pattern(r"\b(?:to|with|from) \S", 2)


@lru_cache(maxsize=16)
def not_overcome(log: str) -> tuple[Connection, ...]:
    """The failed connections among the latest lines after which no line says that it works again, the latest first."""
    lines = lines_of(log)
    failed = {one.index for one in every_failure(log)}
    return tuple(
        one for one in failed_connections(log)
        if len(lines) - one.index <= LATEST
        and not any(_works(lines[at], one) for at in range(one.index + 1, len(lines)) if at not in failed)
    )  # fmt: skip


@lru_cache(maxsize=16)
def going_on(log: str) -> tuple[Connection, ...]:
    """Those of them that have come again and again up to the end of the log, the latest first: no more lines follow the
    last time than stood between the times before."""
    total = len(lines_of(log))
    found = []
    for one in not_overcome(log):
        times = _times(log, one)
        apart = max((later - earlier for earlier, later in pairwise(times[-LATELY:])), default=0)
        if total - times[-1] <= apart <= LATEST:
            found.append(one)
    return tuple(found)


def times_lately(log: str, call: Connection) -> int:
    """How many of the latest lines say that this connection failed."""
    first = len(lines_of(log)) - LATEST
    return sum(at >= first for at in _times(log, call))


def _times(log: str, call: Connection) -> list[int]:
    """The places of the lines about one target, however it failed."""
    same = (call.host, call.port, call.ip)
    return [each.index for each in every_failure(log) if (each.host, each.port, each.ip) == same]


def _works(line: str, call: Connection) -> bool:
    """Whether a line says that what is called answers: it names that, or nothing at all."""
    names = [name for name in (call.host.split(".")[0], call.ip) if name]
    if any(name in line.lower() for name in names):
        return _ANSWERED.search(line) is not None
    return _SUCCESS.search(line) is not None and not (names and _TO_WHOM.search(line))
