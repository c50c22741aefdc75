"""Whether a program says of what it could not reach that it goes on without it, or did so before something else
ended it."""

import re

from explainers.diagnosis.logs.connections import Connection, every_failure
from explainers.diagnosis.logs.lines import ERROR_LEVEL, TROUBLED, as_error, lines_of, weight_of
from explainers.diagnosis.logs.tongues import reader
from explainers.diagnosis.logs.words import WARNING, handled
from explainers.patterns import pattern

_AT_WORK = pattern(
    r"\b(?:started|listening|ready|serving|loaded|accepting|processed|processing|handling)\b", re.IGNORECASE
)
_NOT_AT_WORK = pattern(r"\b(?:not|never|stop\w*|shut\w*|fail\w*|retry\w*|wait\w*|attempt\w*)\b", re.IGNORECASE)


def goes_without(log: str, one: Connection) -> bool:
    """Whether the line of a failed connection says so, and is not logged as an error."""
    raw = lines_of(log)[one.index]
    return handled(raw) and not as_error(raw)


def left_behind(log: str, one: Connection) -> bool:
    """Whether a program that ended had gone on without what it could not reach, and ended for something else.

    It says so itself, at the level of errors only where it tells another failure later; or it only warned, was at work
    after that, and ends with an error of another kind.
    """
    if goes_without(log, one):
        return True
    lines = lines_of(log)
    raw, last = lines[one.index], _last_failure(log)
    if last <= one.index:
        return False
    if handled(raw):
        return True
    loud = weight_of(reader(log)(lines[last])) >= ERROR_LEVEL
    between = lines[one.index + 1 : last]
    return loud and _only_warns(raw) and any(_AT_WORK.search(at) and not _NOT_AT_WORK.search(at) for at in between)


def _only_warns(raw: str) -> bool:
    return WARNING.search(raw) is not None and not as_error(raw)


def _last_failure(log: str) -> int:
    """The place of the last line that tells a failure; -1 without one, and where that is a failed connection."""
    read, lines = reader(log), lines_of(log)
    last = next((at for at in range(len(lines) - 1, -1, -1) if weight_of(read(lines[at])) >= TROUBLED), -1)
    return -1 if any(one.index == last for one in every_failure(log)) else last
