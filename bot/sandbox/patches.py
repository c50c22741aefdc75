"""The two patch kinds of the RFCs: JSON patch (6902) and JSON merge patch (7386)."""

from __future__ import annotations

from typing import Any

from bot.sandbox.jsonish import copied


class PatchError(ValueError):
    """The patch does not fit the object."""


def merge_patch(target: Any, patch: Any) -> Any:
    """Apply RFC 7386: objects merge, null removes, anything else replaces."""
    if not isinstance(patch, dict):
        return copied(patch)
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patch(result.get(key), value)
    return result


def json_patch(target: Any, operations: Any) -> Any:
    """Apply RFC 6902 to a copy.

    Raises PatchError for an operation that does not fit, or a test that fails.
    """
    if not isinstance(operations, list):
        raise PatchError("json: cannot unmarshal object into Go value of type jsonpatch.Patch")
    document = copied(target)
    for operation in operations:
        document = _operate(document, operation)
    return document


def _operate(document: Any, operation: Any) -> Any:
    match operation:
        case {"op": "add", "path": str(path), "value": value}:
            return _add(document, path, copied(value))
        case {"op": "remove", "path": str(path)}:
            return _remove(document, path)
        case {"op": "replace", "path": str(path), "value": value}:
            _lookup(document, path, "replace")
            return _add(document, path, copied(value), replace=True)
        case {"op": "move", "from": str(origin), "path": str(path)}:
            value = _lookup(document, origin, "move")
            return _add(_remove(document, origin), path, value)
        case {"op": "copy", "from": str(origin), "path": str(path)}:
            return _add(document, path, copied(_lookup(document, origin, "copy")))
        case {"op": "test", "path": str(path), "value": value}:
            if _lookup(document, path, "test") != value:
                raise PatchError(f"testing value {path} failed: test failed")
            return document
        case _:
            raise PatchError(f"Unexpected kind: {operation.get('op') if isinstance(operation, dict) else operation}")


def _steps(path: str) -> list[str]:
    if path and not path.startswith("/"):
        raise PatchError(f"the path {path!r} does not begin with a slash")
    return [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:]]


def _lookup(document: Any, path: str, verb: str) -> Any:
    value = document
    for step in _steps(path):
        try:
            value = value[int(step)] if isinstance(value, list) else value[step]
        except (KeyError, IndexError, ValueError, TypeError):
            raise PatchError(f"{verb} operation does not apply: doc is missing path: {path}: missing value") from None
    return value


def _parent(document: Any, path: str, verb: str) -> tuple[Any, str]:
    head, _, _ = path.rpartition("/")
    return _lookup(document, head, verb), _steps(path)[-1]


def _add(document: Any, path: str, value: Any, *, replace: bool = False) -> Any:
    if not path:
        return value
    parent, last = _parent(document, path, "add")
    if isinstance(parent, dict):
        parent[last] = value
    elif isinstance(parent, list):
        _insert(parent, last, value, replace)
    else:
        raise PatchError(f"add operation does not apply: doc is missing path: {path}: missing value")
    return document


def _insert(items: list[Any], last: str, value: Any, replace: bool) -> None:
    if last == "-":
        items.append(value)
        return
    if not last.isdigit() or int(last) > len(items):
        raise PatchError(f"add operation does not apply: index {last} is out of bounds")
    if replace:
        items[int(last)] = value
    else:
        items.insert(int(last), value)


def _remove(document: Any, path: str) -> Any:
    _lookup(document, path, "remove")
    parent, last = _parent(document, path, "remove")
    del parent[int(last) if isinstance(parent, list) else last]
    return document
