"""Whether the JSON Schema of a plan's parameters may be used: draft-04, small, and nothing fetched from elsewhere."""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from jsonschema import Draft4Validator
from jsonschema.exceptions import SchemaError
from referencing.exceptions import Unresolvable

from explainers.catalog.model import Json

LONGEST = 64 * 1024
"""What the Open Service Broker API allows ("Schemas Object")."""
Found = tuple[tuple[str | int, ...], str]
LONGEST_CHAIN = 10
UNUSABLE = (RecursionError, re.error, ArithmeticError, AttributeError, TypeError, Unresolvable)
"""What a validator raises for schemas that the metaschema takes."""
_OF_NAMES = ("properties", "patternProperties", "definitions", "dependencies")
"""Keys whose mapping has names, not keywords."""
DRAFT = "http://json-schema.org/draft-04/schema#"


def schema_problem(schema: Json) -> Found:
    """Where in the schema something is wrong, and what; an empty message when nothing is."""
    return _problem(json.dumps(schema, sort_keys=True))


@lru_cache(2048)
def _problem(text: str) -> Found:
    """The same schema is read again whenever anything in the catalog changes."""
    if len(text.encode()) > LONGEST:
        return (), f"A schema may have {LONGEST // 1024} kB; this one has {len(text.encode()) // 1024}."
    schema = json.loads(text)
    said = schema.get("$schema", DRAFT)
    if str(said).rstrip("#") != DRAFT.rstrip("#"):
        return ("$schema",), f"Parameters are described in draft-04: write `{DRAFT}`, or leave it out."
    try:
        Draft4Validator.check_schema(schema)
    except SchemaError as error:
        return tuple(error.absolute_path), f"This is no JSON Schema of draft-04: {error.message[:200]}."
    except OverflowError:
        return (), "A `pattern` in this schema repeats something too often."
    if schema.get("type", "object") != "object":
        return ("type",), 'Parameters are an object: write `"type": "object"`.'
    return next(_beyond(schema, schema, ()), None) or _endless(schema)


def _endless(schema: Json) -> Found:
    """A schema that contains itself in place (`allOf`, `$ref`) is never done with, and a long chain of such parts
    exhausts a validator's stack."""
    known: dict[int, int] = {}

    def length(part: Json, before: int) -> int:
        if before > LONGEST_CHAIN:
            raise _TooLong
        if id(part) not in known:
            known[id(part)] = 1 + max((length(each, before + 1) for each in _in_place(schema, part)), default=0)
        if before + known[id(part)] > LONGEST_CHAIN:
            raise _TooLong
        return known[id(part)]

    left: list[tuple[tuple[str | int, ...], Any]] = [((), schema)]
    while left:
        path, part = left.pop()
        if isinstance(part, dict):
            try:
                length(part, 0)
            except _TooLong:
                return path, f"This refers to itself without end, or through more than {LONGEST_CHAIN} parts."
            left += [((*path, key), each) for key, each in part.items()]
        elif isinstance(part, list):
            left += [((*path, at), each) for at, each in enumerate(part)]
    return (), ""


class _TooLong(Exception):
    """A chain of parts that hold for the same value has no end in sight."""


def _in_place(schema: Json, part: Json) -> list[Json]:
    """The parts that hold for the same value; beside a reference nothing else counts."""
    if isinstance(part.get("$ref"), str):
        found = [resolve(schema, part["$ref"])]
    else:
        found = [each for key in ("allOf", "anyOf", "oneOf") for each in _listed(part.get(key))]
        dependencies = part.get("dependencies")
        found += [part.get("not"), *(dependencies.values() if isinstance(dependencies, dict) else ())]
    return [each for each in found if isinstance(each, dict)]


def _listed(thing: Any) -> list[Any]:
    return thing if isinstance(thing, list) else []


def _beyond(schema: Json, thing: Any, path: tuple[str | int, ...]) -> Iterator[Found]:
    """What the metaschema does not say: references that lead out of the schema, to nothing, or round in a circle;
    names of other places for parts of it; patterns for names that are none."""
    if isinstance(thing, list):
        for at, each in enumerate(thing):
            yield from _beyond(schema, each, (*path, at))
    if not isinstance(thing, dict):
        return
    if path[-1:] == ("patternProperties",):
        wrong = (name for name in thing if not _is_pattern(name))
        yield from (((*path, name), f"`{name}` is no regular expression.") for name in wrong)
    if path and isinstance(thing.get("id"), str) and path[-1] not in _OF_NAMES:
        yield (*path, "id"), "Parts of a schema have no `id` here: leave it out, and refer to `#/definitions/…`."
    if isinstance(thing.get("$ref"), str) and path[-1:] != ("properties",):
        message = _leads(schema, thing["$ref"])
        if message:
            yield (*path, "$ref"), message
    for key, each in thing.items():
        if key not in ("enum", "default"):
            yield from _beyond(schema, each, (*path, key))


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError):
        return False
    return True


def _leads(schema: Json, reference: str) -> str:
    seen: set[str] = set()
    while True:
        if reference != "#" and not reference.startswith("#/"):
            return "A reference stays in the schema: nothing is fetched. Copy it to `definitions` (`#/definitions/…`)."
        if reference in seen:
            return f"`{reference}` leads back to itself."
        seen.add(reference)
        found = resolve(schema, reference)
        if not isinstance(found, dict):
            return f"`{reference}` leads to nothing in this schema."
        if not isinstance(found.get("$ref"), str):
            return ""
        reference = found["$ref"]


def resolve(schema: Json, reference: str) -> Any:
    """What `#/definitions/size` stands for; None when there is nothing."""
    thing: Any = schema
    for part in reference.removeprefix("#").split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(thing, dict) and name in thing:
            thing = thing[name]
        elif isinstance(thing, list) and name.isdigit() and int(name) < len(thing):
            thing = thing[int(name)]
        else:
            return None
    return thing
