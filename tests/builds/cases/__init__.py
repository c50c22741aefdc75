"""Every provocation."""

from tests.builds.cases import confirmed, dockerfile, engines, references, running, sources
from tests.builds.cases.case import Case

CASES: list[Case] = [
    *dockerfile.CASES,
    *running.CASES,
    *references.CASES,
    *engines.CASES,
    *sources.CASES,
    *confirmed.CASES,
]
