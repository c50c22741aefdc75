"""Addresses by whose scheme another server is meant than the one that they lead to (class 52): `postgres://cache`."""

from collections.abc import Iterator

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.classes import cases
from explainers.diagnosis.logs.connections import Failure
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans.addresses import correct
from explainers.diagnosis.plans.remedies import read_spec
from explainers.diagnosis.rules.addresses import writer, written
from explainers.diagnosis.views.address_texts import DEFAULT_PORTS
from explainers.diagnosis.views.calls import NAMES, Call, suspected_calls
from explainers.diagnosis.views.pods import Json, table, text
from explainers.diagnosis.views.ports import service_ports
from explainers.diagnosis.views.servers import SPEAKS, spoken
from explainers.document import Evidence
from explainers.kinds import ref_of
from explainers.plan import Plan


def speaks_otherwise(case: Case) -> Iterator[Finding]:
    """52: the scheme is of one kind of server, image and port of what is called are those of another."""
    for call in suspected_calls(case):
        wants, service = SPEAKS.get(call.address.scheme, ""), _service(case, call)
        if not wants or not service or (call.complaint and call.complaint.failure in (*NAMES, Failure.AUTH)):
            continue
        usual = {DEFAULT_PORTS[kind] for kind in SPEAKS.values() if kind != wants}
        if call.address.port not in usual - {DEFAULT_PORTS[wants]} or not table(service, "spec", "selector"):
            continue
        pod = next(iter(case.follow(ref_of(service, "Service")).pods), None)
        images = [one.image for one in pod.main_containers] if pod else []
        kind = next((found for image in images if (found := spoken(image))), "")
        if pod and kind and kind != wants:
            yield _finding(case, call, wants, kind, Evidence(f"pod {pod.name}", f"image {', '.join(images)}"))
            return


def _service(case: Case, call: Call) -> Json:
    return case.service(call.name, call.namespace).object if call.name and call.address.port else {}


def _finding(case: Case, call: Call, wants: str, kind: str, seen: Evidence) -> Finding:
    address = call.address
    where = f"`{address.variable}`" if address.variable else "what its arguments name"
    clause = (
        f"{where} is an address of a {wants} server, and leads to `{call.name}` on port {address.port}, which is a "
        f"{kind} server"
    )
    right = [
        one for one in case.namespace_services if DEFAULT_PORTS[wants] in {each.port for each in service_ports(one)}
    ]
    plan = Plan((read_spec(writer(case, call)),))
    if len(right) == 1:
        name = text(right[0], "metadata", "name")
        clause += f"; `{name}` offers the port of {wants}"
        corrected = correct(case, address, name, DEFAULT_PORTS[wants])
        plan = corrected if corrected.steps or corrected.alternatives else plan
    evidence = (*written(case, call), seen)
    sure = Confidence.LIKELY
    return Finding(52, writer(case, call), Layer.NEEDS, clause, evidence, plan, sure, about=cases.OTHER_SERVER)


RULES: tuple[Rule, ...] = (speaks_otherwise,)
