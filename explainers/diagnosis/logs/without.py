"""Whether a program says of what it could not reach that it goes on without it."""

import re

from explainers.diagnosis.logs.connections import Connection
from explainers.diagnosis.logs.lines import as_error, lines_of
from explainers.patterns import pattern

_GOES_ON = pattern(
    r"\bfall(?:s|ing|en)?[ -]?back\b|\bfell back\b|\bdegraded mode\b|\b(?:run|serv|work|operat)\w* degraded\b"
    r"|\bserving (?:from|stale|cached)\b|\b(?:will be|is|are|now|being) (?:skipped|disabled|bypassed)\b"
    r"|\b(?:skipping|disabling|bypassing) |\busing \S.{0,40} instead\b|\boptional\b|\bbest[ -]effort\b"
    r"|\b(?:continu|proceed|carry|go|run|start|operat|work|serv)(?:e|es|s|ing|ning)?(?: \w+)? without\b",
    re.IGNORECASE,
)
_TAKEN = pattern(r"\bno fall[ -]?back|\bfall[ -]?back (?:\w+ )?(?:fail|unavail)|\bnot optional\b", re.IGNORECASE)
"""What takes these words back."""


def goes_without(log: str, one: Connection) -> bool:
    """Whether the line of a failed connection says so, and is not logged as an error."""
    raw = lines_of(log)[one.index]
    return _GOES_ON.search(raw) is not None and not _TAKEN.search(raw) and not as_error(raw)
