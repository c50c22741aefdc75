"""Indexes for the pods of a Job whose program asks for one: only those of an Indexed Job have `JOB_COMPLETION_INDEX`.

Source: https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode
"""

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.plans.made_again import UNCHANGEABLE, made_again
from explainers.diagnosis.plans.remedies import first_of, read_spec
from explainers.diagnosis.views.pods import Json, number, table, text
from explainers.operations.patches import Patch
from explainers.plan import Plan, Step

_VARIABLE, _INDEXED = "JOB_COMPLETION_INDEX", "Indexed"
_WHY = "give each pod an index of its own"
_EXPECT = "its pods find their index"


def lacks_indexes(case: Case, variable: str) -> bool:
    """Whether this is the variable that a Job gives to its pods, and this one, or the runs of this CronJob, do not."""
    batch = text(case.workload, "kind") in (kinds.JOB.name, kinds.CRON_JOB.name)
    return batch and variable == _VARIABLE and text(_spec(case), "completionMode") != _INDEXED


def with_indexes(case: Case) -> Plan:
    """Make the Job again as an Indexed one, or the next runs of the CronJob."""
    ref, spec = case.workload_ref, _spec(case)
    if ref is None:
        return Plan()
    given: Json = {"completionMode": _INDEXED, "completions": number(spec, "completions") or 1}
    if ref.type == kinds.CRON_JOB:
        was = {key: spec.get(key) for key in given}
        bodies = [{"spec": {"jobTemplate": {"spec": one}}} for one in (given, was)]
        change = Patch(ref.type, ref.namespace, ref.name, bodies[0], "merge", bodies[1])
        return Plan((Step(change, _WHY, f"in the next run {_EXPECT}"),))
    again = made_again(case, {}, f"{_WHY}: {UNCHANGEABLE}", _EXPECT, given=given)
    return first_of(again, (), read_spec(ref))


def _spec(case: Case) -> Json:
    return table(case.workload, "spec", "jobTemplate", "spec") or table(case.workload, "spec")
