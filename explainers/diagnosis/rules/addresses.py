"""What a workload calls under a wrong name (classes 1, 19, 38)."""

import re
from collections.abc import Iterator

from explainers import kinds
from explainers.diagnosis.case import WORKLOADS, Case, Rule, names
from explainers.diagnosis.logs.connections import Failure
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.near import most_like, nearest, nearest_one, sole
from explainers.diagnosis.plans import services as service_plans
from explainers.diagnosis.plans.addresses import came_with, correct, correct_to_one_of, if_meant
from explainers.diagnosis.plans.made_again import once_there
from explainers.diagnosis.plans.mounted import files_with
from explainers.diagnosis.rules.called_by_others import called_without_service
from explainers.diagnosis.rules.stale import outgrown
from explainers.diagnosis.views.addresses import renamed
from explainers.diagnosis.views.calls import NAMES, Call, sureness, suspected_calls
from explainers.diagnosis.views.host_aliases import alias_of
from explainers.diagnosis.views.listed import may_select
from explainers.diagnosis.views.named import names_of, some_of
from explainers.diagnosis.views.pods import Json, number, table, text
from explainers.diagnosis.views.ports import declared, headless, probed, service_ports
from explainers.diagnosis.views.revisions import told_change
from explainers.diagnosis.views.serving import selects
from explainers.document import Evidence
from explainers.kinds import Ref, ref_of
from explainers.operations.reads import Get, List
from explainers.patterns import pattern
from explainers.plan import Plan, Step

MOST = 3
_REFUSED = pattern(r"refus|\b(?:errno|error) 111\b|\b10061\b", re.IGNORECASE)
"""How a line says that an address was found, and that nobody listened there."""
TYPO = 0.76
"""From this likeness on one name is a slip for the other, and not only a part of it."""


def service_meant(case: Case, call: Call) -> Json:
    """The Service that a call means, of this namespace or another; empty when there is none or it is not known."""
    return case.service(call.name, call.namespace).object if call.name else {}


def writer(case: Case, call: Call) -> Ref:
    """The object in which the address is written."""
    if call.address.config_map and not call.address.port_variable:
        return Ref("ConfigMap", case.namespace, call.address.config_map)
    return case.workload_ref or case.target


def names_no_service(case: Case) -> Iterator[Finding]:
    """Classes 1, 19 and 38: the client calls a name that no service has; which, depends on what is there instead."""
    for call in suspected_calls(case):
        if not call.name or not _absent(case, call) or not _resolution_fails(case, call) or outgrown(case, call):
            continue
        yield from _explained(case, call)


def _resolution_fails(case: Case, call: Call) -> bool:
    """A refused connection means that the name was found; but some say so of a name that is nearly that of a Service,
    and many say of any failure only that they could not connect."""
    if call.complaint is None or call.complaint.failure in (*NAMES, Failure.TIMEOUT, Failure.FAILED):
        return True
    said = call.complaint.failure is Failure.REFUSED and call.complaint.host == call.name and not call.complaint.ip
    vague = said and not _REFUSED.search(call.complaint.line)
    return vague or (said and bool(nearest(call.name, names(case.namespace_services), TYPO)))


def _absent(case: Case, call: Call) -> bool:
    """Whether the Service is known not to exist: a refused read is no absence. A name that the pods are given an
    address for needs none."""
    return not alias_of(case, call.address.host.lower()) and case.service(call.name, call.namespace).absent


def _explained(case: Case, call: Call) -> Iterator[Finding]:
    here = call.namespace == case.namespace
    near = _near_service(case, call) if here else {}
    backed = _workload_meant(case, call, near) if here else {}
    if backed:
        one_pod = call.address.host.partition(".")[0] != call.name  # no other Service leads to that
        reached = {} if one_pod else _reaching(case, backed) or _reaching(case, case.whole(backed))
        found = _named_otherwise(case, call, backed, reached) if reached else None
        found = found or _never_exposed(case, call, case.whole(backed))
        if found:
            yield found
            return
    if near and _offers(near, call):
        yield _misspelt(case, call, near)
        return
    elsewhere = _elsewhere(case, call)
    right = nearest_one(call.namespace, elsewhere, 0.75) if not here else ""
    own = case.service(call.name).object if not here else {}
    if own and _offers(own, call) and case.get(kinds.NAMESPACE, call.namespace).absent:
        yield _in_its_own(case, call, right)
        return
    if right and case.get(kinds.NAMESPACE, call.namespace).absent:
        yield _misspelt_namespace(case, call, right)
    elif elsewhere:
        yield _other_namespace(case, call, elsewhere)
    elif near:
        yield _misspelt(case, call, near)
    elif call.complaint:
        yield _nobody(case, call)


def _workload_meant(case: Case, call: Call, near: Json) -> Json:
    """The workload that the missing Service was probably made for. Where one has nearly the name that is called, and
    the port, only a workload of just this name."""
    close = nearest_one(call.name, [text(near, "metadata", "name")], 0.7)
    if not close or not _offers(near, call):
        return _workload_named(case, call.name)
    found = case.ask(*(Get(kind, case.namespace, call.name) for kind in WORKLOADS))
    return next((answer.object for answer in found if answer.object), {})


def _workload_named(case: Case, name: str) -> Json:
    """The workload that the missing Service was probably made for, or its row: of that name or label, or governed by
    it, else a near one that no Service selects."""
    others = case.other_workloads
    for workload in others:
        if name in names_of(workload):
            return workload
    lonely = {text(one, "metadata", "name"): one for one in others if not _served(case, one)}
    return lonely.get(nearest_one(name, lonely, 0.75), {})


def _served(case: Case, workload: Json) -> bool:
    return any(may_select(service, workload) for service in case.namespace_services)


def _reaching(case: Case, workload: Json) -> Json:
    """The first Service with an address of its own that selects a workload, by the labels that are known of it."""
    labels = table(workload, "spec", "template", "metadata", "labels")
    return next((one for one in case.namespace_services if selects(one, labels) and not headless(one)), {})


def _never_exposed(case: Case, call: Call, workload: Json) -> Finding | None:
    """None where only a part of the name speaks for the workload, and nothing tells a port on which it could be
    meant."""
    ref, spec = ref_of(workload), table(workload, "spec", "template", "spec")
    ports = [each.number for each in declared(spec)] or list(probed(spec))
    target = call.address.port if call.address.port in ports else (ports or [call.address.port])[0]
    guessed = call.name not in names_of(workload) and not nearest_one(call.name, [ref.name], TYPO)
    if guessed and not target:
        return None
    ready = number(workload, "status", "readyReplicas") or number(workload, "status", "numberReady")
    runs = "runs without one" if ready else "has none, and no pod that is ready"
    clause = f"it calls `{call.name}`, and there is no service of that name; {ref.kind} `{ref.name}` {runs}"
    port = f"its port is {target}; " if target else ""
    evidence = [
        *call.evidence,
        _listed(case, call),
        Evidence(str(ref), f"{port}no service `{call.name}` selects it"),
    ]
    governing = text(workload, "spec", "serviceName") == call.name
    plan = service_plans.governing_service(workload, call.name, early=False) if governing else Plan()
    if target and not plan.steps:
        plan = service_plans.make_service(workload, call.name, call.address.port or target, target)
    confidence = sureness(case, call)
    confidence = Confidence.LIKELY if guessed and confidence is Confidence.SURE else confidence
    service = Ref("Service", case.namespace, call.name)
    return Finding(1, service, Layer.DEPENDENCY, clause, tuple(evidence), plan, confidence, leads_to=ref)


def written(case: Case, call: Call) -> list[Evidence]:
    """The complaint, the place, and the change that brought the address."""
    found = came_with(case, call.address)
    files = None if call.address.container else files_with(case, call.address.host)
    keys = " and ".join(files.texts) if files else ""
    place = [Evidence(f"configmap {files.config_map}", f"{keys} has {call.address.host}")] if files else []
    return [*call.evidence, *place, *([told_change(case, found)] if found else [])]


def _listed(case: Case, call: Call) -> Evidence:
    """What there is instead, nearest first; of another namespace only that it is not there."""
    if call.namespace != case.namespace:
        return Evidence(f"services in {call.namespace}", f"no {call.name}")
    names = [text(one, "metadata", "name") for one in case.namespace_services]
    first = nearest(call.name, names)
    near = sole(call.name, first)
    ordered = first + sorted(name for name in names if name not in first)
    told = f"{some_of(ordered)}; no {call.name}" + (f" (nearest: {near})" if near else "")
    return Evidence(f"services in {case.namespace}", told)


def _near_service(case: Case, call: Call) -> Json:
    """The Service of this namespace whose name is nearest; the namespace must be meant too."""
    own = {*names(case.services), *(ref.name for ref in case.trail if ref.kind == "Service")}
    services = {name: one for one in case.namespace_services if (name := text(one, "metadata", "name")) not in own}
    near = nearest(call.name, services) if call.namespace == case.namespace else []
    offering = [name for name in near if _offers(services[name], call)]
    return services.get(sole(call.name, offering or near), {})


def _offers(service: Json, call: Call) -> bool:
    return not call.address.port or call.address.port in {port.port for port in service_ports(service)}


def _misspelt(case: Case, call: Call, near: Json) -> Finding:
    right = text(near, "metadata", "name")
    return _other_name(case, call, right, f"the nearest is `{right}`")


def _named_otherwise(case: Case, call: Call, workload: Json, service: Json) -> Finding:
    """The workload that is meant has a Service, of another name."""
    ref, right = ref_of(workload), text(service, "metadata", "name")
    ports = service_ports(service)
    port = 0 if _offers(service, call) or not ports else ports[0].port
    at = f" on port {port}" if port else ""
    return _other_name(case, call, right, f"{ref.kind} `{ref.name}` is reached as `{right}`{at}", port)


def _other_name(case: Case, call: Call, right: str, instead: str, port: int = 0) -> Finding:
    clause = f"{pointing(call)} `{call.address.host}`, a name that no service has; {instead}"
    host = renamed(call.address.host, right)
    sure, evidence = sureness(case, call), (*written(case, call), _listed(case, call))
    guessed = not port and not nearest_one(call.name, [right], TYPO) and not came_with(case, call.address)
    sure = Confidence.LIKELY if guessed and sure is Confidence.SURE else sure
    plan = correct(case, call.address, host, port)
    leads = reached(call, right)
    return Finding(38, writer(case, call), Layer.NEEDS, clause, evidence, plan, sure, leads_to=leads)


def reached(call: Call, name: str = "", namespace: str = "") -> Ref:
    """The Service that a corrected address leads to."""
    return Ref("Service", namespace or call.namespace, name or call.name)


def pointing(call: Call) -> str:
    return f"`{call.address.variable}` points to" if call.address.variable else "it calls"


def _elsewhere(case: Case, call: Call) -> list[str]:
    """The namespaces that have a Service of that name and port, if they can be seen."""
    (answer,) = case.ask(List(kinds.SERVICE, "", fields=f"metadata.name={call.name}", limit=100))
    found = [one for one in answer.items if _offers(one, call)]
    return sorted({text(one, "metadata", "namespace") for one in found} - {call.namespace})


def _other_namespace(case: Case, call: Call, spaces: list[str]) -> Finding:
    first = most_like(call.namespace, spaces)
    likely = sorted(spaces, key=lambda one: (one != first, one))[:MOST]
    among = f"in {len(spaces)} namespaces, among them " if len(spaces) > MOST else "in "
    where = f"in namespace `{likely[0]}`" if len(spaces) == 1 else among + ", ".join(f"`{one}`" for one in likely)
    short = "." not in call.address.host
    asked = f"the short name `{call.address.host}`" if short else f"`{call.address.host}`"
    clause = (
        f"{pointing(call)} {asked}, which means namespace `{call.namespace}`, "
        f"but {f'a service `{call.name}`' if len(spaces) > 1 else f'service `{call.name}`'} is {where}"
    )
    evidence = (
        *call.evidence,
        Evidence(f"services named {call.name}", f"{among}{', '.join(likely)}; none in {call.namespace}"),
    )
    certain = sureness(case, call)
    plan = correct_to_one_of(case, call.address, call.name, likely)
    if len(spaces) == 1:
        plan = correct(case, call.address, f"{call.name}.{spaces[0]}")
    return Finding(
        19,
        writer(case, call),
        Layer.NEEDS,
        clause,
        evidence,
        plan,
        Confidence.LIKELY if certain is Confidence.SURE and len(spaces) > 1 else certain,
        leads_to=reached(call, namespace=spaces[0]) if len(spaces) == 1 else None,
    )


def _misspelt_namespace(case: Case, call: Call, right: str) -> Finding:
    clause = (
        f"{pointing(call)} `{call.address.host}`, and there is no namespace `{call.namespace}`; "
        f"`{call.name}` is in namespace `{right}`"
    )
    evidence = (*call.evidence, Evidence(f"services named {call.name}", f"in {right}; no namespace {call.namespace}"))
    sure = sureness(case, call)
    host = renamed(call.address.host, namespace=right)
    plan, leads = correct(case, call.address, host), reached(call, namespace=right)
    return Finding(38, writer(case, call), Layer.NEEDS, clause, evidence, plan, sure, leads_to=leads)


def _in_its_own(case: Case, call: Call, right: str) -> Finding:
    """The namespace does not exist, and the caller's own has such a Service; perhaps another is meant by its name."""
    clause = (
        f"{pointing(call)} `{call.address.host}`, and there is no namespace `{call.namespace}`; service `{call.name}` "
        f"is in its own, `{case.namespace}`"
    )
    told = f"{call.name} is there; no namespace {call.namespace}"
    evidence = (*written(case, call), Evidence(f"services in {case.namespace}", told))
    host = call.address.host
    short = call.name if host == f"{call.name}.{call.namespace}" else renamed(host, namespace=case.namespace)
    plan, sure = correct(case, call.address, short), sureness(case, call)
    if right and right != case.namespace:
        other = if_meant(right, correct(case, call.address, renamed(host, namespace=right)))
        plan = Plan(plan.steps, (*plan.alternatives, *other))
        sure = Confidence.LIKELY if sure is Confidence.SURE else sure
    leads = reached(call, namespace=case.namespace)
    return Finding(38, writer(case, call), Layer.NEEDS, clause, evidence, plan, sure, leads_to=leads)


def _nobody(case: Case, call: Call) -> Finding:
    """Nothing near either: the Service is simply not there."""
    clause = f"{pointing(call)} `{call.address.host}`, and there is no service `{call.name}` in `{call.namespace}`"
    evidence = (*call.evidence, _listed(case, call))
    ref = Ref("Service", call.namespace, call.name)
    where = writer(case, call)
    look = Step(Get(where.type, where.namespace, where.name), "what it is told to call: that has to be corrected")
    plan = Plan((look,), once_there(case, call.name))
    return Finding(1, ref, Layer.NEEDS, clause, evidence, plan, Confidence.LIKELY)


RULES: tuple[Rule, ...] = (names_no_service, called_without_service)
