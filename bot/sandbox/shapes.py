"""Checks a JSON object's fields against the schema, before anything relies on their types.

Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation; messages compared with 1.34.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.sandbox.jsonish import Object
from bot.sandbox.schema import Field, json_fields, message_name, messages

_NUMBERS = ("int32", "int64", "uint32", "uint64", "double")
_FREE = ("any", "resource.Quantity", "intstr.IntOrString", "runtime.RawExtension")
_TEXTS = ("string", "bytes", "meta.v1.Time", "meta.v1.MicroTime")


@dataclass(frozen=True)
class ShapeFault:
    """One field of the wrong type, or one that the kind does not have."""

    path: str
    text: str
    unknown: bool = False


def check_shape(api_version: str, kind: str, obj: Object) -> Iterator[ShapeFault]:
    """List what an object's fields break; kinds without a schema have none."""
    if name := message_name(api_version, kind):
        for key, value in obj.items():
            if key not in ("apiVersion", "kind"):
                yield from _member(name, key, key, value)


def _member(message: str, key: str, path: str, value: Any) -> Iterator[ShapeFault]:
    field = json_fields(message).get(key)
    if field is None:
        yield ShapeFault(path, f'unknown field "{path}"', unknown=True)
    elif value is not None:
        yield from _value(message, field, path, value)


def _value(message: str, field: Field, path: str, value: Any) -> Iterator[ShapeFault]:
    if field.repeated:
        if not isinstance(value, list):
            yield _fault(message, path, value, f"[]{_go_type(field.kind)}")
            return
        for index, item in enumerate(value):
            yield from _single(message, field, f"{path}[{index}]", item)
    elif field.mapped:
        if not isinstance(value, dict):
            yield _fault(message, path, value, f"map[string]{_go_type(field.kind)}")
            return
        for key, item in value.items():
            yield from _single(message, field, f"{path}.{key}", item)
    else:
        yield from _single(message, field, path, value)


def _single(message: str, field: Field, path: str, value: Any) -> Iterator[ShapeFault]:
    kind = field.kind
    if value is None:
        return
    if kind in messages() and kind not in _TEXTS:
        if not isinstance(value, dict):
            yield _fault(message, path, value, _go_type(kind))
            return
        for key, item in value.items():
            yield from _member(kind, key, f"{path}.{key}", item)
    elif not _fits(kind, value):
        yield _fault(message, path, value, _go_type(kind))


def _fits(kind: str, value: Any) -> bool:
    if kind in _FREE:
        return kind == "any" or isinstance(value, str | int | float | dict)
    if kind in _NUMBERS:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "bool":
        return isinstance(value, bool)
    return isinstance(value, str)


def _fault(message: str, path: str, value: Any, wanted: str) -> ShapeFault:
    struct = message.rpartition(".")[2]
    text = f"json: cannot unmarshal {_json_type(value)} into Go struct field {struct}.{path} of type {wanted}"
    return ShapeFault(path, text)


def _json_type(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"


def _go_type(kind: str) -> str:
    if kind == "bytes":
        return "[]uint8"
    return kind if "." not in kind else ".".join(kind.split(".")[-2:])
