"""Shared libraries that an image does not have, or has in an older version (class 57); used by rules/crashes.py.

The wordings are those of the loaders of glibc and musl.
"""

from explainers.diagnosis.classes import cases
from explainers.diagnosis.logs.lines import Telling, clean, lines_of
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.plans import remedies
from explainers.diagnosis.views.endings import NO_PROGRAM, Ending, last_log
from explainers.document import Evidence
from explainers.operations.reads import Get
from explainers.patterns import pattern
from explainers.plan import Plan, Step

_LIBRARY = r"(?P<library>[\w.+/-]+\.so(?:\.[\w.]+)?)"
_ABSENT = (
    pattern(rf"{_LIBRARY}: cannot open shared object file: No such file"),
    pattern(rf"Error loading shared library {_LIBRARY}: No such file or directory"),
)
_OLD = pattern(rf"{_LIBRARY}: version [`'\"]?(?P<version>[\w.]+)[`'\"]? not found")
_SYMBOL = (
    pattern(r"Error relocating \S+: (?P<symbol>\S+): symbol not found"),
    pattern(r"symbol lookup error: \S+: undefined symbol: (?P<symbol>[^\s,]+)"),
)
_LAST = 20
"""Lines at the end of a log that are looked at where the loader ends the program."""


def missing(ending: Ending) -> Finding | None:
    """57: the loader says what the image lacks."""
    lines = [told.english for told in ending.tells]
    if ending.code in NO_PROGRAM:
        lines += [clean(one) for one in reversed(lines_of(last_log(ending.case, ending.container).text)[-_LAST:])]
    found = next(((line, what) for line in lines if (what := _lacks(line))), None)
    if found is None:
        return None
    line, what = found
    container = ending.container
    clause = f"container `{container.name}` cannot be loaded: its image `{container.image}` {what}"
    back, look = remedies.back_step(ending.case, ending.blame), _look(ending)
    evidence = (*ending.evidence, *_saying(ending, line))
    about = cases.LIBRARIES
    return Finding(
        57, ending.blame, Layer.CONTAINER, clause, evidence, Plan((*back, look)), since=ending.since, about=about
    )


def _saying(ending: Ending, line: str) -> tuple[Evidence, ...]:
    told: Telling | None = ending.told
    return ending.log_evidence if told and told.english == line else ending.saying(line)[:1]


def _lacks(line: str) -> str:
    """What a line says that the image lacks, or an empty string."""
    if found := next((match for form in _ABSENT if (match := form.search(line))), None):
        return f"lacks the shared library `{found['library']}`"
    if found := _OLD.search(line):
        return f"has `{found['library']}` without the version `{found['version']}`, for which the program was built"
    if found := next((match for form in _SYMBOL if (match := form.search(line))), None):
        return f"has a shared library without the symbol `{found['symbol']}`, for which the program was built"
    return ""


def _look(ending: Ending) -> Step:
    ref = ending.blame
    why = (
        "which image it is: install the library there, or build the program on the base that it runs on; no setting of "
        "the cluster helps"
    )
    return Step(Get(ref.type, ref.namespace, ref.name), why)
