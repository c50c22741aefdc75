"""Servers that have as many clients as they allow, and turn others down (class 76 for them, 74 for who calls them)."""

from collections.abc import Iterator

from explainers import kinds
from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.classes import cases
from explainers.diagnosis.logs.connections import Failure
from explainers.diagnosis.logs.lasting import LATEST
from explainers.diagnosis.logs.lines import lines_of
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans.databases import clients
from explainers.diagnosis.views.calls import answered, lasting_complaints, log_name
from explainers.diagnosis.views.servers import is_server
from explainers.document import Evidence
from explainers.kinds import Ref

_FULL = "as many clients as it allows (its connection limit)"


def takes_no_more(case: Case) -> Iterator[Finding]:
    """76: the log of a server goes on to say so."""
    complaint, source = next(iter(lasting_complaints(case)), (None, ""))
    if complaint is None or complaint.failure is not Failure.FULL or complaint.host or complaint.ip:
        return
    for pod in case.pods:
        for container in (one for one in pod.main_containers if log_name(one) == source and is_server(case, one)):
            if complaint.index < len(lines_of(case.log(container).text)) - LATEST:
                continue
            clause = f"it has {_FULL}, and turns others down: {complaint.line}"
            seen = (Evidence(source, complaint.line),)
            ref, plan = case.workload_ref or case.target, clients(pod, complaint.line)
            yield Finding(76, ref, Layer.NEEDS, clause, seen, plan, about=cases.CONNECTION_LIMIT)


def turned_away(case: Case) -> Iterator[Finding]:
    """74: what is called says so to its caller."""
    refusal = answered(case, Failure.FULL)
    if refusal is None:
        return
    mine, called = case.workload_ref or case.target, None
    if refusal.service and case.service(refusal.service, refusal.namespace).ok:
        called = case.follow(Ref(kinds.SERVICE.name, refusal.namespace, refusal.service))
    by = f"`{refusal.service}`" if called else "what it calls"
    pod = next((one for one in called.pods if one.ready), None) if called else None
    sure = Confidence.SURE if refusal.address.host and refusal.address.host in refusal.line else Confidence.LIKELY
    clause = f"{by} turns its calls down: it has {_FULL}"
    seen = (Evidence(refusal.source, refusal.line),)
    ref, plan = called.target if called else mine, clients(pod, refusal.line)
    yield Finding(74, ref, Layer.DEPENDENCY, clause, seen, plan, sure, about=cases.CONNECTION_LIMIT)


RULES: tuple[Rule, ...] = (takes_no_more, turned_away)
