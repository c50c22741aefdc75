"""Openings in NetworkPolicies, as patches that add and never take away."""

from typing import Any

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.views.dead_peers import DeadPeer
from explainers.diagnosis.views.pods import Json, dig, table, text
from explainers.network.policies import NAME_LABEL, Direction, Gap, Party
from explainers.operations.apply import Apply
from explainers.operations.patches import Label, Patch
from explainers.operations.reads import List
from explainers.patterns import pattern
from explainers.plan import Plan, Step

DNS_RULE: Json = {
    "to": [
        {
            "namespaceSelector": {"matchLabels": {NAME_LABEL: "kube-system"}},
            "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
        }
    ],
    "ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}],
}
_GENERATED = pattern(r"^batch\.kubernetes\.io/|^controller-uid$|^job-name$|-hash$")
_ALLOWED = "what its rules allow passes within a few seconds"
_EXPECT = "connections pass within a few seconds; nothing that was allowed is closed"


def peer(other: Party, home: str, labels: Json) -> Json:
    """A `from` or `to` entry for pods with these labels, with their namespace where it is another one."""
    entry: Json = {"podSelector": {"matchLabels": dict(labels)}}
    if other.namespace != home:
        entry["namespaceSelector"] = {"matchLabels": {NAME_LABEL: other.namespace}}
    return entry


def allow_dns(policy: Json) -> Plan:
    """Let name look-ups out to the cluster's DNS."""
    return Plan((_add_rule(policy, "egress", DNS_RULE, "let DNS look-ups out to kube-dns, UDP and TCP"),))


def allow_out(policy: Json, to: Json, port: int, protocol: str, whom: str) -> Plan:
    rule = {"to": [to], "ports": [{"port": port, "protocol": protocol}]}
    return Plan((_add_rule(policy, "egress", rule, f"let traffic out to `{whom}` on port {port}"),))


def allow_out_on(policy: Json, index: int, port: int, protocol: str, whom: str) -> Plan:
    """Add the port to the rule that names what is called."""
    change = _append(policy, f"/spec/egress/{index}/ports", {"port": port, "protocol": protocol})
    return Plan((Step(change, f"let out to `{whom}` on port {port}, where its pods listen", _EXPECT),))


def allow_in(policy: Json, gap: Gap, index: int, who: Json, port: int, protocol: str, whom: str) -> Plan:
    """Add what the nearest rule lacks, the peer or the port; a whole rule where there is no near one."""
    if gap is Gap.PEER:
        change = _append(policy, f"/spec/ingress/{index}/from", who)
        return Plan((Step(change, f"let `{whom}` in by the rule that has the right port", _EXPECT),))
    if gap is Gap.PORT:
        change = _append(policy, f"/spec/ingress/{index}/ports", {"port": port, "protocol": protocol})
        return Plan((Step(change, f"let in to port {port}, where the pods listen", _EXPECT),))
    rule = {"from": [who], "ports": [{"port": port, "protocol": protocol}]}
    return Plan((_add_rule(policy, "ingress", rule, f"let `{whom}` in to port {port}"),))


def take_effect(policy: Json, direction: Direction) -> Plan:
    """Let the rules of a direction count that `policyTypes` leaves out."""
    change = _append(policy, "/spec/policyTypes", direction.capitalize())
    why = f"let the {direction} rules of the policy count, for all pods that it selects"
    return Plan((Step(change, why, _ALLOWED),))


def select(policy: Json, labels: Json) -> Plan:
    """Let a policy be about the pods with these labels."""
    path, namespace, name = "/spec/podSelector", text(policy, "metadata", "namespace"), text(policy, "metadata", "name")
    rights = ({"matchLabels": labels}, table(policy, "spec", "podSelector"))
    body, back = ([{"op": "replace", "path": path, "value": one}] for one in rights)
    change = Patch(kinds.NETWORK_POLICY, namespace, name, body, "json", back)
    return Plan(
        (Step(change, "let the policy be about these pods", "what its rules allow passes within a few seconds"),)
    )


def let_namespace_in(case: Case, dead: DeadPeer) -> Plan:
    """Name the namespace that is meant, in place of a selector that fits none; or give it the labels that are asked
    for, which other policies may ask for, too."""
    path = f"/spec/ingress/{dead.rule}/from/{dead.place}/namespaceSelector"
    look = Step(List(kinds.NAMESPACE, ""), "see which namespaces there are, and their labels")
    if not dead.meant:
        return Plan((look,))
    right: Json = {"matchLabels": {NAME_LABEL: dead.meant}}
    body, back = ([{"op": "replace", "path": path, "value": one}] for one in (right, dead.selector))
    change = Patch(kinds.NETWORK_POLICY, case.namespace, dead.policy, body, "json", back)
    name_it = Step(change, f"let the namespace `{dead.meant}` in, by the label that each has by itself", _EXPECT)
    asked = tuple(sorted((key, str(value)) for key, value in table(dead.selector, "matchLabels").items()))
    alone = asked and not dead.selector.get("matchExpressions") and NAME_LABEL not in dict(asked)
    label = Step(
        Label(kinds.NAMESPACE, "", dead.meant, asked), "give the namespace the labels that the policy asks for"
    )
    return Plan((name_it,), (label, look) if alone else (look,))


def new_ingress(namespace: str, name: str, target: Json, who: Json | None, port: int, protocol: str) -> Plan:
    """A policy of its own that lets a client in; policies add up, so the one that denies stays as it is."""
    rule: dict[str, Any] = {"ports": [{"port": port, "protocol": protocol}]}
    rule |= {"from": [who]} if who else {"from": [{"podSelector": {}}]}
    spec = {"podSelector": {"matchLabels": dict(target)}, "policyTypes": ["Ingress"], "ingress": [rule]}
    manifest = {
        "apiVersion": kinds.NETWORK_POLICY.api_version,
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    }
    change = Apply(kinds.NETWORK_POLICY, namespace, manifest, creates=True)
    whom = "the caller" if who else "the pods of this namespace"
    return Plan((Step(change, f"let {whom} in to port {port} by a policy of its own", _EXPECT),))


def _add_rule(policy: Json, direction: Direction, rule: Json, why: str) -> Step:
    return Step(_append(policy, f"/spec/{direction}", rule), why, _EXPECT)


def _append(policy: Json, path: str, value: Any) -> Patch:
    """A JSON patch that appends to a list, or makes the list where it is missing."""
    namespace, name = text(policy, "metadata", "namespace"), text(policy, "metadata", "name")
    steps: list[str | int] = [int(part) if part.isdecimal() else part for part in path.strip("/").split("/")]
    have = dig(policy, *steps)
    if isinstance(have, list):
        body, back = {"op": "add", "path": f"{path}/-", "value": value}, {"op": "remove", "path": f"{path}/{len(have)}"}
    else:
        body, back = {"op": "add", "path": path, "value": [value]}, {"op": "remove", "path": path}
    return Patch(kinds.NETWORK_POLICY, namespace, name, [body], "json", [back])


def own_labels(workload: Json, labels: Json) -> Json:
    """The labels that make a workload's pods its own; for a Job those of its template that a person wrote."""
    chosen = table(workload, "spec", "selector", "matchLabels")
    written = {key: value for key, value in labels.items() if not _GENERATED.search(key)}
    return written or chosen if any(_GENERATED.search(key) for key in chosen) else chosen or written
