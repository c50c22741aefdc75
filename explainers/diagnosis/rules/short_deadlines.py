"""Jobs that were ended because they ran longer than `activeDeadlineSeconds` (class 118)."""

from collections.abc import Sequence
from datetime import timedelta

from explainers.diagnosis.case import Case
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.views.pods import Json, dig, number, text
from explainers.diagnosis.views.runs import completed
from explainers.diagnosis.when import moment, span
from explainers.document import Evidence
from explainers.kinds import Ref, ref_of
from explainers.operations.patches import Patch
from explainers.operations.reads import Get
from explainers.plan import Plan, Step

GENEROUS = 600
"""Seconds for work of which nobody knows how long it takes."""
_ROOM = 3
"""So many times as long as the longest run so far one may take."""


def too_late(case: Case, job: Json, over: Json, last: str, told: tuple[Evidence, ...]) -> Finding:
    """The deadline that ended a Job; `last` is what its last try ended with, where that is known."""
    ref, limit = ref_of(job), number(job, "spec", "activeDeadlineSeconds")
    said = f"job `{ref.name}` was ended because it ran longer than its deadline of {limit} s (activeDeadlineSeconds)"
    plan = Plan((Step(Get(ref.type, ref.namespace, ref.name), "the deadline and the work it was given"),))
    longest, owner = _longest(case.jobs), case.workload_ref
    seen = [*told, Evidence("earlier runs", f"the longest that completed took {span(longest)}")] if longest else told
    if owner and owner.kind == "CronJob" and dig(case.workload, *_FIELD) == limit:
        plan = Plan((_longer(owner, limit, longest), *plan.steps))
    tries = f"; its last try: {last}" if last else ""
    since = moment(over.get("lastTransitionTime"))
    return Finding(118, ref, Layer.WORKLOAD, said + tries, tuple(seen), plan, since=since)


_FIELD = ("spec", "jobTemplate", "spec", "activeDeadlineSeconds")


def _longer(owner: Ref, limit: int, longest: timedelta) -> Step:
    """More time for the next runs: by what earlier ones took, else generously; what is enough nobody knows then."""
    wanted = max(2 * limit, _ROOM * int(longest.total_seconds()) if longest else GENEROUS)
    body, back = ({"spec": {"jobTemplate": {"spec": {"activeDeadlineSeconds": one}}}} for one in (wanted, limit))
    change = Patch(owner.type, owner.namespace, owner.name, body, "merge", back)
    why = f"give the next runs {wanted} s; " + (
        f"earlier ones took up to {span(longest)}" if longest else "set what the work really needs, if you know it"
    )
    return Step(change, why, f"the next run is not ended before it has run for {wanted} s")


def _longest(jobs: Sequence[Json]) -> timedelta:
    """How long the longest of the runs took that completed; nothing where none did."""
    took = [
        end - begun
        for job in jobs
        if completed(job)
        and (begun := moment(text(job, "status", "startTime")))
        and (end := moment(text(job, "status", "completionTime")))
    ]
    return max(took, default=timedelta())
