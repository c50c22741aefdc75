"""What a plan promises where it mends one of several faults: no more than it can keep by itself."""

from collections.abc import Sequence
from dataclasses import replace

from explainers import kinds
from explainers.diagnosis.model import Confidence, Finding
from explainers.kinds import Ref
from explainers.operations.objects import ObjectChange
from explainers.plan import Plan, Step


def modest(cause: Finding | None, others: Sequence[Finding], behind: Sequence[Finding], target: Ref) -> Finding | None:
    """The cause, with what remains to be done beside its plan.

    Of two faults in one layer neither explains the other, nothing explains an address that leads nowhere, and on the
    way of an Ingress each one stands for itself, as does what is reached only then (`behind`). What the plan mends,
    too, does not remain.
    """
    if cause is None or cause.benign:
        return cause
    beside = [
        one
        for one in others
        if one.confidence is Confidence.SURE
        and not one.benign
        and (one.layer >= cause.layer or one.leads_to or target.kind == kinds.INGRESS.name)
    ]
    beside += [one for one in behind if one not in beside]
    left = [one for one in beside if not _mended_too(one, cause.plan)]
    return replace(cause, plan=Plan(_promising(cause.plan.steps, left), _promising(cause.plan.alternatives, beside)))


def _promising(steps: Sequence[Step], left: Sequence[Finding]) -> tuple[Step, ...]:
    told = " and ".join(dict.fromkeys(f"`{one.subject}`" for one in left))
    then = f"what else is told of {told} is then still to be mended"
    return tuple(_also(step, then) for step in steps) if left else tuple(steps)


def _mended_too(one: Finding, plan: Plan) -> bool:
    """Whether the plan changes its subject as its own would."""
    own = [step.operation for step in one.plan.steps[:1] if isinstance(step.operation, ObjectChange)]
    same = [each for each in own if (each.kind, each.name) == (one.subject.type, one.subject.name)]
    return any(step.operation in same for step in plan.steps)


def _also(step: Step, then: str) -> Step:
    return replace(step, expect=f"{step.expect.rstrip('.')}; {then}") if step.changes and step.expect else step
