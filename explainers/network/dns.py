"""The cluster's DNS: a service and its endpoints, as nearly every distribution labels them.

Source: https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/
"""

from dataclasses import dataclass

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.views.pods import dicts, dig, number, text, words
from explainers.diagnosis.views.rows import cells_of
from explainers.operations.reads import PAGE, Get, List, Rows
from explainers.patterns import pattern

NAMESPACE = "kube-system"
SERVICE = "kube-dns"
LABEL = "k8s-app=kube-dns"
NAME = "coredns"
_OF = pattern(r"^(\d+)/(\d+)$")


@dataclass(frozen=True)
class DnsState:
    """`up` is None when it could not be read, or when nothing bears the usual label. `addresses` are those of its pods,
    ready or not."""

    up: bool | None
    told: str
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class DnsDeployment:
    """What runs DNS: its name, how many pods are wanted and how many are ready."""

    name: str
    wanted: int
    ready: int


def dns_deployment(case: Case) -> DnsDeployment | None:
    """The Deployment of DNS by its row, a third of its size, or whole where no rows are printed; None where none bears
    the label or the usual name, or may be seen."""
    for labels, fields in ((LABEL, ""), ("", f"metadata.name={NAME}")):
        (printed,) = case.ask(Rows(kinds.DEPLOYMENT, NAMESPACE, labels, fields))
        for row in cells_of(printed, {"name", "ready"}) or ():
            if counted := _OF.match(str(row["ready"])):
                return DnsDeployment(str(row["name"]), int(counted[2]), int(counted[1]))
        for whole in () if printed.ok else case.find(kinds.DEPLOYMENT, labels, fields, NAMESPACE).items:
            wanted, ready = dig(whole, "spec", "replicas", default=1), number(whole, "status", "readyReplicas")
            return DnsDeployment(text(whole, "metadata", "name"), wanted if isinstance(wanted, int) else 1, ready)
    return None


def dns_service() -> Get:
    return Get(kinds.SERVICE, NAMESPACE, SERVICE)


def dns_endpoints() -> List:
    return List(kinds.ENDPOINT_SLICE, NAMESPACE, LABEL, limit=PAGE)


def dns_state(case: Case) -> DnsState:
    """Whether DNS has a ready pod, by its EndpointSlices, a third of the size of a pod: they bear the labels of their
    service. Raises Missing while they are to be read."""
    answer = case.ask(dns_endpoints())[0]
    if not answer.ok:
        return DnsState(None, f"its endpoints cannot be read: {answer.problem}")
    if not answer.items:
        return DnsState(None, f"no service in `{NAMESPACE}` is labelled `{LABEL}`")
    found = [endpoint for piece in answer.items for endpoint in dicts(piece, "endpoints")]
    ready = sum(1 for one in found if dig(one, "conditions", "ready") is not False)
    addresses = tuple(sorted(address for one in found for address in words(one, "addresses")))
    return DnsState(ready > 0, f"{ready} of {len(found)} DNS pods ready", addresses)
