"""CronJobs that are suspended (class 120)."""

import re

from explainers.diagnosis.case import Case
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans.resuming import resume
from explainers.diagnosis.views.pods import dig, table, text
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.patterns import pattern
from explainers.plan import Plan

_ON_PURPOSE = pattern(
    r"\b(?:suspend|paus|disabl|on hold|not before|until|on purpose|intention|deliberate)", re.IGNORECASE
)
_OF_TOOLS = "kubectl.kubernetes.io/"
"""What kubectl notes of its own, the whole manifest among it."""


def suspended(case: Case, ref: Ref) -> Finding:
    """120: its schedule starts nothing. That is meant where it never did and a note says so; without a note one that
    was made suspended may be meant so, too."""
    last = moment(dig(case.workload, "status", "lastScheduleTime"))
    since = f"the last run was scheduled {ago(case.now, last)}" if last else "it has never run by its schedule"
    seen = (Evidence(str(ref), "spec.suspend true"), Evidence(str(ref), since))
    said = "it is suspended (`spec.suspend: true`), so its schedule "
    said += f"`{text(case.workload, 'spec', 'schedule')}` starts nothing"
    if _ran_before(case):
        return Finding(120, ref, Layer.WORKLOAD, said, seen, Plan((resume(ref, "let the schedule start jobs again"),)))
    step = resume(ref, "if it should run: let the schedule start jobs")
    said += ", as it was made"
    key, note = _note(case)
    if key:
        rows = (*seen, Evidence(str(ref), f"annotation {key}: {note}"))
        said += f"; its annotation `{key}` says: {note}"
        return Finding(120, ref, Layer.WORKLOAD, said, rows, Plan((), (step,)), benign=True)
    return Finding(120, ref, Layer.WORKLOAD, said, seen, Plan((step,)), Confidence.LIKELY)


def _ran_before(case: Case) -> bool:
    """Whether it has been changed since it was made, or has run."""
    status, generation = table(case.workload, "status"), dig(case.workload, "metadata", "generation")
    return bool(status.get("lastScheduleTime") or status.get("lastSuccessfulTime")) or generation not in (None, 1)


def _note(case: Case) -> tuple[str, str]:
    """The annotation that explains it, by key and words; empty without one."""
    notes = {key: str(value) for key, value in table(case.workload, "metadata", "annotations").items()}
    own = ((key, value) for key, value in sorted(notes.items()) if not key.startswith(_OF_TOOLS))
    return next(((key, value.strip()) for key, value in own if _ON_PURPOSE.search(value)), ("", ""))
