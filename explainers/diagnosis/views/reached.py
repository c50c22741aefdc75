"""Whether a Service reaches pods that are ready by the names of its ports: of pods in a rollout some may have another
name for theirs than others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explainers.diagnosis.views.pods import Json, Pod, table, text
from explainers.diagnosis.views.ports import ServicePort, declared, headless, service_ports
from explainers.selectors import subset

if TYPE_CHECKING:
    from explainers.diagnosis.case import Case


def declares(spec: Json, name: str) -> bool:
    """Whether a container of such a pod declares a port of this name."""
    return any(each.name == name for each in declared(spec))


def reached(case: Case, port: ServicePort) -> bool:
    """Whether a pod that is ready takes what a port of a Service sends, as far as the port's name decides that."""
    ready = [pod for pod in case.pods if pod.ready and not pod.finished and pod.spec]
    return any(isinstance(port.target, int) or declares(pod.spec, port.target) for pod in ready)


def coming(case: Case, name: str) -> list[Pod]:
    """The pods that have no port of this name, of a workload of which others that are ready have one."""
    pods = [pod for pod in case.pods if not pod.finished and pod.spec]
    makers = {_maker(pod) for pod in pods if pod.ready and declares(pod.spec, name)}
    return [pod for pod in pods if _maker(pod) in makers and not declares(pod.spec, name)]


def _maker(pod: Pod) -> str:
    """What made a pod, whatever its template was."""
    if pod.owner is None:
        return ""
    return pod.owner.name.rpartition("-")[0] if pod.owner.kind == "ReplicaSet" else pod.owner.name


def cut_off(case: Case) -> list[str]:
    """The Services of the target that send to a port name which none of its ready pods declares, where all do so: then
    nobody is served, however many pods are ready."""
    ready = [pod for pod in case.pods if pod.ready and not pod.finished and pod.spec]
    services = [
        one
        for one in case.services
        if not headless(one)
        and (wanted := table(one, "spec", "selector"))
        and any(subset(wanted, pod.labels) for pod in ready)
    ]
    shut = [one for one in services if not any(reached(case, port) for port in service_ports(one))]
    return [text(one, "metadata", "name") for one in shut] if len(shut) == len(services) else []
