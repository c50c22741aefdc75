"""The fields of the API's main kinds, read once from `wire_fields.txt`: for protobuf bodies and for checks of JSON."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

INLINE = ("volumeSource", "handler", "localObjectReference", "ephemeralContainerCommon", "ingressRuleValue")
_GROUPS = {"": "core", "rbac.authorization.k8s.io": "rbac"}


@dataclass(frozen=True)
class Field:
    """One field of a message: its JSON name and its type, repeated or mapped from text."""

    name: str
    kind: str
    repeated: bool = False
    mapped: bool = False


Message = dict[int, Field]


@cache
def messages() -> dict[str, Message]:
    """Give every message by name (`core.v1.Pod`), its fields by number."""
    text = (resources.files("bot.sandbox") / "wire_fields.txt").read_text(encoding="utf-8")
    found = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, *fields = line.split(" ")
            found[name] = dict(_field(item) for item in fields)
    return found


@cache
def json_fields(name: str) -> dict[str, Field]:
    """Give a message's fields by JSON name, inlined messages dissolved."""
    fields: dict[str, Field] = {}
    for field in messages()[name].values():
        if field.name in INLINE:
            fields |= json_fields(field.kind)
        else:
            fields[field.name] = field
    return fields


def message_name(api_version: str, kind: str) -> str:
    """Name the message of a kind: `apps/v1`, `Deployment` is `apps.v1.Deployment`; "" where none is known."""
    group, _, version = api_version.rpartition("/")
    short = _GROUPS.get(group, group.removesuffix(".k8s.io"))
    for name in (f"{short}.{version}.{kind}", f"meta.v1.{kind}"):
        if name in messages():
            return name
    return ""


def _field(text: str) -> tuple[int, Field]:
    number, _, rest = text.partition("=")
    name, _, kind = rest.partition(":")
    mapped, repeated = kind.startswith("map:"), kind.startswith("*")
    return int(number), Field(name, kind.removeprefix("map:").removeprefix("*"), repeated, mapped)
