"""A changed template needs room for a new pod before the first of the old ones goes, and a full quota leaves none."""

from collections.abc import Sequence
from dataclasses import replace

from explainers import kinds
from explainers.diagnosis.model import Confidence, Finding
from explainers.operations.objects import ObjectChange
from explainers.operations.workloads import Scale
from explainers.plan import Plan, Step

_FULL = 100
"""The class of a quota that admits no more pods."""
_ROLLED_OUT = (kinds.DEPLOYMENT, kinds.REPLICA_SET)
"""What makes pods of the new template beside the old ones."""


def room_first(cause: Finding | None, others: Sequence[Finding]) -> Finding | None:
    """The cause, with the step that makes room before the one that changes the template."""
    if cause is None or cause.benign or not cause.plan.steps or not _new_pods(cause.plan.steps[0]):
        return cause
    room = [step for one in others if _full(one) for step in one.plan.steps[:1] if step.changes]
    if not room:
        return cause
    first = replace(room[0], why=f"{room[0].why}; without it no pod of the changed template is made", expect="")
    return replace(cause, plan=Plan((first, *cause.plan.steps), cause.plan.alternatives))


def _new_pods(step: Step) -> bool:
    change = step.operation
    return isinstance(change, ObjectChange) and change.kind in _ROLLED_OUT and not isinstance(change, Scale)


def _full(one: Finding) -> bool:
    quota = one.subject.kind == kinds.RESOURCE_QUOTA.name
    return one.number == _FULL and quota and one.confidence is Confidence.SURE and not one.benign
