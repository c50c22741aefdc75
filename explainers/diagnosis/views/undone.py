"""What takes a strategic merge patch back, worked out from the object as it is now.

Lists whose entries have a merge key are merged by it, lists of words and a few others are replaced whole.
Source: https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/ and the
`patchMergeKey` of each list in the API reference.
"""

from __future__ import annotations

import json
from typing import Any

from explainers.diagnosis.views.pods import Json, dicts, text
from explainers.redaction import HIDDEN, is_credential

MERGED = {
    "containers": "name", "initContainers": "name", "env": "name", "volumes": "name",
    "volumeMounts": "mountPath", "ports": "containerPort",
}  # fmt: skip
_REPLACED = frozenset({"tolerations", "envFrom", "nodeSelectorTerms", "httpHeaders", "items", "sources"})
_DIRECTIVE = "$"


class _Unknown(Exception):
    """The way back is not known."""


def undone(patch: Json, now: Json) -> Json | None:
    """The patch that restores what a strategic merge patch changes of an object; None where that is not known, or would
    write out a credential."""
    try:
        found = _of_table(patch, now)
    except _Unknown:
        return None
    return None if HIDDEN in json.dumps(found) else found


def _of_table(patch: Json, now: Json) -> Json:
    return {key: _of_value(key, value, now.get(key)) for key, value in patch.items()}


def _of_value(key: str, value: Any, was: Any) -> Any:
    if key.startswith(_DIRECTIVE):
        raise _Unknown
    if isinstance(value, dict) and isinstance(was, dict):
        return _of_table(value, was)
    if not isinstance(value, list) or was is None:
        _plain(value)
        return was
    if all(isinstance(one, str) for one in value) and key != "finalizers":
        return was
    if key in _REPLACED:
        _plain(value)
        return was
    if key not in MERGED or not isinstance(was, list):
        raise _Unknown
    return [_of_entry(MERGED[key], one, dicts({key: was}, key)) for one in value]


def _of_entry(by: str, entry: Any, there: list[Json]) -> Json:
    if not isinstance(entry, dict) or by not in entry:
        raise _Unknown
    found = [one for one in there if one.get(by) == entry[by]]
    if len(found) > 1:  # a port number for TCP and for UDP
        raise _Unknown
    if not found:
        _plain(entry)
        return {by: entry[by], "$patch": "delete"}
    if by == "name" and is_credential(text(found[0], "name"), text(found[0], "value")):
        raise _Unknown
    return {by: entry[by], **_of_table({key: value for key, value in entry.items() if key != by}, found[0])}


def _plain(value: Any) -> None:
    """Raises where a directive stands somewhere in it."""
    for one in value if isinstance(value, list) else value.values() if isinstance(value, dict) else ():
        if isinstance(value, dict) and any(key.startswith(_DIRECTIVE) for key in value):
            raise _Unknown
        _plain(one)
