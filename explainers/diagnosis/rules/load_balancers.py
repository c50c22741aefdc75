"""Services of type LoadBalancer that got no address (class 16).

Inside the cluster they serve all the same, so this is a fault of the Service that was asked about, and only a remark
about a workload behind one.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from explainers.diagnosis.case import Case, Rule, event_time
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.views.pods import Json, dicts, dig, text
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.kinds import Ref, ref_of
from explainers.operations.patches import Patch
from explainers.operations.reads import events_of
from explainers.plan import Plan, Step

GIVEN = timedelta(minutes=1)
"""So long a cloud may take to make a load balancer without a word about trouble."""
_FAILED = frozenset({"SyncLoadBalancerFailed", "CreatingLoadBalancerFailed", "AllocationFailed", "LoadBalancerFailed"})


def without_address(case: Case) -> Iterator[Finding]:
    """16: nobody has given the load balancer its address, with the reason where somebody says it."""
    for service in case.services:
        if text(service, "spec", "type") != "LoadBalancer" or dicts(service, "status", "loadBalancer", "ingress"):
            continue
        ref = ref_of(service, "Service")
        told = _trouble(case, ref)
        made = moment(dig(service, "metadata", "creationTimestamp"))
        if told or (made and case.now - made > GIVEN):
            yield _finding(case, ref, service, told)
        elif case.target == ref:
            yield _awaited(case, ref, made)


def _awaited(case: Case, ref: Ref, made: datetime | None) -> Finding:
    """A young one, of which no controller has said anything yet."""
    seen = Evidence(f"service {ref.name}", "type LoadBalancer, status.loadBalancer is empty", ago(case.now, made))
    clause = "it has no address outside of the cluster yet; inside it has one"
    return Finding(16, ref, Layer.SERVICE, clause, (seen,), since=made, benign=True)


def _trouble(case: Case, ref: Ref) -> Json:
    """The newest word about its load balancer, if that is one of trouble."""
    about = [event for event in case.events(ref) if "LoadBalancer" in text(event, "reason") or _failed(event)]
    return about[0] if about and _failed(about[0]) else {}


def _failed(event: Json) -> bool:
    return text(event, "type") == "Warning" and text(event, "reason") in _FAILED


def _finding(case: Case, ref: Ref, service: Json, told: Json) -> Finding:
    made = moment(dig(service, "metadata", "creationTimestamp"))
    class_ = text(service, "spec", "loadBalancerClass")
    seen = [Evidence(f"service {ref.name}", "type LoadBalancer, status.loadBalancer is empty", ago(case.now, made))]
    if told:
        said = " ".join(text(told, "message").split())
        why = f"its controller says: {said}"
        seen.append(Evidence(f"event {text(told, 'reason')}", said, ago(case.now, moment(event_time(told)))))
    elif class_:
        why = f"nothing in this cluster has taken up its load balancer class `{class_}`"
    else:
        why = "nothing in this cluster has given it one (a cloud's controller does, or one like MetalLB)"
    clause = f"service `{ref.name}` waits for an address outside of the cluster: {why}; inside the cluster it has one"
    plan = _plan(ref, service)
    sure = Confidence.SURE if told else Confidence.LIKELY
    remark = case.target != ref
    return Finding(16, ref, Layer.SERVICE, clause, tuple(seen), plan, sure, made, benign=remark)


def _plan(ref: Ref, service: Json) -> Plan:
    look = Step(events_of(ref.kind, ref.namespace, ref.name), "see what a controller has said about it, if one has")
    ports = [port for one in dicts(service, "spec", "ports") if (port := one.get("nodePort"))]
    if not ports:
        return Plan((look,))
    back = {"spec": {"type": "LoadBalancer"}}
    change = Patch(ref.type, ref.namespace, ref.name, {"spec": {"type": "NodePort"}}, back=back)
    why = f"where no load balancer will come: every node answers on port {ports[0]} already; say so in the type"
    return Plan((look,), (Step(change, why, "clients use a node's address and that port"),))


RULES: tuple[Rule, ...] = (without_address,)
