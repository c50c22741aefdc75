"""What a workload calls on a wrong port (class 11): which side is wrong, the caller or the Service."""

from collections.abc import Iterator, Sequence

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.logs.connections import Failure
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.plans import services as service_plans
from explainers.diagnosis.plans.addresses import correct
from explainers.diagnosis.rules.addresses import reached, service_meant, writer, written
from explainers.diagnosis.views.address_texts import DEFAULT_PORTS
from explainers.diagnosis.views.callers import callers_of
from explainers.diagnosis.views.calls import NAMES, Call, sureness, suspected_calls
from explainers.diagnosis.views.pods import Json, text
from explainers.diagnosis.views.ports import ServicePort, declared, headless, number_of, service_ports
from explainers.document import Evidence
from explainers.kinds import ref_of
from explainers.plan import Plan

_WEB = frozenset({"http", "https", "ws", "wss", "grpc"})
"""Their servers listen on any port, and a Service gives them the usual one."""


def wrong_service_port(case: Case) -> Iterator[Finding]:
    """Class 11: the service exists, and the client calls a port that it does not offer."""
    for call in suspected_calls(case):
        service = service_meant(case, call)
        ports = service_ports(service)
        if not ports or not call.address.port or headless(service) or text(service, "spec", "type") == "ExternalName":
            continue
        if call.address.port in {port.port for port in ports} or (call.complaint and call.complaint.failure in NAMES):
            continue
        offered = ", ".join(str(port.port) for port in ports)
        right = next((p.port for p in ports if p.target == call.address.port), ports[0].port)
        place = call.address.port_variable or call.address.variable
        clause = (
            f"{f'`{place}`' if place else 'it'} calls `{call.address.host}` on port {call.address.port}, "
            f"but service `{call.name}` offers {offered}"
        )
        evidence = [*written(case, call), Evidence(f"service {call.name}", f"spec.ports: {offered}")]
        sure = sureness(case, call)
        plan, subject = correct(case, call.address, port=right, plain=_plain(call, ports, right)), writer(case, call)
        if meant := _usual_there(case, call, service):
            clause += f", though its pods listen on {call.address.port}, the usual one"
            subject, plan = ref_of(service, "Service"), _on_both_sides(case, call, service, meant, plan)
        elif not (plan.steps or plan.alternatives):
            plan = service_plans.offer_port(service, call.address.port, ports)
        yield Finding(11, subject, Layer.NEEDS, clause, tuple(evidence), plan, sure, leads_to=reached(call))


def _plain(call: Call, ports: Sequence[ServicePort], right: int) -> bool:
    """Whether HTTPS is asked, by its usual port, of a port that is one of plain HTTP."""
    named = next((port.name for port in ports if port.port == right), "")
    asks = call.address.scheme == "https" and call.address.port == DEFAULT_PORTS["https"]
    return asks and (right == DEFAULT_PORTS["http"] or named == "http")


def _usual_there(case: Case, call: Call, service: Json) -> ServicePort | None:
    """The Service's port that leads to the one which is called, where that is what such servers usually listen on: then
    the caller, the pods and the custom agree, and the Service is likelier to be wrong."""
    wanted = call.address.port
    for port in service_ports(service):
        said = {call.address.scheme, port.name, str(port.target)} - _WEB
        if wanted in {DEFAULT_PORTS.get(one) for one in said} and port.target in (wanted, str(port.target)):
            behind = [] if port.target == wanted else case.follow(ref_of(service, "Service")).pods
            if port.target == wanted or any(number_of(port, one.spec) == wanted for one in behind):
                return port
    return None


def _on_both_sides(case: Case, call: Call, service: Json, port: ServicePort, client: Plan) -> Plan:
    """Let the Service offer the usual port, beside its own where others call that; else correct the caller."""
    wanted = call.address.port
    if any(one.port == port.port for one in callers_of(case, call.name)):
        plan = service_plans.offer_port(service, wanted, service_ports(service))
    else:
        plan = service_plans.renumber(service, port, wanted)
    return Plan(plan.steps, (*client.steps, *client.alternatives))


def headless_maps_no_port(case: Case) -> Iterator[Finding]:
    """Class 11: a headless service leads straight to its pods, so callers must use the pods' own port."""
    for call in suspected_calls(case):
        service = service_meant(case, call)
        refused = call.complaint is not None and call.complaint.failure is Failure.REFUSED
        ports = service_ports(service) if refused and headless(service) else []
        if not ports or not call.address.port or call.namespace != case.namespace:
            continue
        port = next((one for one in ports if one.port == call.address.port), ports[0])
        behind = case.follow(ref_of(service, "Service")).pods
        own = next((number_of(port, pod.spec) for pod in behind if pod.ready), 0)
        if not own or call.address.port in {own, *(each.number for pod in behind for each in declared(pod.spec))}:
            continue
        place = call.address.port_variable or call.address.variable
        clause = (
            f"{f'`{place}`' if place else 'it'} calls `{call.address.host}` on port {call.address.port}, but service "
            f"`{call.name}` is headless: its name leads straight to its pods, and they listen on {own}"
        )
        told = Evidence(f"service {call.name}", f"clusterIP None; port {port.port}, targetPort {port.target}")
        plan = correct(case, call.address, port=own)
        yield Finding(11, writer(case, call), Layer.NEEDS, clause, (*written(case, call), told), plan)


RULES: tuple[Rule, ...] = (wrong_service_port, headless_maps_no_port)
