"""The step that lets a suspended CronJob start Jobs again."""

from explainers.diagnosis.case import Case
from explainers.diagnosis.views.pods import dig
from explainers.kinds import Ref
from explainers.operations.patches import Patch
from explainers.plan import Plan, Step


def resume(ref: Ref, why: str) -> Step:
    forth, back = ({"spec": {"suspend": each}} for each in (False, True))
    return Step(
        Patch(ref.type, ref.namespace, ref.name, forth, "merge", back), why, "the next run starts when it is due"
    )


def then_resumed(case: Case, plan: Plan) -> Plan:
    """A plan for the runs of a CronJob, which helps none of them while that is suspended."""
    if case.target.kind != "CronJob" or dig(case.workload, "spec", "suspend") is not True:
        return plan
    last = resume(case.target, "once that is corrected, let the schedule start jobs again")
    return Plan((*plan.steps, last), plan.alternatives)
