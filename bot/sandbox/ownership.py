"""Which fields of an applied configuration somebody else has set, so that applying them needs force.

Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.sandbox.jsonish import Object
from bot.sandbox.strategic import list_keys, same_item

Path = tuple[str, ...]
_ABSENT = object()
_METADATA = ("labels", "annotations")
_OWN = ("apiVersion", "kind", "status")


def taken(live: Object, applied: Object, last: Object, others: Sequence[Object]) -> list[str]:
    """The paths, e.g. `.spec.replicas`, that an applied configuration would take from another manager.

    `last` is what the same manager applied before: where the live object differs from it, another has written since.
    `others` is what others have set; what nobody has, a default for example, may be taken.
    """
    wanted = {key: value for key, value in applied.items() if key not in _OWN}
    metadata = wanted.get("metadata")
    if isinstance(metadata, dict):
        wanted["metadata"] = {key: metadata[key] for key in _METADATA if key in metadata}
    return ["".join(f".{part}" for part in path) for path in _taken(live, wanted, last, others, ())]


def given_up(claim: Object, applied: Object) -> Object:
    """What is left of what somebody has set, after another took what it applies."""
    left: Object = {}
    for key, value in claim.items():
        if key not in applied:
            left[key] = value
        elif isinstance(value, dict) and isinstance(applied[key], dict):
            left[key] = given_up(value, applied[key])
    return left


def _taken(live: Any, applied: Any, last: Any, others: Sequence[Any], path: Path) -> list[Path]:
    if applied is None or live is _ABSENT:
        return []
    if isinstance(applied, dict) and isinstance(live, dict):
        parts = [((*path, key), [_below(each, key) for each in (live, applied, last, *others)]) for key in applied]
    elif isinstance(applied, list) and isinstance(live, list) and (keys := list_keys(path)):
        parts = [(path, [_same(keys, each, item) for each in (live, applied, last, *others)]) for item in applied]
    else:
        return [path] if live != applied and (others or last not in (_ABSENT, live)) else []
    found: list[Path] = []
    for at, (below, wanted, before, *claims) in parts:
        found += _taken(below, wanted, before, [claim for claim in claims if claim is not _ABSENT], at)
    return found


def _below(thing: Any, key: str) -> Any:
    return thing.get(key, _ABSENT) if isinstance(thing, dict) else _ABSENT


def _same(keys: Path, among: Any, item: Object) -> Any:
    found = among if isinstance(among, list) else []
    return next((one for one in found if same_item(keys, one, item)), _ABSENT)
