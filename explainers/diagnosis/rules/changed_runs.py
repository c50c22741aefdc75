"""What changed between the last run of a CronJob that succeeded and the first one that failed; used by rules/jobs.py.

A run reads its ConfigMaps and Secrets when it starts, so one that was written in between is the first suspect.
"""

from collections.abc import Sequence
from dataclasses import replace

from explainers.diagnosis.case import Case
from explainers.diagnosis.model import Finding
from explainers.diagnosis.rules.stale import MOST, changed_at
from explainers.diagnosis.views.configuration import KINDS, configuration
from explainers.diagnosis.views.pods import Json, table, text
from explainers.diagnosis.views.references import references
from explainers.diagnosis.views.runs import completed
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.operations.reads import Get, GetMetadata
from explainers.plan import Plan, Step


def with_what_changed(case: Case, job: Json, found: Finding) -> Finding:
    """The finding about a failed run, with the ConfigMap or Secret that was written since the last success."""
    began = moment(text(_first_failed(case.jobs, job), "status", "startTime"))
    succeeded = moment(text(case.workload, "status", "lastSuccessfulTime"))
    if text(case.workload, "kind") != "CronJob" or began is None or succeeded is None or succeeded > began:
        return found
    uses = references(table(job, "spec", "template", "spec"))
    for (kind, name), answer in configuration(case, uses, MOST).items():
        keys = {one.key for one in uses if (one.kind, one.name) == (kind, name)}
        written = [when for key in keys if (when := changed_at(answer.object, key)) and succeeded < when <= began]
        if not written:
            continue
        when = max(written)
        clause = f"{found.clause}; the {kind} `{name}` was changed {ago(case.now, when)}, after the last success"
        seen = Evidence(f"{kind.lower()} {name}", "its data was last written", ago(case.now, when))
        read = (GetMetadata if kind == "Secret" else Get)(KINDS[kind], case.namespace, name)
        look = Step(read, "it was changed between the last run that succeeded and this one: see what it says now")
        plan = Plan((look, *found.plan.steps), found.plan.alternatives)
        return replace(found, clause=clause, evidence=(*found.evidence, seen), plan=plan)
    return found


def _first_failed(jobs: Sequence[Json], job: Json) -> Json:
    """The earliest of the runs that failed in a row up to this one, as far as they are kept."""
    first = job
    for one in jobs:  # newest first
        if text(one, "metadata", "creationTimestamp") >= text(job, "metadata", "creationTimestamp"):
            continue
        if completed(one):
            break
        first = one
    return first
