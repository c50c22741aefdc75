"""Calls that policies stop at a port which nobody meant: the policies open another port of the same pods, and it is the
Service that leads elsewhere (class 8), or the caller that asks for another of its ports (class 32)."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from explainers.diagnosis.case import Case
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans import services as plans
from explainers.diagnosis.plans.addresses import correct
from explainers.diagnosis.views.calls import Call, sureness
from explainers.diagnosis.views.pods import Json, text
from explainers.diagnosis.views.ports import ServicePort, headless, service_ports
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.network.parties import pods_of
from explainers.network.policies import container_ports, gap
from explainers.network.shut import Shut
from explainers.plan import Plan

Named = Mapping[tuple[str, str], int]


def misled(case: Case, call: Call, way: Shut, policies: Plan) -> Finding | None:
    """What a call that is shut out should have come by; `policies` is what would open the port that it comes by."""
    service = case.service(call.name, call.namespace).object
    called = next((one for one in service_ports(service) if call.address.port in (0, one.port)), None)
    if called is None or headless(service):
        return None
    named, reached = way.server.ports, Ref("Service", call.namespace, call.name)
    if called.name and (called.name, called.protocol) not in named:
        named = next((container_ports(pod.spec) for pod in pods_of(case, service) if pod.spec), named)
    right = swapped(service, called, named, way.port, lambda port: _free(way, port))
    if right:
        told = (*call.evidence, *right.evidence)
        return _finding(8, reached, right.clause, told, right.plan, sureness(case, call), reached)
    return _other_port(case, call, way, service, called, policies)


def swapped(
    service: Json, port: ServicePort, named: Named, number: int, opened: Callable[[int], bool]
) -> Finding | None:
    """A Service's port that leads elsewhere than to the pods' port of the same name, which policies open (`opened`)."""
    meant = named.get((port.name, port.protocol), 0) if port.name else 0
    if not meant or meant == number or not opened(meant):
        return None
    where = Ref("Service", text(service, "metadata", "namespace"), text(service, "metadata", "name"))
    elsewhere = f"`{port.target}` ({number})" if isinstance(port.target, str) else str(number)
    clause = (
        f"service `{where.name}` sends port {port.told} to port {elsewhere} of its pods, but these have a port "
        f"`{port.name}` ({meant}), and that is what the policies open"
    )
    seen = (
        Evidence(f"service {where.name}", f"spec.ports[{port.index}]: name {port.name}, targetPort {port.target}"),
        Evidence(f"pods of {where.name}", f"port {meant} is named {port.name}; the policies open it, and not {number}"),
    )
    others = [one for one in service_ports(service) if one.index != port.index and _wrong(one, named)]
    every = [plans.retarget(service, one, one.name) for one in (port, *others)]
    plan = Plan((*(one.steps[0] for one in every), *every[0].steps[1:]))
    return _finding(8, where, clause, seen, plan, Confidence.SURE, None, Layer.SERVICE)


def _wrong(port: ServicePort, named: Named) -> bool:
    """Whether another port leads to one that bears neither its name nor the number of that."""
    meant = named.get((port.name, port.protocol), 0) if port.name else 0
    return bool(meant) and port.target not in (port.name, meant)


def _free(way: Shut, port: int) -> bool:
    """Whether the same policies let the caller reach another port of the same pods."""
    into = [gap(policy, "ingress", way.client, way.server, port) for policy, _ in way.incoming]
    out = [gap(policy, "egress", way.server, way.server, port) for policy, _ in way.outgoing]
    return all(not each or None in each for each in (into, out))


def _other_port(
    case: Case, call: Call, way: Shut, service: Json, called: ServicePort, policies: Plan
) -> Finding | None:
    """The only other port of the Service that leads where policies let this caller in."""
    free = [
        one
        for one in service_ports(service)
        if one.index != called.index and one.protocol == called.protocol and _free(way, _number(way, one))
    ]
    if len(free) != 1 or not call.address.port:
        return None
    other, reached = free[0], Ref("Service", call.namespace, call.name)
    clause = (
        f"it calls port {called.told} of `{call.name}`, which leads to port {way.port} of its pods, and the policies in"
        f" the way do not open that one to it; what they open is behind port {other.told}"
    )
    leads = f"port {called.port} leads to {called.target}, port {other.port} to {other.target}"
    closed = list(dict.fromkeys(text(one, "metadata", "name") for one, _ in (*way.incoming, *way.outgoing)))
    seen = (
        *call.evidence,
        Evidence(f"service {call.name}", leads),
        *(Evidence(f"networkpolicy {name}", f"does not open port {way.port}") for name in closed[:2]),
    )
    mend = _corrected(case, call, other.port)
    plan = Plan(mend.steps, (*mend.alternatives, *policies.steps)) if mend.steps else policies
    sure = Confidence.POSSIBLE if sureness(case, call) is Confidence.POSSIBLE else Confidence.LIKELY
    return _finding(32, case.workload_ref or case.target, clause, seen, plan, sure, reached)


def _number(way: Shut, port: ServicePort) -> int:
    """The number of the pods' port that a Service's port leads to; 0 for a name that is not known."""
    return port.target if isinstance(port.target, int) else way.server.ports.get((port.target, port.protocol), 0)


def _corrected(case: Case, call: Call, port: int) -> Plan:
    """The caller's address with another port; where a log tells no more than a number, by the names for the Service."""
    local = f"{call.name}.{call.namespace}"
    short = (call.name,) if call.namespace == case.namespace else ()
    hosts = (call.address.host, f"{local}.svc.cluster.local", f"{local}.svc", local, *short)
    plans_of = (correct(case, replace(call.address, host=host), port=port) for host in dict.fromkeys(hosts))
    return next((plan for plan in plans_of if plan.changes or any(one.changes for one in plan.alternatives)), Plan())


def _finding(
    number: int, subject: Ref, clause: str, seen: tuple[Evidence, ...], plan: Plan, sure: Confidence,
    leads_to: Ref | None, layer: Layer = Layer.DEPENDENCY,
) -> Finding:  # fmt: skip
    return Finding(number, subject, layer, clause, seen, plan, sure, leads_to=leads_to)
