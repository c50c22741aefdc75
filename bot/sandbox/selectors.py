"""Label and field selectors, as the API server reads them.

Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/ and field-selectors/.
Standard library only, so that a captured snapshot is filtered by the very same code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_SET = re.compile(r"^(?P<key>\S+)\s+(?P<op>in|notin)\s*\(\s*(?P<values>[^()]*)\)$")
_COMPARE = re.compile(r"^(?P<key>[^\s=!<>]+)\s*(?P<op>==|=|!=|<|>)\s*(?P<value>[^\s=!<>]*)$")
_KEY = re.compile(r"^([a-z0-9A-Z]([-a-z0-9A-Z.]*[a-z0-9A-Z])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$")
_OUTSIDE_PARENTHESES = re.compile(r",(?![^(]*\))")


class SelectorError(ValueError):
    """The selector's text cannot be read."""


@dataclass(frozen=True)
class Requirement:
    """One condition on one key; `op` is one of in, notin, exists, absent, gt, lt."""

    key: str
    op: str
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Tell whether a set of labels satisfies this condition (a missing key satisfies `notin`)."""
        value = labels.get(self.key)
        match self.op:
            case "exists":
                return self.key in labels
            case "absent":
                return self.key not in labels
            case "in":
                return self.key in labels and value in self.values
            case "notin":
                return self.key not in labels or value not in self.values
            case _:
                return _compares(value, self.op, self.values[0])


def _compares(value: str | None, op: str, limit: str) -> bool:
    try:
        left, right = int(value or ""), int(limit)
    except ValueError:
        return False
    return left > right if op == "gt" else left < right


@lru_cache(maxsize=512)
def parse_label_selector(text: str) -> tuple[Requirement, ...]:
    """Read `app=web,tier in (a,b),!old`; the empty text selects everything.

    Raises SelectorError for text that the API server would answer with 400.
    """
    parts = [part.strip() for part in _OUTSIDE_PARENTHESES.split(text)] if text.strip() else []
    return tuple(_requirement(part, text) for part in parts)


def _requirement(part: str, text: str) -> Requirement:
    if found := _SET.match(part):
        values = tuple(value.strip() for value in found["values"].split(","))
        return Requirement(_key(found["key"], text), found["op"], values)
    if found := _COMPARE.match(part):
        op = {"=": "in", "==": "in", "!=": "notin", "<": "lt", ">": "gt"}[found["op"]]
        return Requirement(_key(found["key"], text), op, (found["value"],))
    if part.startswith("!"):
        return Requirement(_key(part[1:].strip(), text), "absent")
    return Requirement(_key(part, text), "exists")


def _key(key: str, text: str) -> str:
    if not _KEY.match(key):
        raise SelectorError(f"unable to parse requirement: {key!r} in {text!r} is not a label key")
    return key


def matches_labels(requirements: Sequence[Requirement], labels: Mapping[str, str] | None) -> bool:
    """Tell whether labels satisfy every requirement."""
    return all(requirement.matches(labels or {}) for requirement in requirements)


def matches_label_selector(selector: Mapping[str, Any] | None, labels: Mapping[str, str] | None) -> bool:
    """Match a LabelSelector object (`matchLabels`, `matchExpressions`); null selects nothing, `{}` everything."""
    if selector is None:
        return False
    have = labels or {}
    if any(have.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    ops = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "absent"}
    return all(
        Requirement(item["key"], ops[item["operator"]], tuple(item.get("values") or ())).matches(have)
        for item in selector.get("matchExpressions") or ()
    )


@dataclass(frozen=True)
class FieldRequirement:
    """One condition `path = value` (or `!=`) on a dotted field path."""

    path: str
    value: str
    negated: bool = False

    def matches(self, obj: Mapping[str, Any]) -> bool:
        """Compare the field, absent counting as the empty text."""
        return (field_text(obj, self.path) == self.value) is not self.negated


@lru_cache(maxsize=512)
def parse_field_selector(text: str) -> tuple[FieldRequirement, ...]:
    """Read `metadata.name=web,status.phase!=Running`; the empty text selects everything.

    Raises SelectorError for a part without an operator.
    """
    return tuple(_field_requirement(part, text) for part in text.split(",") if part.strip())


def _field_requirement(part: str, text: str) -> FieldRequirement:
    for operator in ("!=", "==", "="):
        path, found, value = part.partition(operator)
        if found:
            return FieldRequirement(path.strip(), value.strip(), operator == "!=")
    raise SelectorError(f"invalid selector: {text!r}; can't understand {part!r}")


def field_text(obj: Mapping[str, Any], path: str) -> str:
    """Give the field at `path` as the API compares it: text, booleans in lower case, absent as empty."""
    value: Any = obj
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def matches_fields(requirements: Sequence[FieldRequirement], obj: Mapping[str, Any]) -> bool:
    """Tell whether an object satisfies every field requirement."""
    return all(requirement.matches(obj) for requirement in requirements)
