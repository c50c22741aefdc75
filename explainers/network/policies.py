"""What NetworkPolicies let through, and how near a policy comes to letting it through.

Semantics of networking.k8s.io/v1: policies add up; a pod that any policy selects for a direction accepts in that
direction only what one of them allows; ports are those of the receiving pod, never those of a Service; the node
always reaches its pods. Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import ip_address, ip_network
from typing import Any, Literal

from explainers.diagnosis.views.pods import Json, dicts, dig, table, text
from explainers.selectors import matches

Direction = Literal["ingress", "egress"]
NAME_LABEL = "kubernetes.io/metadata.name"


@dataclass(frozen=True)
class Party:
    """One end of a connection: a pod's labels, its namespace with labels, its address and its named ports.

    `ports` maps (name, protocol) to numbers. An empty `ip` is an address that is not known.
    """

    namespace: str
    labels: Mapping[str, Any]
    namespace_labels: Mapping[str, Any] = field(default_factory=dict)
    ip: str = ""
    ports: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @property
    def home(self) -> dict[str, Any]:
        """The labels of the namespace; every namespace carries its own name."""
        return {**self.namespace_labels, NAME_LABEL: self.namespace}


class Gap(Enum):
    """Why a policy lets a connection not pass."""

    NO_RULE = "no rule"
    PEER = "peer"
    PORT = "port"
    BOTH = "peer and port"


def container_ports(spec: Json) -> dict[tuple[str, str], int]:
    """The named ports of a pod spec, by (name, protocol)."""
    containers = [*dicts(spec, "containers"), *dicts(spec, "initContainers")]
    return {
        (text(port, "name"), text(port, "protocol") or "TCP"): port["containerPort"]
        for container in containers
        for port in dicts(container, "ports")
        if text(port, "name") and isinstance(port.get("containerPort"), int)
    }


def governs(policy: Json, direction: Direction) -> bool:
    """Whether a policy restricts this direction: `policyTypes`, or the API's default for an empty list."""
    types = dig(policy, "spec", "policyTypes")
    if isinstance(types, list) and types:
        return direction.capitalize() in types
    return direction == "ingress" or bool(dicts(policy, "spec", "egress"))


def selecting(policies: Iterable[Json], party: Party, direction: Direction) -> list[Json]:
    """The policies that restrict a party in one direction, by name."""
    found = [
        policy
        for policy in policies
        if text(policy, "metadata", "namespace") in ("", party.namespace)
        and governs(policy, direction)
        and matches(table(policy, "spec", "podSelector"), party.labels)
    ]
    return sorted(found, key=lambda policy: text(policy, "metadata", "name"))


def blocking(
    policies: Iterable[Json], direction: Direction, client: Party, server: Party, port: int, protocol: str = "TCP"
) -> list[tuple[Json, Gap]]:
    """The policies that together forbid client → server:port, each with its gap; empty where the way is free.

    For ingress the server is the restricted side, for egress the client.
    """
    inside, other = (server, client) if direction == "ingress" else (client, server)
    restricting = selecting(policies, inside, direction)
    gaps = [(policy, gap(policy, direction, other, server, port, protocol)) for policy in restricting]
    if any(found is None for _, found in gaps):
        return []
    return [(policy, found) for policy, found in gaps if found is not None]


def gap(
    policy: Json, direction: Direction, other: Party, server: Party, port: int, protocol: str = "TCP"
) -> Gap | None:
    """None when the policy allows the connection; else what is missing in the rule that comes nearest."""
    home, found = text(policy, "metadata", "namespace") or server.namespace, []
    for rule in dicts(policy, "spec", direction):
        peer = _peer_fits(rule, direction, other, home)
        ported = _port_fits(rule, server, port, protocol)
        if peer and ported:
            return None
        found.append(Gap.PORT if peer else Gap.PEER if ported else Gap.BOTH)
    return min(found, key=[Gap.PORT, Gap.PEER, Gap.BOTH].index, default=Gap.NO_RULE)


def nearest_rules(policy: Json, direction: Direction, found: Gap, other: Party, server: Party, port: int) -> Json:
    """The policy with no more than the rules that have just this gap."""
    alone = [_with_rules(policy, direction, [rule]) for rule in dicts(policy, "spec", direction)]
    near = [one for one in alone if gap(one, direction, other, server, port) is found]
    return _with_rules(policy, direction, [rule for one in near for rule in dicts(one, "spec", direction)])


def _with_rules(policy: Json, direction: Direction, rules: list[Json]) -> Json:
    return {**policy, "spec": {**table(policy, "spec"), direction: rules}}


def peers(rule: Json, direction: Direction) -> list[Json]:
    """The `from` or `to` entries of a rule; empty means everybody."""
    return dicts(rule, "from" if direction == "ingress" else "to")


def peer_matches(peer: Json, other: Party, home: str) -> bool:
    """Whether one `from` or `to` entry names this party; an unknown address counts as named by an ipBlock."""
    if "ipBlock" in peer:
        return in_block(table(peer, "ipBlock"), other.ip)
    if "namespaceSelector" in peer:
        if not matches(table(peer, "namespaceSelector"), other.home):
            return False
    elif other.namespace != home:
        return False
    return matches(table(peer, "podSelector"), other.labels)


def port_number(port: Json, server: Party) -> int:
    """The number of a policy port on this server; 0 for a name that the server does not have."""
    wanted = port.get("port")
    if isinstance(wanted, int):
        return wanted
    return server.ports.get((str(wanted), text(port, "protocol") or "TCP"), 0)


def _peer_fits(rule: Json, direction: Direction, other: Party, home: str) -> bool:
    named = peers(rule, direction)
    return not named or any(peer_matches(peer, other, home) for peer in named)


def _port_fits(rule: Json, server: Party, port: int, protocol: str) -> bool:
    listed = dicts(rule, "ports")
    return not listed or any(_one_port_fits(entry, server, port, protocol) for entry in listed)


def _one_port_fits(entry: Json, server: Party, port: int, protocol: str) -> bool:
    if (text(entry, "protocol") or "TCP") != protocol:
        return False
    if entry.get("port") is None:
        return True
    first, last = port_number(entry, server), dig(entry, "endPort")
    return first <= port <= last if isinstance(last, int) else first == port


def in_block(block: Json, ip: str) -> bool:
    """Whether an ipBlock holds an address; one that is not known counts as held."""
    if not ip:
        return True
    try:
        inside = ip_address(ip) in ip_network(text(block, "cidr"), strict=False)
        exceptions = [item for item in dig(block, "except", default=[]) if isinstance(item, str)]
        return inside and not any(ip_address(ip) in ip_network(one, strict=False) for one in exceptions)
    except ValueError:
        return True
