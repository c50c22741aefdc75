"""The workloads of a namespace that are told to call a Service, by the variables in their templates."""

from collections.abc import Iterator
from dataclasses import dataclass

from explainers.diagnosis.case import Case
from explainers.diagnosis.views.address_texts import in_text
from explainers.diagnosis.views.addresses import service_of
from explainers.diagnosis.views.pods import Json, dicts, table, text
from explainers.kinds import Ref, ref_of


@dataclass(frozen=True)
class Caller:
    """A workload with the variable that names the Service, the port that this says, and the labels of its pods."""

    ref: Ref
    workload: Json
    variable: str
    port: int
    labels: Json


def callers_of(case: Case, service: str) -> Iterator[Caller]:
    """Those that are not the target's own; where there are many, none is known. Raises Missing until they are read."""
    for workload in case.workloads:
        ref = ref_of(workload)
        told = next((found for name, value in literals(workload) for found in _told(case, name, value, service)), None)
        if told and ref != case.workload_ref:
            yield Caller(ref, workload, *told, table(workload, "spec", "template", "metadata", "labels"))


def literals(workload: Json) -> list[tuple[str, str]]:
    """The variables of a workload's containers with their values, as far as these stand in its template."""
    containers = dicts(workload, "spec", "template", "spec", "containers")
    return [(text(one, "name"), text(one, "value")) for container in containers for one in dicts(container, "env")]


def _told(case: Case, variable: str, value: str, service: str) -> Iterator[tuple[str, int]]:
    for host, port, _ in in_text(value, variable):
        if service_of(host, case.namespace) == (service, case.namespace):
            yield variable, port
