"""Whether the failed connections in the log of a program that is well are its trouble now, or overcome."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from explainers.diagnosis.logs.connections import Connection, every_failure, failed_connections
from explainers.diagnosis.logs.lines import Telling, clean, lines_of, loud, repeated, telling
from explainers.diagnosis.logs.stamps import Stamped
from explainers.diagnosis.logs.words import ACCESS
from explainers.patterns import pattern

LATEST = 20
"""Lines at the end of a log that count as now."""
RECENT = 50
"""Lines at the end of a log of which an error is newer than one before them."""
LATELY = 5
"""Of a line that comes again and again, so many of the last times tell how often."""
PATIENCE = 3
"""So many times as long as it took from one time to the next, a program may take until the next again."""
FEW = 3
"""Fewer errors than this are no habit, and beyond so many lines after the last it has found another subject."""
LEAST, ONCE = timedelta(seconds=5), timedelta(seconds=60)
"""Silence for less than this says nothing; after a line that came once, for less than a minute."""

_WORKS = r"(?<!not )(?<!never )(?:\b(?:re)?connected\b|\brecovered\b|established\b|\bsucce(?:ss|ed))"
_SUCCESS = pattern(_WORKS, re.IGNORECASE)
_ANSWERED = pattern(
    rf"{_WORKS}|\b2\d\d\b|\bok\b|\bpong\b|\bready\b|\breachable\b|\b(?:is|are|comes?|came) (?:up|back)\b"
    r"|\bback (?:up|online|again|to normal)\b|\b(?:is|are) (?:online|healthy|available)\b",
    re.IGNORECASE,
)
_DENIED = pattern(
    r"(?:\bnot|\bnever|\bno longer|n't)(?: \w+){0,2}? (?:ready|reachable|ok|up|back|online|healthy|available)\b"
    r"|\b(?:wait(?:s|ing)?|until|unless|whether|if)\b",
    re.IGNORECASE,
)
"""What says of one of these words that it does not hold, or not yet."""
_NOT_FOUND = pattern(r"\bopen\(\) .*\bNo such file\b.*\bclient: |\bcode 404\b|\bFile does not exist: ")
"""What a web server notes of a request for what it does not have: nginx, Python, Apache."""
_TO_WHOM = pattern(r"\b(?:to|with|from) \S", re.IGNORECASE)


def timed(log: Stamped) -> tuple[Connection, ...]:
    """The failed connections of a log that goes on, the latest first, each with its time, without those of which a
    later line says by name that it works."""
    lines, failed = lines_of(log.text), {one.index for one in every_failure(log.text)}

    def works(one: Connection) -> bool:
        later = (lines[at] for at in range(one.index + 1, len(lines)) if at not in failed)
        return any(_named_in(line, one) and _works(line, one) for line in later)

    found = failed_connections(log.text)
    still = [*(one for one in found[:LATEST] if not works(one)), *found[LATEST:]]
    return tuple(replace(one, at=log.times[one.index] if log.times else None) for one in still)


def not_worked_since(log: Stamped) -> list[Connection]:
    """The failed connections, the latest first, after which no line says that it works again, however long ago."""
    lines = lines_of(log.text)
    failed = {one.index for one in every_failure(log.text)}
    return [
        replace(one, at=log.times[one.index] if log.times else None) for one in failed_connections(log.text)[:LATEST]
        if not any(_works(lines[at], one) for at in range(one.index + 1, len(lines)) if at not in failed)
    ]  # fmt: skip


def not_overcome(log: Stamped, now: datetime) -> list[Connection]:
    """Those of them among the latest lines after which silence does not say so either."""
    total = len(lines_of(log.text))
    return [
        one for one in not_worked_since(log) if total - one.index <= LATEST and not _silent_since(log, one, now)
    ]  # fmt: skip


def going_on(log: Stamped, now: datetime) -> list[Connection]:
    """Those of them that have come again and again up to the end of the log, the latest first: no more lines follow the
    last time than stood between the times before."""
    total = len(lines_of(log.text))
    found = []
    for one in not_overcome(log, now):
        times = _places(log.text, one)
        apart = max((later - earlier for earlier, later in pairwise(times[-LATELY:])), default=0)
        if total - times[-1] <= apart <= LATEST:
            found.append(one)
    return found


@dataclass(frozen=True)
class Errors:
    """The last of the lines that say that something failed, and how many of how many lines do; whether the others are
    `requests` that it notes."""

    line: str
    count: int
    total: int
    requests: bool = False


def mostly_errors(log: Stamped, now: datetime) -> Errors | None:
    """What a log says that is little else than errors up to its end, whatever they are about, beside the requests that
    it notes; None where one of its latest lines says that something works, or nothing was written for a while."""
    latest = lines_of(log.text)[-LATEST:]
    both = [(line, failed) for line, failed in zip(latest, loud(log.text, LATEST), strict=True)
            if not (_NOT_FOUND if failed else ACCESS).search(line)]  # fmt: skip
    lines, said = [line for line, _ in both], [failed for _, failed in both]
    if sum(said) < max(FEW, len(said) / 2) or not any(said[-FEW:]):
        return None
    works = any(_ANSWERED.search(line) for line, failed in zip(lines, said, strict=True) if not failed)
    if works or (log.times and now - log.times[-1] > ONCE):
        return None
    last = max(at for at, failed in enumerate(said) if failed)
    return Errors(clean(lines[last]), sum(said), len(latest), len(lines) < len(latest))


def telling_now(log: str) -> Telling | None:
    """What the log of a program that goes on tells of its trouble: where that is a connection that failed, the latest
    one, whatever its weight, since what is called may have changed meanwhile. An error that comes again and again since
    then, or since long after another one, is what it is about now."""
    told = telling(log)
    if told is None:
        return None
    failed = [one for one in every_failure(log) if one.index >= told.index]
    if not failed or failed[0].index != told.index:
        recent = told.total - RECENT
        return (told.index < recent and repeated(log, recent, FEW)) or told
    if later := repeated(log, failed[-1].index + 1, FEW):
        return later
    return replace(told, line=failed[-1].line, english=failed[-1].line, index=failed[-1].index)


def times_lately(log: Stamped, call: Connection) -> int:
    """How many of the latest lines say that this connection failed."""
    first = len(lines_of(log.text)) - LATEST
    return sum(at >= first for at in _places(log.text, call))


def _places(log: str, call: Connection) -> Sequence[int]:
    """The places of the lines about one target, however it failed."""
    same = (call.host, call.port, call.ip)
    return [each.index for each in every_failure(log) if (each.host, each.port, each.ip) == same]


def _silent_since(log: Stamped, call: Connection, now: datetime) -> bool:
    """Whether it has not come again for much longer than it took before."""
    if not log.times:
        return False
    times = [log.times[at] for at in _places(log.text, call)]
    apart = max((later - earlier for earlier, later in pairwise(times[-LATELY:])), default=None)
    return now - times[-1] > (ONCE if apart is None else max(LEAST, PATIENCE * apart))


def _works(line: str, call: Connection) -> bool:
    """Whether a line says that what is called answers: it names that, or nothing at all."""
    names = [name for name in (call.host.split(".")[0], call.ip) if name]
    if _named_in(line, call):
        return _ANSWERED.search(line) is not None and not _DENIED.search(line)
    return _SUCCESS.search(line) is not None and not (names and _TO_WHOM.search(line))


def _named_in(line: str, call: Connection) -> bool:
    """Whether a line names what is called, and not only something whose name holds that."""
    said, names = line.lower(), [name for name in (call.host.split(".")[0], call.ip) if name]
    return any(name in said and re.search(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", said) for name in names)
