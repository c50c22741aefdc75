"""Last words that only sum up (`fatal: cannot load signing key`): what failed stands in the lines before them."""

import re
from collections.abc import Iterator

from explainers.diagnosis.logs.lines import TROUBLED, Telling, clean, lines_of, weight_of
from explainers.diagnosis.logs.tongues import reader
from explainers.patterns import pattern

NEAR = 5
"""Lines before the last words that may tell what they sum up."""
_DOING = r"(?:access|config|creat|find|fetch|get|init|launch|load|open|pars|prepar|read|run|set|start|stor|us|writ)"
_SUMS_UP = pattern(
    rf"\b(?:can(?:not|'t)|could(?: not|n't)|unable to|fail(?:ed|ure|s) to)\s+(?:\w+ )?{_DOING}\w*"
    rf"|\b(?:fail(?:ed|ure)|errors?)(?: while| in)? {_DOING}\w*ing\b"
    r"|\b(?:initiali[sz]ation|configuration|setup|start-?up|start|boot) (?:has )?failed"
    r"|\b(?:giving up|abort(?:ing|ed)|exiting|shutting down)\b",
    re.IGNORECASE,
)
_REASON = pattern(r": |\bbecause\b|\(|\berrno\b", re.IGNORECASE)


def summed_up(log: str, told: Telling) -> Iterator[Telling]:
    """The lines shortly before a telling line that gives no reason of its own, which say that something failed; the
    nearest first."""
    said = _SUMS_UP.search(told.line)
    if said is None or _REASON.search(told.line, said.end()):
        return
    lines, read = lines_of(log), reader(log)
    for at in range(told.index - 1, max(-1, told.index - 1 - NEAR), -1):
        line = clean(lines[at])
        loud = weight_of(read(lines[at]))
        if loud >= TROUBLED:
            yield Telling(line, at, told.total, loud, read(line))
