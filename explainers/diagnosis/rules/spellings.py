"""Optional keys that are there in another spelling (class 51): nobody says that the variable is not set."""

import re

from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans.config import for_key
from explainers.diagnosis.views.configuration import configuration
from explainers.diagnosis.views.endings import Ending
from explainers.diagnosis.views.mounted import keys_in
from explainers.diagnosis.views.references import Reference, references
from explainers.document import Evidence
from explainers.kinds import Ref


def other_spelling(ending: Ending) -> Finding | None:
    """51: a crash that nothing else explains, of a container whose variable comes from a key that is written
    otherwise: in capitals, or with other signs between its words."""
    every = references({"containers": [ending.container.spec]})
    uses = [one for one in every if one.optional and one.key]
    things = {(one.kind, one.name) for one in uses}
    answers = configuration(ending.case, [one for one in every if (one.kind, one.name) in things])
    for one in uses:
        keys = keys_in(answers[one.kind, one.name], one.kind) or set()
        near = next((key for key in sorted(keys) if _letters(key) == _letters(one.key)), "")
        if near and one.key not in keys:
            return _finding(ending, one, near)
    return None


def _letters(key: str) -> str:
    return re.sub(r"[-_.]", "", key).lower()


def _finding(ending: Ending, one: Reference, near: str) -> Finding:
    line = f": {ending.told.line}" if ending.told and ending.told.weight else ""
    clause = (
        f"container `{ending.container.name}` crashes with exit code {ending.code}{line}; its "
        f"{one.place.partition(' of container')[0]} is not set: the {one.kind} `{one.name}` has no key `{one.key}`, "
        f"only `{near}`, and the reference is `optional`, so that nobody says so"
    )
    row = Evidence(f"{one.kind.lower()} {one.name}", f"has the key {near}, not {one.key}")
    rows = (*ending.evidence, *ending.log_evidence, row)
    ref, plan = Ref(one.kind, ending.case.namespace, one.name), for_key(ending.case, one, near, ran=True)
    return Finding(51, ref, Layer.NEEDS, clause, rows, plan, Confidence.LIKELY, ending.since)
