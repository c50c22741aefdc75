"""The two ends of a connection, read as far as the policies in question need it."""

from collections.abc import Iterable

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.views.pods import Json, Pod, dicts, table
from explainers.kinds import ref_of
from explainers.network.policies import NAME_LABEL, Party, container_ports


def pods_of(case: Case, service: Json) -> list[Pod]:
    """The pods that a Service selects and that run, those read whole first."""
    return [pod for pod in case.follow(ref_of(service, "Service")).all_pods if pod.ip and not pod.finished]


def client_of(case: Case, policies: Iterable[Json]) -> Party | None:
    """The target as a caller; None when its namespace's labels matter and cannot be read."""
    labels = namespace_labels(case, case.namespace, policies)
    pod = next((one for one in case.pods if one.ip), None)
    if labels is None:
        return None
    ports = container_ports(table(case.template, "spec"))
    return Party(case.namespace, case.template_labels, labels, pod.ip if pod else "", ports)


def server_of(case: Case, pod: Pod, policies: Iterable[Json]) -> Party | None:
    """A pod as the one that is called; None when its namespace's labels matter and cannot be read."""
    labels = namespace_labels(case, pod.namespace, policies)
    return None if labels is None else Party(pod.namespace, pod.labels, labels, pod.ip, container_ports(pod.spec))


def namespace_labels(case: Case, namespace: str, policies: Iterable[Json]) -> Json | None:
    """The labels of a namespace where some policy asks for one besides its name; empty where none does."""
    if not any(_asks_for_labels(policy) for policy in policies):
        return {}
    answer = case.get(kinds.NAMESPACE, namespace)
    return table(answer.object, "metadata", "labels") if answer.ok else None


def _asks_for_labels(policy: Json) -> bool:
    selectors = [
        table(peer, "namespaceSelector")
        for direction, key in (("ingress", "from"), ("egress", "to"))
        for rule in dicts(policy, "spec", direction)
        for peer in dicts(rule, key)
    ]
    keys = {key for one in selectors for key in table(one, "matchLabels")}
    return bool(keys - {NAME_LABEL} or any(dicts(one, "matchExpressions") for one in selectors))
