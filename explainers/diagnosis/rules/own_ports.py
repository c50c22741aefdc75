"""Calls to a port of one's own pod on which none of its containers listens (class 11)."""

from collections.abc import Iterator
from dataclasses import dataclass

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.classes import cases
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans import mounted
from explainers.diagnosis.plans.addresses import correct
from explainers.diagnosis.plans.remedies import read_spec
from explainers.diagnosis.views.addresses import Address, of_its_own_pod
from explainers.diagnosis.views.mounted_texts import mounted_texts
from explainers.diagnosis.views.own_ports import Refused, known_ports, meant, refused_inside, written_in
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.operations.reads import Get
from explainers.plan import Plan, Step

SHOWN = 3


@dataclass(frozen=True)
class Place:
    """Where the port is written: the object, its evidence, and the address; its container is empty for a file."""

    subject: Ref
    seen: Evidence
    address: Address


def calls_nobody_inside(case: Case) -> Iterator[Finding]:
    """11: its log says so again and again, and what it calls is written in its template or in a mounted file."""
    refused = refused_inside(case)
    if refused is None:
        return
    port, known = refused.said.port, known_ports(case, refused.container.pod)
    place = _place(case, refused)
    if port in known or place is None:
        return
    others = {one: name for one, name in known.items() if name != refused.container.name}
    right = meant(port, sorted(others))
    clause = (
        f"container `{refused.container.name}` calls port {port} of its own pod, and none of its containers listens "
        "there"
    )
    if right:
        clause += f"; nearest: port {right} of container `{others[right]}`"
    elif others:
        clause += f"; there is {_listed(others)}"
    plan = _plan(case, place, right)
    seen = [Evidence(refused.source, refused.said.line), place.seen]
    if right:
        seen.append(Evidence(f"pod {refused.container.pod.name}", f"container {others[right]}: port {right}"))
    sure = Confidence.SURE if right else Confidence.LIKELY
    yield Finding(11, place.subject, Layer.NEEDS, clause, tuple(seen), plan, sure, about=cases.OWN_POD)


def _listed(others: dict[int, str]) -> str:
    return " and ".join(f"port {one} of `{name}`" for one, name in sorted(others.items())[:SHOWN])


def _place(case: Case, refused: Refused) -> Place | None:
    """Where the address stands: in the container's variables or arguments, else in one of its files."""
    port, container, ref = refused.said.port, refused.container, case.workload_ref or case.target
    for one in of_its_own_pod(case):
        if one.port == port and one.container == container.name:
            where = Ref("ConfigMap", case.namespace, one.config_map) if one.config_map else ref
            return Place(where, Evidence(f"container {one.container}", f"{one.where} has {one.host}:{port}"), one)
    for file in mounted_texts(case, container):
        if found := written_in(file.text, port):
            named, host = Ref("ConfigMap", case.namespace, file.file.name), found[0].partition(":")[0]
            seen = Evidence(f"configmap {named.name}", f"{file.file.key} has {found[0]}")
            return Place(named, seen, Address(host, port, "", "", found[0]))
    return None


def _plan(case: Case, place: Place, right: int) -> Plan:
    """The right port where the wrong one stands; else to see that place."""
    plan = Plan()
    if right:
        in_file = not place.address.container
        files = mounted.rewritten(case, place.address, "", right) if in_file else ()
        plan = Plan(files) if in_file else correct(case, place.address, port=right)
    if plan.steps or plan.alternatives:
        return plan
    why = f"where `{place.address.host}:{place.address.port}` stands: a container of this pod has to listen there"
    look = Get(place.subject.type, place.subject.namespace, place.subject.name)
    if place.subject == (case.workload_ref or case.target):
        return Plan((Step(read_spec(place.subject).operation, why),))
    return Plan((Step(look, why),))


RULES: tuple[Rule, ...] = (calls_nobody_inside,)
