"""What a strategic merge patch makes of a pod spec, for objects that take no patch and are made again.

Source: https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/
"""

from typing import Any

from explainers.diagnosis.views.pods import Json, dicts
from explainers.diagnosis.views.undone import MERGED


def merged(now: Json, patch: Json) -> Json:
    """The spec with the patch in it, without directives; null takes a field away."""
    found = dict(now)
    for key, value in patch.items():
        if value is None:
            found.pop(key, None)
        elif key in MERGED and isinstance(value, list):
            found[key] = _entries(MERGED[key], dicts(now, key), dicts(patch, key))
        else:
            found[key] = _value(found.get(key), value)
    return found


def _value(was: Any, value: Any) -> Any:
    return merged(was if isinstance(was, dict) else {}, value) if isinstance(value, dict) else value


def _entries(by: str, there: list[Json], changed: list[Json]) -> list[Json]:
    new = {one.get(by): one for one in changed}
    kept = [merged(one, new.pop(one.get(by), {})) for one in there]
    return [*kept, *new.values()]
