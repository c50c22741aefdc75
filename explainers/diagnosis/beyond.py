"""What stands behind a fault that keeps the target from it: an address that leads nowhere, a policy. What is reached
once that is mended may be down itself."""

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.consequences import told_causes
from explainers.diagnosis.facts import Missing, Question
from explainers.diagnosis.health import health
from explainers.diagnosis.model import Finding
from explainers.diagnosis.views.pods import dig, table
from explainers.diagnosis.views.serving import ready_endpoints
from explainers.kinds import Ref


def beyond(case: Case, cause: Finding | None) -> tuple[Finding, ...]:
    """The fault of what the plan of a cause leads to, if that has one of its own. Raises Missing until it is read."""
    from explainers.diagnosis.engine import findings_of  # the engine asks for this

    if cause is None or cause.leads_to is None or cause.leads_to in case.trail or _serves(case, cause.leads_to):
        return ()
    inner = case.follow(cause.leads_to)
    try:
        found, state = findings_of(inner), health(inner)
    except Missing as missing:
        if not all(isinstance(fact, Question) for fact in missing.facts):
            raise
        for fact in missing.facts:  # no pod is made for what is told beside a cause
            case.facts.wanted.pop(fact, None)
        return ()
    others = [one for one in told_causes(found) if one.subject != cause.subject]
    return tuple(others[:1]) if not state.good else ()


def _serves(case: Case, reached: Ref) -> bool:
    """Whether something serves there, or nobody may know."""
    inner = case.follow(reached)
    if kinds.kind_named(reached.kind) is None or not inner.object:
        return True
    if reached.kind != "Service":
        return bool(dig(inner.object, "status", "readyReplicas"))
    if not table(inner.object, "spec", "selector"):
        return True
    (slices,) = inner.ask(inner.slices_of(inner.object))
    return not slices.ok or bool(ready_endpoints(slices.items))
