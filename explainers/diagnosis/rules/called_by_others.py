"""A target that others call by its name, and that has no Service (class 1)."""

from collections.abc import Iterator
from functools import partial

from explainers.diagnosis.case import Case
from explainers.diagnosis.facts import at_once
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.plans import services as service_plans
from explainers.diagnosis.views.address_texts import in_text
from explainers.diagnosis.views.addresses import service_of
from explainers.diagnosis.views.listed import PRINTED, lacks_pods
from explainers.diagnosis.views.named import some_of
from explainers.diagnosis.views.pods import Json, dicts, table, text
from explainers.diagnosis.views.ports import declared, probed
from explainers.document import Evidence
from explainers.kinds import Ref, ref_of

MOST = 3
"""Workloads that lack pods and are read for that, at most."""


def called_without_service(case: Case) -> Iterator[Finding]:
    """Class 1 seen from the other side: others call the target by its name, and it has no Service."""
    ref = case.workload_ref
    if ref is None or ref != case.target or ref.kind in ("Job", "CronJob") or case.services:
        return
    if not case.services_read or case.unready_pods:
        return  # not allowed to see is not the same as not there
    ports = [each.number for each in declared(table(case.template, "spec"))] or list(
        probed(table(case.template, "spec"))
    )
    for caller in _may_call(case) if ports else []:
        for variable, value in _literals(caller):
            for host, port, _ in in_text(value, variable):
                if service_of(host, case.namespace) == (ref.name, case.namespace):
                    yield _wanted_by(case, ref, ref_of(caller), variable, port, ports)
                    return


def _may_call(case: Case) -> list[Json]:
    """The other workloads, whose variables stand in no row: where they are many, a few that lack pods."""
    others = [one for one in case.workloads if ref_of(one) != case.workload_ref]
    ill = [one for one in others if PRINTED in one and lacks_pods(one)][:MOST]
    return [one for one in others if PRINTED not in one] + at_once(partial(_whole, case, one) for one in ill)


def _whole(case: Case, printed: Json) -> list[Json]:
    return [case.whole(printed)]


def _literals(workload: Json) -> list[tuple[str, str]]:
    containers = dicts(workload, "spec", "template", "spec", "containers")
    return [(text(one, "name"), text(one, "value")) for container in containers for one in dicts(container, "env")]


def _wanted_by(case: Case, ref: Ref, caller: Ref, variable: str, port: int, ports: list[int]) -> Finding:
    target = port if port in ports else ports[0]
    clause = (
        f"there is no service `{ref.name}`, while {caller.kind} `{caller.name}` calls it by that name (`{variable}`)"
    )
    names = sorted(text(one, "metadata", "name") for one in case.namespace_services)
    evidence = (
        Evidence(f"services in {case.namespace}", f"{some_of(names)}; no {ref.name}"),
        Evidence(str(caller), f"{variable} calls {ref.name}" + (f" on port {port}" if port else "")),
    )
    plan = service_plans.make_service(case.workload, ref.name, port or target, target)
    return Finding(1, Ref("Service", case.namespace, ref.name), Layer.SERVICE, clause, evidence, plan)
