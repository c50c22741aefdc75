"""What the rules of NetworkPolicies allow, in words."""

import re

from explainers.diagnosis.views.pods import Json, dicts, table, text, words
from explainers.network.policies import Direction, peers
from explainers.selectors import query

MOST_RULES = 3


def told_rules(policy: Json, direction: Direction) -> str:
    """A direction's rules in one line, each by itself."""
    everybody = "everybody" if direction == "ingress" else "everything"
    told = [
        f"{peers_of(rule, direction) or everybody} on {f'port {ports}' if (ports := ports_of(rule)) else 'any port'}"
        for rule in dicts(policy, "spec", direction)
    ]
    return f"{direction}: {'; '.join(told) or 'no rule, so nothing passes'}"


def told_ways_out(policy: Json) -> str:
    """What a policy lets out, rule by rule; a rule names peers, ports or both."""
    told = []
    for rule in dicts(policy, "spec", "egress"):
        whom, ports = peers_of(rule, "egress"), ports_of(rule)
        told.append(f"{whom} on port {ports}" if whom and ports else whom or f"everything on port {ports}")
    more = f" and {len(told) - MOST_RULES} more" if len(told) > MOST_RULES else ""
    return "; ".join(told[:MOST_RULES]) + more or "nothing"


def told_peers(policy: Json, direction: Direction) -> str:
    """Whom the rules of a direction name, once each."""
    told = [peers_of(rule, direction) for rule in dicts(policy, "spec", direction)]
    return ", ".join(dict.fromkeys(one for one in told if one))


def peers_of(rule: Json, direction: Direction) -> str:
    """Whom one rule names; empty for everybody."""
    return ", ".join(dict.fromkeys(_peer(one) for one in peers(rule, direction)))


def _peer(one: Json) -> str:
    if "ipBlock" in one:
        kept_out = " and ".join(words(one, "ipBlock", "except"))
        return f"addresses {text(one, 'ipBlock', 'cidr')}{f' except {kept_out}' if kept_out else ''}"
    parts = []
    if "podSelector" in one or "namespaceSelector" not in one:
        parts.append(f"pods `{_asked(table(one, 'podSelector')) or 'any'}`")
    if "namespaceSelector" in one:
        parts.append(f"namespaces `{_asked(table(one, 'namespaceSelector')) or 'any'}`")
    return " of ".join(parts)


def _asked(selector: Json) -> str:
    """A selector in short: `In` one value reads like a label."""
    return re.sub(r" in \(([^,()]*)\)", r"=\1", query(selector))


def named_ports(policy: Json) -> set[str]:
    """The ports that a policy lets out to."""
    return {str(port.get("port")) for rule in dicts(policy, "spec", "egress") for port in dicts(rule, "ports")}


def told_ports(policy: Json, direction: Direction) -> str:
    """The ports of all rules of a direction."""
    return ports_of({"ports": [port for rule in dicts(policy, "spec", direction) for port in dicts(rule, "ports")]})


def ports_of(rule: Json) -> str:
    """`53/UDP, 53/TCP`, `8000-8100`; TCP alone goes without saying."""
    entries = [(_numbers(one), text(one, "protocol") or "TCP") for one in dicts(rule, "ports")]
    only_tcp = {protocol for _, protocol in entries} == {"TCP"}
    return ", ".join(dict.fromkeys(number if only_tcp else f"{number}/{protocol}" for number, protocol in entries))


def _numbers(port: Json) -> str:
    last = port.get("endPort")
    return f"{port.get('port', 'any')}{f'-{last}' if last else ''}"
