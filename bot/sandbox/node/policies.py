"""NetworkPolicies between pods.

Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.sandbox.jsonish import Object, dig
from bot.sandbox.selectors import matches_label_selector
from bot.sandbox.store import Store

_NETWORKING = "networking.k8s.io"


@dataclass(frozen=True)
class Port:
    """A port of a pod with its protocol."""

    number: int
    protocol: str = "TCP"


def blocked(store: Store, source: Object, target: Object, port: Port) -> bool:
    """Tell whether a policy keeps `source` from `target`'s port, on the way out or in."""
    return not _allowed(store, source, target, port, "Egress") or not _allowed(store, target, source, port, "Ingress")


def _allowed(store: Store, own: Object, peer: Object, port: Port, direction: str) -> bool:
    rules_field, peers_field = ("egress", "to") if direction == "Egress" else ("ingress", "from")
    server = peer if direction == "Egress" else own
    policies = [
        policy
        for policy in store.all(_NETWORKING, "networkpolicies", own["metadata"]["namespace"])
        if direction in dig(policy, "spec", "policyTypes", default=["Ingress"])
        and matches_label_selector(dig(policy, "spec", "podSelector", default={}), dig(own, "metadata", "labels"))
    ]
    if not policies:
        return True
    rules = [(policy, rule) for policy in policies for rule in dig(policy, "spec", rules_field, default=[])]
    return any(
        _port_matches(rule.get("ports"), port, server) and _peer_matches(store, rule.get(peers_field), peer, policy)
        for policy, rule in rules
    )


def _port_matches(ports: Any, wanted_port: Port, server: Object) -> bool:
    if not ports:
        return True
    port = wanted_port.number
    for item in ports:
        wanted = item.get("port")
        if item.get("protocol", "TCP") != wanted_port.protocol:
            continue
        if wanted is None or wanted == port:
            return True
        if isinstance(wanted, int) and wanted <= port <= item.get("endPort", wanted):
            return True
        names = [p for c in dig(server, "spec", "containers", default=[]) for p in c.get("ports") or []]
        if any(p.get("name") == wanted and p.get("containerPort") == port for p in names):
            return True
    return False


def _peer_matches(store: Store, peers: Any, peer: Object, policy: Object) -> bool:
    if not peers:
        return True
    return any(_one_peer(store, item, peer, policy) for item in peers)


def _one_peer(store: Store, item: Object, peer: Object, policy: Object) -> bool:
    if "ipBlock" in item:
        return False
    namespace = peer["metadata"]["namespace"]
    if "namespaceSelector" in item:
        found = store.find("", "namespaces", "", namespace) or {}
        if not matches_label_selector(item["namespaceSelector"], dig(found, "metadata", "labels")):
            return False
    elif namespace != policy["metadata"]["namespace"]:
        return False
    selector = item.get("podSelector", {})
    return matches_label_selector(selector, dig(peer, "metadata", "labels"))
