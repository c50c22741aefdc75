"""An instance that nobody asked for, to see whether templates can be rendered at all."""

from collections.abc import Iterable
from typing import Any

from explainers.catalog.model import Entry, Generated, Json, Problem
from explainers.catalog.schemas import resolve
from explainers.catalog.templates import names, variables

CONSUMER = "example"


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each once, by source and line."""
    return tuple(sorted(set(problems)))


def example_parameters(schema: Json, needed_alone: bool = False) -> Json:
    """The defaults, and for what is needed without one something of its type. `needed_alone`: no defaults."""
    found: Json = {}
    needed = schema.get("required") or []
    properties = schema.get("properties")
    for name, part in (properties if isinstance(properties, dict) else {}).items():
        if not isinstance(part, dict):
            continue
        if isinstance(part.get("$ref"), str):
            part = resolve(schema, part["$ref"]) or {}
        if "default" in part and not needed_alone:
            found[name] = part["default"]
        elif name in needed and "default" not in part:
            found[name] = _something(part)
    return found


def _something(part: Json) -> Any:
    if isinstance(part.get("enum"), list) and part["enum"]:
        return part["enum"][0]
    kind = part.get("type")
    least = part.get("minimum", 1)
    first = kind[0] if isinstance(kind, list) and kind else kind
    by_type: Json = {"integer": least, "number": least, "boolean": True, "array": [], "object": {}, "null": None}
    return by_type.get(str(first), "example")


def example(entry: Entry, number: int) -> Json:
    """What the templates of an instance would know; instances with other numbers have the same consumer."""
    credentials: dict[str, str] = {}
    if isinstance(entry.credential, Generated):
        username = {"username": entry.credential.username} if entry.credential.username else {}
        credentials = {**username, "password": "x" * entry.credential.length}
    instance = names(f"example-{number}", entry.service)
    return variables(entry, instance, CONSUMER, example_parameters(entry.schema), credentials)
