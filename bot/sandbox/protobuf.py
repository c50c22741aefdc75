"""Request bodies in the Kubernetes protobuf encoding: kubectl's typed commands (create, auth can-i) send nothing else.

Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding.
`wire_fields.txt` holds the fields.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.jsonish import Object, timestamp
from bot.sandbox.schema import INLINE, message_name, messages

MAGIC = b"k8s\x00"
# Fields that are pointers in Go: there a zero was written by hand; elsewhere the encoding always carries it.
_ZERO_MEANT = {
    "replicas",
    "runAsUser",
    "runAsGroup",
    "fsGroup",
    "runAsNonRoot",
    "readOnlyRootFilesystem",
    "allowPrivilegeEscalation",
    "optional",
    "automountServiceAccountToken",
    "terminationGracePeriodSeconds",
    "gracePeriodSeconds",
    "backoffLimit",
    "parallelism",
    "completions",
    "suspend",
    "ttlSecondsAfterFinished",
    "minAvailable",
    "maxUnavailable",
    "maxSurge",
    "revisionHistoryLimit",
    "value",
}
_SCALARS = ("int32", "int64", "uint32", "uint64")


class WireError(ValueError):
    """The bytes are no message of a known kind."""


def decode(body: bytes) -> Object:
    """Decode an enveloped object into the JSON form.

    Raises WireError for bytes that cannot be read and kinds that the schema lacks.
    """
    if not body.startswith(MAGIC):
        raise WireError("the protobuf prefix is missing")
    try:
        envelope = dict(_items(body[len(MAGIC) :]))
        kind = {number: bytes(value).decode() for number, value in _items(envelope[1])}
        api_version, name = kind.get(1, ""), kind.get(2, "")
        message = message_name(api_version, name)
        if not message:
            raise WireError(f"the sandbox cannot read {name} from protobuf; send application/json")
        return {"apiVersion": api_version, "kind": name, **_message(message, envelope[2])}
    except (KeyError, IndexError, struct.error, UnicodeDecodeError, TypeError) as error:
        raise WireError(f"cannot decode the protobuf body: {error!r}") from error


def _items(data: bytes) -> Iterator[tuple[int, Any]]:
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield number, value
        elif wire == 2:
            size, at = _varint(data, at)
            if at + size > len(data):
                raise IndexError("a field is longer than its message")
            yield number, data[at : at + size]
            at += size
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
            yield number, data[at : at + size]
            at += size
        else:
            raise WireError(f"wire type {wire}")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _message(name: str, data: bytes) -> Object:
    fields = messages()[name]
    result: Object = {}
    for number, raw in _items(data):
        field = fields.get(number)
        if field is None or field.kind == "any":
            continue
        if field.mapped:
            pair = dict(_items(raw))
            key = bytes(pair.get(1, b"")).decode()
            result.setdefault(field.name, {})[key] = _value(field.kind, pair.get(2, b""))
        elif field.repeated:
            result.setdefault(field.name, []).append(_value(field.kind, raw))
        elif field.name in INLINE:
            result |= _value(field.kind, raw)
        else:
            result[field.name] = _value(field.kind, raw)
    return {key: value for key, value in result.items() if value or (value is not None and key in _ZERO_MEANT)}


def _value(kind: str, raw: Any) -> Any:
    if kind == "string":
        return bytes(raw).decode()
    if kind == "bytes":
        return base64.b64encode(bytes(raw)).decode()
    if kind == "bool":
        return bool(raw)
    if kind in _SCALARS:
        return raw - 2**64 if raw >= 2**63 else raw
    if kind == "double":
        return struct.unpack("<d", raw)[0]
    return _special(kind, raw) if kind in _SPECIAL else _message(kind, raw)


_SPECIAL = ("resource.Quantity", "intstr.IntOrString", "meta.v1.Time", "meta.v1.MicroTime", "runtime.RawExtension")


def _special(kind: str, raw: bytes) -> Any:
    parts = dict(_items(raw))
    if kind == "resource.Quantity":
        return bytes(parts.get(1, b"0")).decode()
    if kind == "intstr.IntOrString":
        return bytes(parts.get(3, b"")).decode() if parts.get(1) else _value("int64", parts.get(2, 0))
    if kind == "runtime.RawExtension":
        return None
    return timestamp(datetime.fromtimestamp(parts[1], UTC)) if parts.get(1) else None
