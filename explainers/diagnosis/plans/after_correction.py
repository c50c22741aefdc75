"""What is left to do where a template is corrected already, and pods of the one before stand in its way."""

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.views.pods import Pod
from explainers.diagnosis.views.template import must_follow
from explainers.kinds import Ref
from explainers.operations.pods import Delete
from explainers.operations.reads import Get
from explainers.operations.rollouts import RolloutStatus
from explainers.operations.workloads import workload
from explainers.plan import Plan, Step


def let_in(case: Case, pod: Pod, otherwise: Plan) -> Plan:
    """End the run, or the pod, of the template before; else see how the rollout goes. What helps the pod without a new
    template is another way."""
    if pod.owner and pod.owner.kind == kinds.JOB.name:
        why = f"end the run `{pod.owner.name}`, which cannot go on: its template cannot be changed"
        gone = Delete(kinds.JOB, pod.owner.namespace, pod.owner.name)
        return Plan((Step(gone, why, "the next run, of the corrected template, starts when it is due"),))
    others = tuple(step for step in otherwise.steps if step.changes and not _of_template(step, case.workload_ref))
    steps = must_follow(case, "the pods start")
    return Plan(steps or look(case), others)


def look(case: Case) -> tuple[Step, ...]:
    """See how the rollout of the template goes that is corrected already."""
    ref = case.workload_ref
    if ref is None:
        return ()
    follow = RolloutStatus if workload(ref.type) else Get
    why = "see how far the pods of the corrected template are"
    return (Step(follow(ref.type, ref.namespace, ref.name), why),)


def _of_template(step: Step, ref: Ref | None) -> bool:
    changed = step.operation
    return (getattr(changed, "kind", None), getattr(changed, "name", "")) == ((ref.type, ref.name) if ref else ())
