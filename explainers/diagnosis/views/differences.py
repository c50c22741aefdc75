"""What differs between two pod templates: in words, and whether it is more than a restart writes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from explainers.diagnosis.logs.lines import clean
from explainers.diagnosis.views.pods import Json, dicts, table, text
from explainers.operations.rollouts import HASH_LABEL
from explainers.patterns import pattern

_PRIVATE = pattern(r"PASS|TOKEN|SECRET|CREDENTIAL|API_?KEY|PRIVATE", re.IGNORECASE)
_STAMP = pattern(r"restart|redeploy|rollme|checksum|timestamp", re.IGNORECASE)
"""Annotations that are written to have new pods made: kubectl's `restartedAt`, a chart's checksum of its ConfigMaps."""
_SHOWN = 80


def same_template(one: Json, other: Json) -> bool:
    """Whether pods of both run the same: what a restart writes into a template makes it no other."""
    return _lasting(one) == _lasting(other)


def _lasting(template: Json) -> tuple[Json, Json, Json]:
    labels, notes = table(template, "metadata", "labels"), table(template, "metadata", "annotations")
    kept = {key: value for key, value in notes.items() if not _STAMP.search(key)}
    return table(template, "spec"), {key: value for key, value in labels.items() if key != HASH_LABEL}, kept


def differences(before: Json, after: Json) -> tuple[str, ...]:
    """What differs between two pod templates' specs, in words; private values are not shown."""
    return tuple(_differences(table(before, "spec"), table(after, "spec")))


def _differences(before: Any, after: Any, path: str = "") -> Iterator[str]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({*before, *after}):
            if key not in ("$patch", "$retainKeys"):
                yield from _differences(before.get(key), after.get(key), f"{path}.{key}".lstrip("."))
    elif (_named(before) or before in (None, [])) and (_named(after) or after in (None, [])):
        olds, news = ({text(one, "name"): one for one in dicts({"x": side}, "x")} for side in (before, after))
        for name in dict.fromkeys([*olds, *news]):
            yield from _differences(olds.get(name), news.get(name), f"{path}[{name}]")
    else:
        yield f"{path}: {_shown(path, before)} → {_shown(path, after)}"


def _named(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) and one.get("name") for one in value)


def _shown(path: str, value: Any) -> str:
    if value is None:
        return "nothing"
    if _PRIVATE.search(path):
        return "a private value"
    said = clean(_written(value))
    return said if len(said) <= _SHOWN else said[: _SHOWN - 1] + "…"


def _written(value: Any) -> str:
    """A variable as `NAME=value`, a container as its image, anything else as it stands in a manifest."""
    if isinstance(value, list) and not any(isinstance(one, dict | list) for one in value):
        return " ".join(str(one) for one in value)
    if not isinstance(value, dict | list):
        return str(value)
    if isinstance(value, dict) and value.keys() == {"name", "value"}:
        return f"{value['name']}={value['value']}"
    if isinstance(value, dict) and "name" in value and "image" in value:
        return f"image {value['image']}"
    said = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return "a private value" if isinstance(value, list) and _PRIVATE.search(said) else said


def of_limits(change: str) -> bool:
    """Whether a difference in words is one of requests and limits, or of the size of an emptyDir."""
    path = change.partition(": ")[0]
    return ".resources" in path or path.endswith(".emptyDir.sizeLimit")
