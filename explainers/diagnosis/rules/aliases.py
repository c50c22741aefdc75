"""Services that point by hand: written endpoints and external names (classes 13, 14)."""

from collections.abc import Iterator

from explainers import kinds
from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.classes import cases
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.plans import aliases as plans
from explainers.diagnosis.views.addresses import service_of
from explainers.diagnosis.views.calls import suspected_calls
from explainers.diagnosis.views.named import some_of
from explainers.diagnosis.views.neighbours import Neighbour, neighbours, pods_of
from explainers.diagnosis.views.pods import Json, Pod, dicts, dig, number, table, text
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.network.probes import Resolve, TcpConnect, seen
from explainers.operations.reads import Get, List
from explainers.patterns import pattern
from explainers.plan import Plan

MOST = 3
_IPV4 = pattern(r"\d{1,3}(?:\.\d{1,3}){3}")
"""Addresses of one Service that are looked up; the rest fares alike."""


def external_name_bad(case: Case) -> Iterator[Finding]:
    """Class 14: the alias points to a name that is not there."""
    for service in _on_path(case):
        host = text(service, "spec", "externalName").rstrip(".")
        if text(service, "spec", "type") != "ExternalName" or not host:
            continue
        meant = service_of(host, case.namespace)
        if _IPV4.fullmatch(host):
            yield _address(case, service, host)
        elif meant and ".svc" not in host and case.get(kinds.SERVICE, *meant).ok:
            yield _unqualified(case, service, host, *meant)
        elif meant and (".svc" in host or "." not in host):
            yield from _inside(case, service, host, *meant)
        else:
            yield from _outside(case, service, host)


def _on_path(case: Case) -> list[Json]:
    """The target Service, or the Services that the target's failing calls go to."""
    if case.target.kind == "Service":
        return case.services
    called = {call.name for call in suspected_calls(case) if call.namespace == case.namespace}
    return [service for name in sorted(called - {""}) if (service := case.service(name).object)]


def _address(case: Case, service: Json, host: str) -> Finding:
    """An IP address is no name, so no resolver can follow the alias."""
    alias = text(service, "metadata", "name")
    clause = f"service `{alias}` is an alias for `{host}`, an address, and an alias can only lead to a name"
    seen = Evidence(f"service {alias}", f"type ExternalName, spec.externalName {host}")
    ref = Ref("Service", case.namespace, alias)
    return Finding(14, ref, _layer(case), clause, (seen,), plans.written_out(service, host))


def _unqualified(case: Case, service: Json, host: str, name: str, namespace: str) -> Finding:
    """DNS takes an alias as a whole name: nothing adds the namespace to it."""
    alias, full = text(service, "metadata", "name"), f"{name}.{namespace}.svc.cluster.local"
    clause = f"service `{alias}` is an alias for `{host}`, which DNS takes as a whole name; the service is `{full}`"
    evidence = (
        Evidence(f"service {alias}", f"spec.externalName {host}"),
        Evidence(f"services in {namespace}", f"{name} is there; its full name is {full}"),
    )
    ref = Ref("Service", case.namespace, alias)
    return Finding(14, ref, _layer(case), clause, evidence, plans.rename(service, full))


def _inside(case: Case, service: Json, host: str, name: str, namespace: str) -> Iterator[Finding]:
    if not case.get(kinds.SERVICE, name, namespace).absent:
        return
    alias, beyond = text(service, "metadata", "name"), case.follow(Ref("Service", namespace, name))
    own = alias if namespace == case.namespace else ""
    names = [one for item in beyond.namespace_services if (one := text(item, "metadata", "name")) != own]
    right, elsewhere = nearest_one(name, names), list[str]()
    at_home = not right and name != alias and namespace != case.namespace and case.service(name).ok
    if not right and not at_home:
        (everywhere,) = case.ask(List(kinds.SERVICE, "", fields=f"metadata.name={name}", limit=100))
        elsewhere = sorted(text(item, "metadata", "namespace") for item in everywhere.items)
    near = case.namespace if at_home else nearest_one(namespace, elsewhere)
    clause = f"service `{alias}` is an alias for `{host}`, and there is no service `{name}` in namespace `{namespace}`"
    if at_home:
        clause += f"; one of that name is in its own namespace, `{near}`"
    elif right or near:
        clause += f"; the nearest is `{right or name}`" + (f" in namespace `{near}`" if near else "")
    elif elsewhere:
        clause += f"; one of that name is in {_spaces(elsewhere)}"
    known = f"{some_of(sorted(names))}; " if beyond.services_read else ""
    evidence = (
        Evidence(f"service {alias}", f"spec.externalName {host}"),
        Evidence(f"services in {namespace}", f"{known}no {name}"),
    )
    full = host if ".svc" in host else f"{name}.{namespace}.svc.cluster.local"
    where = near or (namespace if right else next(iter(elsewhere), ""))
    instead = full.replace(f"{name}.{namespace}", f"{right or name}.{where}", 1)
    plan = plans.rename(service, instead) if where else Plan()
    if where and not (right or near):
        plan = plans.if_meant(Ref("Service", where, name), plan)
    yield Finding(14, Ref("Service", case.namespace, alias), _layer(case), clause, evidence, plan)


def _spaces(names: list[str]) -> str:
    """The first few namespaces in words."""
    shown = ", ".join(f"`{name}`" for name in names[:MOST])
    return f"namespace{'s' if len(names) > 1 else ''} {shown}{' and others' if len(names) > MOST else ''}"


def _layer(case: Case) -> Layer:
    return Layer.SERVICE if case.target.kind == "Service" else Layer.DEPENDENCY


def _outside(case: Case, service: Json, host: str) -> Iterator[Finding]:
    """A name outside the cluster: only a look-up can tell."""
    (answer,) = case.ask(Resolve(case.namespace, (), f"{host}.", policed=case.policed))
    found = seen(answer)
    if not found.asked or found.worked or "NXDOMAIN" not in found.output:
        return
    alias = text(service, "metadata", "name")
    clause = f"service `{alias}` is an alias for `{host}`, and that name does not exist"
    evidence = (
        Evidence(f"service {alias}", f"spec.externalName {host}"),
        Evidence(f"look-up of {host} from {case.namespace}", "NXDOMAIN"),
    )
    yield Finding(
        14, Ref("Service", case.namespace, alias), _layer(case), clause, evidence, confidence=Confidence.LIKELY
    )


def written_endpoint_stale(case: Case) -> Iterator[Finding]:
    """Class 13: an address written by hand that no pod has and that does not answer."""
    for service in _on_path(case):
        if table(service, "spec", "selector") or text(service, "spec", "type") == "ExternalName":
            continue
        for piece in case.slices(service):
            yield from _stale(case, service, piece)


def _stale(case: Case, service: Json, piece: Json) -> Iterator[Finding]:
    found = [ip for endpoint in dicts(piece, "endpoints") for ip in dig(endpoint, "addresses", default=[])]
    addresses = [ip for ip in found if isinstance(ip, str)][:MOST]
    port = number(piece, "ports", 0, "port")
    owners = case.ask(*(List(kinds.POD, "", fields=f"status.podIP={ip}", limit=10) for ip in addresses))
    for ip, owner in zip(addresses, owners, strict=True):
        if owner.ok and not owner.items:
            yield from _unowned(case, service, piece, ip, port)


def _unowned(case: Case, service: Json, piece: Json, ip: str, port: int) -> Iterator[Finding]:
    """An address of no pod may lie outside the cluster on purpose: a second signal decides."""
    name = text(service, "metadata", "name")
    meant = _pod_meant(case, name)
    calls = [call for call in suspected_calls(case) if call.name == name and call.complaint]
    evidence = [
        Evidence(f"endpointslice {text(piece, 'metadata', 'name')}", f"address {ip}, port {port}, written by hand")
    ]
    evidence.append(Evidence("pods of all namespaces", f"none has the address {ip}"))
    if calls:
        evidence += calls[0].evidence
    elif meant is None:
        (answer,) = case.ask(TcpConnect(case.namespace, (), ip, port, policed=case.policed))
        tried = seen(answer)
        if not tried.asked or tried.worked:
            return
        evidence.append(Evidence(f"connection to {ip}:{port}", f"not answered from inside {case.namespace}"))
    clause = f"service `{name}` sends traffic to `{ip}`, an address written by hand that no pod has"
    silent = not calls and meant is None
    if silent:
        clause = (
            f"service `{name}` sends traffic to `{ip}`, an address written by hand, and nothing answers there on port "
            f"{port}; no pod has it, so it is a machine outside the cluster, or out of date"
        )
    if meant:
        clause += f"; pod `{meant.name}` has {meant.ip}"
        evidence.append(Evidence(f"pod {meant.name}", f"ready at {meant.ip}"))
    ref = plans.written_in(piece, service)
    plan = plans.look_at_written(ref)
    if meant:
        plan = plans.readdress(piece, service, ip, meant.ip)
    sure = Confidence.LIKELY if silent else Confidence.SURE
    about = cases.WRITTEN_OUTSIDE if silent else None
    yield Finding(13, ref, _layer(case), clause, tuple(evidence), plan, sure, about=about)


def _pod_meant(case: Case, name: str) -> Pod | None:
    """The ready pod that carries the Service's name and could be meant."""
    called = [one for one in neighbours(case) if _called(one, name)]
    named = [one.ref.name for one in pods_of(case, called)][:MOST]
    pods = [Pod(answer.object) for answer in case.ask(*(Get(kinds.POD, case.namespace, one) for one in named))]
    ready = [pod for pod in pods if pod.ready and pod.ip]
    return min(ready, key=lambda pod: pod.name, default=None)


def _called(one: Neighbour, name: str) -> bool:
    return one.ref.name == name or one.ref.name.startswith(f"{name}-") or name in one.labels.values()


RULES: tuple[Rule, ...] = (external_name_bad, written_endpoint_stale)
