"""What the scheduler said about a pod, and which demand of the pod no node meets."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from explainers.diagnosis.case import Case
from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.views.nodes import Placement, expression
from explainers.diagnosis.views.pods import Json, Pod, dicts, table, text
from explainers.document import Evidence
from explainers.patterns import pattern

_REST = pattern(r"[.,]? (?:no new claims to deallocate|preemption: ).*$", re.S)
_PART = pattern(r"^(\d+) (.+)$", re.S)


def verdict_of(pod: Pod) -> str:
    """The message of the PodScheduled condition."""
    return text(pod.condition("PodScheduled"), "message")


def reasons(message: str) -> dict[str, int]:
    """`0/3 nodes are available: 2 Insufficient cpu, 1 node(s) …` as the number of nodes by reason."""
    body = _REST.sub("", message).partition("are available: ")[2].rstrip(". ")
    parts = [_PART.match(part) for part in re.split(r", (?=\d+ )", body)]
    return {found[2]: int(found[1]) for found in parts if found}


@dataclass(frozen=True)
class Mismatch:
    """The demand that no node meets: `key` and `wanted`, and the nearest label that nodes do carry."""

    key: str
    wanted: tuple[str, ...]
    sentence: str
    evidence: tuple[Evidence, ...]
    near_key: str = ""
    near_value: str = ""

    @property
    def near(self) -> str:
        return f"{self.near_key}={self.near_value}" if self.near_value else ""


def mismatch(case: Case, placement: Placement) -> Mismatch | None:
    """The first demand of selector or affinity that no node meets; None when each is met by some node."""
    answer = case.node_labels()
    nodes = {text(node, "metadata", "name"): table(node, "metadata", "labels") for node in answer.items}
    if not answer.ok or not nodes:
        return None
    for rule in demands(placement):
        if not any(expression(rule, labels) for labels in nodes.values()):
            return _explain(rule, nodes)
    return None


def demands(placement: Placement) -> Iterator[Json]:
    """Selector and affinity as node selector requirements."""
    for key, value in sorted(placement.selector.items()):
        yield {"key": key, "operator": "In", "values": [value]}
    for term in placement.terms:
        yield from dicts(term, "matchExpressions")


def _explain(rule: Json, nodes: dict[str, Json]) -> Mismatch:
    key, operator = str(rule.get("key")), str(rule.get("operator"))
    values: Any = rule.get("values")
    wanted = tuple(str(value) for value in values) if isinstance(values, list) else ()
    have = sorted({str(labels[key]) for labels in nodes.values() if key in labels})
    sentence = f"they demand a node with {_demand(key, operator, wanted)}, and {_have(key, have)}"
    near_key, near_value = _nearest(key, wanted, nodes)
    if near_value:
        sentence += f"; the nearest label is `{near_key}={near_value}`"
    labels = f"{key} is {', '.join(have)}" if have else f"no label {key}"
    seen = Evidence(f"labels of {len(nodes)} nodes" if len(nodes) > 1 else f"node {next(iter(nodes))}", labels)
    return Mismatch(key, wanted, sentence, (seen,), near_key, near_value)


def _demand(key: str, operator: str, wanted: tuple[str, ...]) -> str:
    match operator:
        case "In":
            return " or ".join(f"`{key}={value}`" for value in wanted)
        case "NotIn":
            return f"a label `{key}` other than {', '.join(wanted)}"
        case "Exists":
            return f"a label `{key}`"
        case "DoesNotExist":
            return f"no label `{key}`"
    return f"`{key}` {'above' if operator == 'Gt' else 'below'} {', '.join(wanted)}"


def _have(key: str, have: list[str]) -> str:
    if not have:
        return f"no node has a label `{key}`"
    shown = ", ".join(f"`{value}`" for value in have[:3])
    return f"the nodes have {shown}" + (" and others" if len(have) > 3 else "")


def _nearest(key: str, wanted: tuple[str, ...], nodes: dict[str, Json]) -> tuple[str, str]:
    """The label that was probably meant: the same key with a near value, else a near key with that value."""
    if not wanted:
        return "", ""
    have = {str(labels[key]) for labels in nodes.values() if key in labels}
    if close := nearest_one(wanted[0], have):
        return key, close
    others = {other for labels in nodes.values() for other, value in labels.items() if value in wanted}
    close = nearest_one(key, others, least=0.8)
    return (close, wanted[0]) if close else ("", "")
