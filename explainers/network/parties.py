"""The two ends of a connection, read as far as the policies in question need it."""

from collections.abc import Iterable

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.views.pods import Json, Pod, dicts, table, text
from explainers.network.policies import NAME_LABEL, Party, container_ports
from explainers.selectors import query


def pods_of(case: Case, service: Json) -> list[Pod]:
    """The pods that a Service selects and that run, in the order of their names."""
    selector, namespace = table(service, "spec", "selector"), text(service, "metadata", "namespace")
    if not selector:
        return []
    found = map(Pod, case.find(kinds.POD, query({"matchLabels": selector}), namespace=namespace or None).items)
    return sorted((pod for pod in found if pod.ip and not pod.finished), key=lambda pod: pod.name)


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
