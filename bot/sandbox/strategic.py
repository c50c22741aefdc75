"""Strategic merge patch and server-side apply: merges that know which lists are keyed.

Source: https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/ and
https://kubernetes.io/docs/reference/using-api/server-side-apply/; the keys are those of the published OpenAPI documents
(`x-kubernetes-patch-merge-key`, `x-kubernetes-list-map-keys`).
"""

from __future__ import annotations

from typing import Any

from bot.sandbox.jsonish import Object, copied

Path = tuple[str, ...]

_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")
_KEYS: dict[str, tuple[str, ...]] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "ephemeralContainers": ("name",),
    "env": ("name",),
    "volumes": ("name",),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
    "hostAliases": ("ip",),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
    "resourceClaims": ("name",),
    "schedulingGates": ("name",),
    "podIPs": ("ip",),
    "ownerReferences": ("uid",),
}
_SETS = ("finalizers",)
_DIRECTIVES = ("$patch", "$retainKeys")


def list_keys(path: Path) -> tuple[str, ...]:
    """Give the keys that identify items of the list at `path` (field names only); () for an atomic list."""
    parent, name = (path[-2] if len(path) > 1 else ""), path[-1]
    if name == "ports" and parent in _CONTAINERS:
        return ("containerPort", "protocol")
    if path == ("spec", "ports"):
        return ("port", "protocol")
    if name == "imagePullSecrets" and parent == "spec":
        return ("name",)
    if path in (("status", "conditions"), ("status", "addresses")):
        return ("type",)
    if path == ("secrets",):
        return ("name",)
    return _KEYS.get(name, ())


def strategic_merge(target: Any, patch: Any, path: Path = ()) -> Any:
    """Apply a strategic merge patch: keyed lists merge by their first key, directives (`$patch`, …) are obeyed."""
    if not isinstance(patch, dict):
        return copied(patch)
    if patch.get("$patch") == "replace":
        return _clean(patch)
    result = dict(target) if isinstance(target, dict) else {}
    if "$retainKeys" in patch:
        result = {key: value for key, value in result.items() if key in patch["$retainKeys"]}
    for key, value in patch.items():
        if key.startswith("$deleteFromPrimitiveList/"):
            name = key.partition("/")[2]
            result[name] = [item for item in result.get(name) or [] if item not in value]
        elif key.startswith("$"):
            continue
        elif value is None:
            result.pop(key, None)
        else:
            result[key] = _merge_field(result.get(key), value, (*path, key))
    for key, order in patch.items():
        if key.startswith("$setElementOrder/"):
            _reorder(result, key.partition("/")[2], order, path)
    return result


def _merge_field(old: Any, new: Any, path: Path) -> Any:
    if isinstance(new, list):
        if keys := list_keys(path):
            return _merge_list(old or [], new, keys[0], path)
        if path[-1] in _SETS:
            return [*(old or []), *(item for item in new if item not in (old or []))]
        return copied(new)
    if isinstance(new, dict) and new.get("$patch") == "delete":
        return {}
    return strategic_merge(old, new, path)


def _merge_list(old: list[Any], new: list[Any], key: str, path: Path) -> list[Any]:
    if any(item.get("$patch") == "replace" and len(item) == 1 for item in new):
        return [_clean(item) for item in new if len(item) > 1 or "$patch" not in item]
    result = list(old)
    for item in new:
        at = next((i for i, have in enumerate(result) if have.get(key) == item.get(key)), None)
        if item.get("$patch") == "delete":
            result = [have for have in result if have.get(key) != item.get(key)]
        elif at is None:
            result.append(strategic_merge({}, item, path))
        else:
            result[at] = strategic_merge(result[at], item, path)
    return result


def _reorder(result: Object, name: str, order: list[Any], path: Path) -> None:
    items = result.get(name)
    if not isinstance(items, list):
        return
    keys = list_keys((*path, name))
    wanted = [item.get(keys[0]) if keys and isinstance(item, dict) else item for item in order]

    def place(item: Any) -> int:
        value = item.get(keys[0]) if keys else item
        return wanted.index(value) if value in wanted else len(wanted)

    result[name] = sorted(items, key=place)


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items() if not key.startswith("$")}
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return value


def same_item(keys: tuple[str, ...], left: Object, right: Object) -> bool:
    """Compare two items of a keyed list by all its keys; a missing protocol is TCP."""
    return all(_key_value(left, key) == _key_value(right, key) for key in keys)


def _key_value(item: Object, key: str) -> Any:
    return item.get(key, "TCP" if key == "protocol" else None)


def without_dropped(live: Any, before: Any, applied: Any, path: Path = ()) -> Any:
    """The live object less what the same manager applied `before` and leaves out now: it owned that alone."""
    if isinstance(live, dict) and isinstance(before, dict) and isinstance(applied, dict):
        kept = {key: value for key, value in live.items() if key not in before or key in applied}
        return {
            key: without_dropped(value, before[key], applied[key], (*path, key)) if key in before else value
            for key, value in kept.items()
        }
    keys = list_keys(path) if path else ()
    if not (keys and all(isinstance(part, list) for part in (live, before, applied))):
        return live
    result = []
    for item in live:
        old = next((one for one in before if same_item(keys, one, item)), None)
        new = next((one for one in applied if same_item(keys, one, item)), None)
        if old is None or new is not None:
            result.append(item if old is None else without_dropped(item, old, new, path))
    return result


def apply_merge(live: Any, applied: Any, path: Path = ()) -> Any:
    """Merge an applied configuration into the live object: keyed lists by all their keys, other lists replaced."""
    if isinstance(applied, dict):
        result = dict(live) if isinstance(live, dict) else {}
        for key, value in applied.items():
            result[key] = apply_merge(result.get(key), value, (*path, key))
        return result
    if isinstance(applied, list) and (keys := list_keys(path)) and isinstance(live, list):
        merged = list(live)
        for item in applied:
            at = next((i for i, have in enumerate(merged) if same_item(keys, have, item)), None)
            if at is None:
                merged.append(copied(item))
            else:
                merged[at] = apply_merge(merged[at], item, path)
        return merged
    return copied(applied)
