"""Ports of the node that pods reserve, and who of the namespace has one already."""

from collections.abc import Iterable

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.views.pods import Pod, dicts, dig, number
from explainers.operations.reads import List

LOOKED_AT = 10
"""Pods of the namespace that are looked at for the one that has a port; of more, it may not be named."""


def host_ports(pod: Pod) -> list[tuple[str, int, int]]:
    """(container, its port, the port of the node) of each reservation."""
    return [
        (one.name, number(port, "containerPort"), number(port, "hostPort"))
        for one in pod.containers
        for port in dicts(one.spec, "ports")
        if dig(port, "hostPort")
    ]


def holder(case: Case, pod: Pod, ports: Iterable[int]) -> Pod | None:
    """Another pod of the namespace, not of the target, that runs on a node and reserves one of these ports there."""
    (page,) = case.ask(List(kinds.POD, case.namespace, limit=LOOKED_AT))
    own, wanted = {pod.name, *(one.name for one in case.pods)}, set(ports)
    others = sorted((Pod(item) for item in page.items), key=lambda one: one.name)
    there = (one for one in others if one.node and not one.finished and one.name not in own)
    return next((one for one in there if wanted & {host for _, _, host in host_ports(one)}), None)
