"""The cluster's DNS: the service `kube-dns` and the pods behind it, as every distribution labels them.

Source: https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/
"""

from dataclasses import dataclass

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.views.pods import Pod
from explainers.operations.reads import Get

NAMESPACE = "kube-system"
SERVICE = "kube-dns"
LABEL = "k8s-app=kube-dns"


@dataclass(frozen=True)
class DnsState:
    """`up` is None when it could not be read."""

    up: bool | None
    told: str
    pods: tuple[Pod, ...] = ()


def dns_service() -> Get:
    return Get(kinds.SERVICE, NAMESPACE, SERVICE)


def dns_state(case: Case) -> DnsState:
    """Whether DNS has a ready pod. Raises Missing while its pods are to be read."""
    answer = case.find(kinds.POD, LABEL, namespace=NAMESPACE)
    if not answer.ok:
        return DnsState(None, f"its pods cannot be read: {answer.problem}")
    pods = tuple(sorted((Pod(item) for item in answer.items), key=lambda pod: pod.name))
    ready = sum(1 for pod in pods if pod.ready)
    return DnsState(ready > 0, f"{ready} of {len(pods)} DNS pods ready", pods)
