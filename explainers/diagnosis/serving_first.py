"""A changed template whose pods name a port otherwise than those that serve: what lets its pods come up takes the
Service from those, so going back comes before going on."""

from collections.abc import Sequence
from dataclasses import replace

from explainers.diagnosis.model import Finding, Layer
from explainers.operations.rollouts import Undo
from explainers.plan import Plan, Step

_NAMED = 9
"""The class of a port name that pods do not declare; benign where only pods that are to come do not."""
_ON = "once its pods replace those that serve, the Service has to be changed, too"


def serving_first(cause: Finding | None, others: Sequence[Finding]) -> Finding | None:
    """The cause, with a plan that leaves a Service its pods: back to the revision that serves, where the plan knows
    such a way, else with the Service's own change at its end."""
    if cause is None:
        return cause
    if _for_later(cause):
        return replace(cause, plan=Plan())  # nothing is to be changed yet
    later = [step for one in others if _for_later(one) for step in one.plan.steps[:1]]
    steps, instead = cause.plan.steps, cause.plan.alternatives
    if not later or cause.layer <= Layer.POLICY or not _goes_on(steps):
        return cause
    back = next((one for one in instead if isinstance(one.operation, Undo)), None)
    if back is None:
        return replace(cause, plan=Plan((*steps, *later), instead))
    on = replace(steps[0], why=f"{steps[0].why}; {_ON}")
    others_than_back = (one for one in instead if one is not back)
    return replace(cause, plan=Plan((back, *_reads(steps)), (on, *others_than_back)))


def _for_later(one: Finding) -> bool:
    return one.benign and one.number == _NAMED


def _goes_on(steps: Sequence[Step]) -> bool:
    """Whether what a plan changes lets the new pods come up."""
    return any(one.changes for one in steps[:1]) and not isinstance(steps[0].operation, Undo)


def _reads(steps: Sequence[Step]) -> list[Step]:
    return [one for one in steps[1:] if not one.changes]
