"""Whether the log of a program that runs shows that it is at work: its newest lines say new things, none of them a
failure, none that it waits."""

import re
from datetime import datetime, timedelta
from itertools import pairwise

from explainers.diagnosis.logs.connections import every_failure
from explainers.diagnosis.logs.lines import clean, lines_of, loud
from explainers.diagnosis.logs.stamps import Stamped
from explainers.patterns import pattern

LATEST = 5
"""Lines at the end of a log that are looked at."""
SILENT = timedelta(seconds=60)
"""Silence for less than this is no standstill, nor is less than so many times the longest between the latest lines."""
PATIENCE = 3
_WAITS = pattern(r"\b(?:wait\w*|retry\w*|lock(?:ed)?|block(?:ed|ing)|not (?:yet|ready)|attempt\w*)\b", re.IGNORECASE)


def at_work(log: Stamped, now: datetime) -> bool:
    """Whether a log moves on up to now; false where its lines have no times."""
    lines = [clean(line) for line in lines_of(log.text)[-LATEST:]]
    if len(set(lines)) < 2 or lines[-1] == lines[-2] or not log.times:
        return False
    total = len(lines_of(log.text))
    failed = any(one.index >= total - LATEST for one in every_failure(log.text)) or any(loud(log.text, LATEST))
    if failed or any(_WAITS.search(line) for line in lines):
        return False
    times = log.times[-LATEST:]
    apart = max(later - earlier for earlier, later in pairwise(times))
    return now - times[-1] <= max(SILENT, PATIENCE * apart)
