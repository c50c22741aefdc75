"""Webhooks that every pod must pass and that cannot be asked (classes 105, 106): the cause lies behind their service.

A webhook is a program in the cluster like any other. Its service is diagnosed over the same facts, and its own best
cause becomes the cause here; one that must admit its own pods can never start again by itself.
Source: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
"""

from dataclasses import dataclass, replace

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.consequences import told_causes
from explainers.diagnosis.health import health
from explainers.diagnosis.plans import quotas
from explainers.diagnosis.views.refusals import WebhookFailed
from explainers.diagnosis.views.webhooks import Configured, configured
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.operations.reads import Get, List
from explainers.plan import Plan, Step

LAST_RESORT = "as a last resort its `failurePolicy` may be `Ignore` until it answers"


@dataclass(frozen=True)
class Behind:
    """What keeps a webhook from answering: the clause, what to blame (None: nothing in reach), plan and evidence;
    `past` where it is not asked any more."""

    clause: str
    subject: Ref | None
    plan: Plan
    evidence: tuple[Evidence, ...] = ()
    past: bool = False


def behind(case: Case, failed: WebhookFailed) -> Behind:
    """Why a webhook does not answer; raises Missing until its service has been read."""
    said = f"the admission webhook `{failed.webhook}` must agree to every pod"
    if failed.service:
        case.facts.want(Get(kinds.SERVICE, failed.service[1], failed.service[0]))
    place = configured(case, failed.webhook)
    if place.gone:
        clause = (
            f"the admission webhook `{failed.webhook}` had to agree when a pod was last tried, and could not be "
            "called; no configuration asks it now, so the next try, which comes by itself within minutes, may succeed"
        )
        return Behind(clause, None, quotas.try_again(case), past=True)
    found = _behind(case, failed, said, place)
    return replace(found, evidence=(*place.evidence, *found.evidence))


def _behind(case: Case, failed: WebhookFailed, said: str, place: Configured) -> Behind:
    if failed.service is None:
        return Behind(f"{said} and does not answer: {failed.problem}", None, _configurations(place))
    service = Ref(kinds.SERVICE.name, failed.service[1], failed.service[0])
    where = "" if service.namespace == case.namespace else f" in `{service.namespace}`"
    named = f"its service `{service.name}`{where}"
    if service in case.trail:
        clause = f"{said}, even to the pods behind {named}, so it waits for itself"
        return Behind(clause, service, _configurations(place, "leave its own namespace out with a `namespaceSelector`"))
    inner = case.follow(service)
    found = inner.get(kinds.SERVICE, service.name)
    if found.absent:
        clause = f"{said}, and {named} does not exist"
        seen = Evidence(f"{service} in {service.namespace}", "does not exist")
        return Behind(
            clause, service, _configurations(place, "remove it, if what served it was removed on purpose"), (seen,)
        )
    if failed.distrusted:
        clause = f"{said}, and the certificate of {named} is not trusted: {failed.problem}"
        return Behind(
            clause, service, _configurations(place, "its `caBundle` must be of the issuer of that certificate")
        )
    if not found.ok:
        return Behind(f"{said}, and {named} does not answer: {failed.problem}", service, _look(service, place))
    return _of_its_service(inner, said, named, failed, place)


def _of_its_service(inner: Case, said: str, named: str, failed: WebhookFailed, place: Configured) -> Behind:
    from explainers.diagnosis.engine import findings_of  # the engine runs rules, this rule runs the engine

    causes, state = told_causes(findings_of(inner)), health(inner)  # in this order: both ask at once
    if not causes or state.good:
        row = Evidence(f"{inner.target} in {inner.namespace}", state.serving)
        clause = f"{said}, and calling {named} fails: {failed.problem}"
        return Behind(clause, inner.target, _look(inner.target, place), (row,))
    cause = causes[0]
    if cause.clause.startswith(said):  # it keeps its own pods from being made
        return Behind(cause.clause, cause.subject, cause.plan, cause.evidence)
    return Behind(f"{said}, and {named} {state.state}: {cause.clause}", cause.subject, cause.plan, cause.evidence)


def _look(service: Ref, place: Configured) -> Plan:
    look = Get(kinds.SERVICE, service.namespace, service.name)
    return Plan((Step(look, "see what should answer for the webhook"), *_configurations(place).steps))


def _configurations(place: Configured, then: str = LAST_RESORT) -> Plan:
    """Where the webhook is configured, or all are, if that may not be read."""
    if place.ref:
        return Plan((Step(Get(place.ref.type, "", place.ref.name), f"the webhook stands there; {then}"),))
    validating, mutating = (
        List(kinds.VALIDATING_WEBHOOK_CONFIGURATION, ""),
        List(kinds.MUTATING_WEBHOOK_CONFIGURATION, ""),
    )
    return Plan((Step(validating, f"find the webhook among those that check; {then}"),
                 Step(mutating, "or among those that change what is made")))  # fmt: skip
