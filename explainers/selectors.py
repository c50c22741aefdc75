"""Label selectors: what they match, and how they are written in a query.

Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
"""

import re
from collections.abc import Mapping
from typing import Any

Labels = Mapping[str, Any]
_KEY = r"[A-Za-z0-9]([\w./-]{0,315}[A-Za-z0-9])?"
_VALUE = r"([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?"
_EQUAL = re.compile(rf"(?P<key>{_KEY})\s*(?P<operator>==?|!=)\s*(?P<value>{_VALUE})", re.ASCII)
_IN = re.compile(rf"(?P<key>{_KEY})\s+(?P<operator>in|notin)\s*\((?P<values>[^()]*)\)", re.ASCII)
_THERE = re.compile(rf"(?P<operator>!?)\s*(?P<key>{_KEY})", re.ASCII)
_COMMA = re.compile(r",(?![^()]*\))")


def matches(selector: Mapping[str, Any] | None, labels: Labels | None) -> bool:
    """Whether a LabelSelector object (`matchLabels`, `matchExpressions`) matches; None matches nothing, {} all."""
    if selector is None:
        return False
    have = _table(labels)
    return subset(selector.get("matchLabels"), have) and all(_expression(rule, have) for rule in _rules(selector))


def asked_for(selector: Mapping[str, Any]) -> set[tuple[str, str]]:
    """The keys and values of which a LabelSelector object asks for one or each."""
    some = [
        (str(rule.get("key")), value)
        for rule in _rules(selector)
        if rule.get("operator") == "In"
        for value in _values(rule)
    ]
    return {(key, str(value)) for key, value in _table(selector.get("matchLabels")).items()} | set(some)


def subset(wanted: Labels | None, labels: Labels | None) -> bool:
    """Whether every wanted label is there with that value: the selector of a Service."""
    have = _table(labels)
    return all(have.get(key) == value for key, value in _table(wanted).items())


def _table(value: Any) -> Labels:
    """The value where it is an object: what a cluster returns may be anything."""
    return value if isinstance(value, Mapping) else {}


def _rules(selector: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = selector.get("matchExpressions")
    return [rule for rule in found if isinstance(rule, Mapping)] if isinstance(found, list) else []


def _values(rule: Mapping[str, Any]) -> list[str]:
    found = rule.get("values")
    return [value for value in found if isinstance(value, str)] if isinstance(found, list) else []


def _expression(rule: Mapping[str, Any], labels: Labels) -> bool:
    key, values = str(rule.get("key")), _values(rule)
    match rule.get("operator"):
        case "In":
            return key in labels and labels[key] in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
    return False


def parse(text: str) -> dict[str, Any]:
    """The LabelSelector object that a selector as kubectl's `-l` takes it stands for. Raises ValueError with words."""
    rules = [_rule(part.strip()) for part in _COMMA.split(text)]
    return {"matchExpressions": rules}


def _rule(part: str) -> dict[str, Any]:
    if found := _EQUAL.fullmatch(part):
        operator = "NotIn" if found["operator"] == "!=" else "In"
        return {"key": found["key"], "operator": operator, "values": [found["value"]]}
    if found := _IN.fullmatch(part):
        values = [value.strip() for value in found["values"].split(",")]
        if all(re.fullmatch(_VALUE, value, re.ASCII) for value in values):
            return {"key": found["key"], "operator": "In" if found["operator"] == "in" else "NotIn", "values": values}
    if found := _THERE.fullmatch(part):
        return {"key": found["key"], "operator": "DoesNotExist" if found["operator"] else "Exists"}
    raise ValueError(f"`{part}` is no label selector; one looks like `app=web`, `tier!=test` or `app in (web, api)`")


def query(selector: Mapping[str, Any]) -> str:
    """The selector as the API's `labelSelector` parameter and kubectl's `-l` take it."""
    parts = [f"{key}={value}" for key, value in sorted(_table(selector.get("matchLabels")).items())]
    for rule in _rules(selector):
        key, values = str(rule.get("key", "")), ",".join(_values(rule))
        match rule.get("operator"):
            case "In":
                parts.append(f"{key} in ({values})")
            case "NotIn":
                parts.append(f"{key} notin ({values})")
            case "Exists":
                parts.append(key)
            case "DoesNotExist":
                parts.append(f"!{key}")
    return ",".join(parts)


def pairs(labels: Labels | None) -> str:
    """Labels as people read them: `app=web,tier=front`."""
    return ",".join(f"{key}={value}" for key, value in sorted(_table(labels).items()))
