"""Who may have a port that a pod with `hostNetwork` wants: it listens on its node, as Kubernetes' own parts do.

Source: https://kubernetes.io/docs/reference/networking/ports-and-protocols/
"""

from explainers.diagnosis.case import Case
from explainers.diagnosis.views.command_ports import named_ports
from explainers.diagnosis.views.pods import Container, dicts, number, words

_OF_KUBERNETES = {
    2379: "etcd", 2380: "etcd", 6443: "the API server", 10248: "the kubelet", 10249: "kube-proxy", 10250: "the kubelet",
    10255: "the kubelet", 10256: "kube-proxy", 10257: "the controller manager", 10259: "the scheduler",
}  # fmt: skip


def on_node(container: Container) -> bool:
    """Whether its pod has no network of its own."""
    return container.pod.spec.get("hostNetwork") is True


def port_wanted(container: Container) -> int:
    """The one port that its command names, else the one that it declares; 0 where there are none or several."""
    told = named_ports([*words(container.spec, "command"), *words(container.spec, "args")])
    found = set(told) or {number(one, "containerPort") for one in dicts(container.spec, "ports")}
    return found.pop() if len(found) == 1 else 0


def holder(case: Case, container: Container, port: int) -> str:
    """What has the port, in words: another pod of the same workload on that node, a part of Kubernetes that has it on
    every node, else something there."""
    node, mine = container.pod.node, container.pod.name
    also = [pod.name for pod in case.pods if pod.node == node and pod.name != mine and pod.ready]
    shared = f"node `{node}`, whose ports it shares (hostNetwork)"
    if also:
        return f"pod `{also[0]}` of the same workload runs on {shared}"
    if port in _OF_KUBERNETES:
        return f"{_OF_KUBERNETES[port]} has that port on {shared}"
    return f"something has it on {shared}"
