"""A run of a CronJob that failed, and whose spec is not that of the next one any more: what was wrong with it may be
corrected by now."""

from dataclasses import replace

from explainers.diagnosis.case import Case
from explainers.diagnosis.model import Confidence, Finding
from explainers.diagnosis.views.differences import differences
from explainers.diagnosis.views.pods import Json, dicts, dig, number, table, text
from explainers.diagnosis.views.schedules import next_due
from explainers.diagnosis.when import moment
from explainers.document import Evidence
from explainers.operations.reads import Get
from explainers.plan import Plan, Step

_MOST = 2


def changed_since(case: Case, job: Json, found: Finding) -> Finding:
    """The finding about a run that failed, with what the template has become since."""
    ref = case.workload_ref
    changes = _changes(case, job)
    if ref is None or ref.kind != "CronJob" or not changes:
        return found
    more = f" and {len(changes) - _MOST} more" if len(changes) > _MOST else ""
    shown = "; ".join(changes[:_MOST]) + more
    clause = f"{found.clause}; its template has been changed since, and {_next(case)} is made of the new one"
    seen = Evidence(str(ref), f"spec.jobTemplate beside that of the run: {shown}")
    why = "what the next run is made of; whether that corrects it is seen when it has run"
    logs = tuple(step for step in found.plan.steps if not step.changes and not isinstance(step.operation, Get))
    look = Step(Get(ref.type, ref.namespace, ref.name), why)
    others = tuple(step for step in (*found.plan.steps, *found.plan.alternatives) if step.changes)
    return replace(
        found,
        clause=clause,
        evidence=(*found.evidence, seen),
        plan=Plan((look, *logs), others),
        confidence=Confidence.LIKELY if found.confidence is Confidence.SURE else found.confidence,
    )


def _changes(case: Case, job: Json) -> list[str]:
    """What differs between the run and the CronJob of now, in words; nothing where nobody has written that since."""
    if number(case.workload, "metadata", "generation") == 1 or _older(case.workload, job):
        return []
    now = table(case.workload, "spec", "jobTemplate", "spec")
    told = [*differences(table(job, "spec", "template"), table(now, "template"))]
    for field in ("activeDeadlineSeconds", "backoffLimit"):
        before, after = number(job, "spec", field), number(now, field)
        if (after and before != after) or (before and field == "activeDeadlineSeconds" and not after):
            told.append(f"{field}: {before or 'nothing'} → {after or 'nothing'}")
    return told


def _older(cron_job: Json, job: Json) -> bool:
    """Whether the spec was written last before the run was made: then something else has changed the run."""
    made, entries = moment(text(job, "metadata", "creationTimestamp")), dicts(cron_job, "metadata", "managedFields")
    told = [one for one in entries if not one.get("subresource") and "f:spec" in table(one, "fieldsV1")]
    times = [time for one in told if (time := moment(one.get("time")))]
    return made is not None and bool(times) and max(times) <= made


def _next(case: Case) -> str:
    """The next run, and when it is due where that is known."""
    spec = table(case.workload, "spec")
    elsewhere = text(spec, "timeZone") not in ("", "UTC", "Etc/UTC")
    due = None if elsewhere or dig(spec, "suspend") is True else next_due(text(spec, "schedule"), case.now)
    if due is None:
        return "the next run"
    day = "" if due.date() == case.now.date() else f" on {due.day} {due:%B}"
    return f"the next run, due at {due:%H:%M} UTC{day},"
