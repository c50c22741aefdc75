"""What the scheduler said about a pod, and which demand of the pod no node meets."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.views.nodes import IN_QUERIES, KNOWN, MANY, Placement, expression
from explainers.diagnosis.views.pods import Json, Pod, dicts, table, text
from explainers.document import Evidence
from explainers.operations.base import Answer
from explainers.operations.reads import List, continued
from explainers.patterns import pattern
from explainers.selectors import query

_TOTAL = pattern(r"\b0/(\d+) nodes are available")
_REST = pattern(r"[.,]? (?:no new claims to deallocate|preemption: ).*$", re.S)
_TWICE = pattern(r"( not found)\. not found\b")
_PART = pattern(r"^(\d+) (.+)$", re.S)


def verdict_of(pod: Pod) -> str:
    """The message of the PodScheduled condition, without what it says of pods that might give way, and said once."""
    return _TWICE.sub(r"\1", _REST.sub(".", text(pod.condition("PodScheduled"), "message")))


def reasons(message: str) -> dict[str, int]:
    """`0/3 nodes are available: 2 Insufficient cpu, 1 node(s) …` as the number of nodes by reason."""
    body = _REST.sub("", message).partition("are available: ")[2].rstrip(". ")
    parts = [_PART.match(part) for part in re.split(r", (?=\d+ )", body)]
    return {found[2]: int(found[1]) for found in parts if found}


def only_room(message: str) -> bool:
    """Whether all nodes that the scheduler counts lack room, and nothing else is in the way."""
    told = reasons(message)
    return bool(told) and all(words.startswith("Insufficient ") for words in told)


def many(message: str) -> bool:
    """Whether the scheduler counts more nodes than are to be read, without those that selector or affinity rule out."""
    total = _TOTAL.search(message)
    out = sum(count for words, count in reasons(message).items() if "node affinity/selector" in words)
    return total is not None and int(total[1]) - out > MANY


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


def labelled_nodes(case: Case, labels: str = "") -> Answer:
    """The first nodes that a label selector finds, of which no more than the metadata has to be known."""
    whole = case.facts.answers.get(List(kinds.NODE, "", labels, limit=MANY))
    return whole if whole and whole.ok else case.ask(List(kinds.NODE, "", labels, limit=MANY, metadata_only=True))[0]


def somewhere(case: Case, rule: Json) -> bool:
    """Whether some node meets a requirement. Of many only the server knows; what it cannot tell counts as met."""
    nodes = labelled_nodes(case)
    if any(expression(rule, labels) for labels in _labels(nodes)):
        return True
    if not continued(nodes):
        return not nodes.ok
    if rule.get("operator") not in IN_QUERIES:
        return True
    found = labelled_nodes(case, query({"matchExpressions": [rule]}))
    return bool(found.items) or not found.ok


def mismatch(case: Case, placement: Placement) -> Mismatch | None:
    """The first demand of selector or affinity that no node meets; None when each is met by some node."""
    first = labelled_nodes(case)
    lone = next((rule for rule in demands(placement) if not somewhere(case, rule)), None)
    if not first.items or lone is None:
        return None
    others = labelled_nodes(case, _other_values(str(lone.get("key")), first)) if continued(first) else first
    nodes = {text(node, "metadata", "name"): table(node, "metadata", "labels") for node in first.items + others.items}
    return _explain(lone, nodes)


def _other_values(key: str, seen: Answer) -> str:
    """A label selector that finds nodes with other values of a key than those seen."""
    values = sorted({str(labels[key]) for labels in _labels(seen) if key in labels})
    rules = [
        {"key": key, "operator": "Exists"},
        *([{"key": key, "operator": "NotIn", "values": values}] if values else []),
    ]
    return query({"matchExpressions": rules})


def _labels(nodes: Answer) -> list[Json]:
    return [table(node, "metadata", "labels") for node in nodes.items]


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
    if not wanted or wanted[0] in KNOWN.get(key, ()):
        return "", ""
    have = {str(labels[key]) for labels in nodes.values() if key in labels}
    if close := nearest_one(wanted[0], have):
        return key, close
    others = {other for labels in nodes.values() for other, value in labels.items() if value in wanted}
    close = nearest_one(key, others, least=0.8)
    return (close, wanted[0]) if close else ("", "")
