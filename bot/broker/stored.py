"""Records as the text that a ledger keeps: `REVISION JSON`, with what is hidden sealed inside."""

import json
from dataclasses import asdict, replace
from typing import Any, Protocol

from commands.broker.ports import R
from commands.broker.records import Binding, Doing, Instance, Operation, Progress, State, Thing

INSTANCES, BINDINGS = "instances", "bindings"


class Keys(Protocol):
    """Seals and opens texts."""

    def seal(self, text: str) -> str: ...

    def open(self, sealed: str) -> str: ...


def written(record: Instance | Binding, revision: int, keys: Keys) -> tuple[str, str]:
    """The table that a record belongs into, and its text at that revision."""
    plain = asdict(record)
    hidden = plain.pop("hidden")
    plain.pop("revision")
    plain["sealed"] = keys.seal(json.dumps({"of": record.id, "hidden": hidden})) if hidden else ""
    table = BINDINGS if isinstance(record, Binding) else INSTANCES
    return table, f"{revision} {json.dumps(plain, separators=(',', ':'), sort_keys=True)}"


def opened(record: R, revision: int) -> R:
    """The record as it stands in the ledger now."""
    return replace(record, revision=revision)


def read_instance(text: str, keys: Keys | None) -> Instance:
    """The instance of a stored text; without keys, without what is hidden."""
    return Instance(**_fields(text, keys))


def read_binding(text: str, keys: Keys | None) -> Binding:
    return Binding(**_fields(text, keys))


def _fields(text: str, keys: Keys | None) -> dict[str, Any]:
    revision, _, body = text.partition(" ")
    held: dict[str, Any] = json.loads(body)
    sealed = held.pop("sealed")
    held["revision"] = int(revision)
    held["state"] = State(held["state"])
    held["things"] = tuple(Thing(**thing) for thing in held["things"])
    held["operation"] = _operation(held["operation"])
    if sealed and keys:
        inside = json.loads(keys.open(sealed))
        if inside["of"] != held["id"]:
            raise ValueError(f"what is sealed in the record {held['id']} is another's")
        held["hidden"] = inside["hidden"]
    return held


def _operation(held: dict[str, Any] | None) -> Operation | None:
    if held is None:
        return None
    return Operation(**{**held, "doing": Doing(held["doing"]), "progress": Progress(held["progress"])})
