"""The JSON Schema of an entry in each form, for editors: made of the same tables as the reader.

The reader takes keys in any letter case, which a schema cannot say; the schema asks for the way they are documented.
"""

from collections.abc import Iterable
from typing import Any

from explainers.catalog.model import Json
from explainers.catalog.tables import CREDENTIALS, ENTRY, NESTED, PROVISIONS, Block, Key, Shape

DRAFT = "http://json-schema.org/draft-07/schema#"
FORMS = ("a", "b")


def entry_schema(form: str) -> Json:
    """Form `a`: `provisionkind` with `provisiondata`; form `b`: a block named after its kind."""
    properties = {name: schema for key in ENTRY for name, schema in _properties(key).items()}
    made = _form_a() if form == "a" else _form_b()
    return {
        "$schema": DRAFT,
        "title": f"Catalog entry, form {form.upper()}",
        "description": "What a team offers: the data of a ConfigMap with the label mesitis/kind=catalog-entry.",
        "type": "object",
        "properties": {**properties, **made.pop("properties")},
        "required": [*(key.name for key in ENTRY if key.needed), *made.pop("required", [])],
        "additionalProperties": False,
        **made,
    }


def _form_a() -> Json:
    kinds = {"provision": PROVISIONS, "credential": CREDENTIALS}
    properties: Json = {}
    conditions: list[Json] = []
    for what, blocks in kinds.items():
        names = [name for block in blocks for name in block.names]
        properties[f"{what}kind"] = {"enum": names, "description": f"How the {what} comes."}
        properties[f"{what}data"] = {"type": "object", "description": f"What the {what} takes, by its kind."}
        for block in blocks:
            then: Json = {"properties": {f"{what}data": _block(block)}}
            if any(key.needed for key in block.keys):
                then["required"] = [f"{what}data"]
            named = {"properties": {f"{what}kind": {"enum": list(block.names)}}, "required": [f"{what}kind"]}
            conditions.append({"if": named, "then": then})
    return {"properties": properties, "required": [f"{what}kind" for what in kinds], "allOf": conditions}


def _form_b() -> Json:
    blocks = (*PROVISIONS, *CREDENTIALS)
    properties = {name: _block(block) for block in blocks for name in block.names}
    return {"properties": properties, "allOf": [_one_of(PROVISIONS), _one_of(CREDENTIALS)]}


def _one_of(blocks: Iterable[Block]) -> Json:
    return {"oneOf": [{"required": [name]} for block in blocks for name in block.names]}


def _block(block: Block) -> Json:
    return {"description": block.doc, **_mapping(block.keys)}


def _mapping(keys: tuple[Key, ...]) -> Json:
    schema: Json = {
        "type": "object",
        "properties": {name: part for key in keys for name, part in _properties(key).items()},
        "additionalProperties": False,
    }
    if needed := [key.name for key in keys if key.needed and not key.also]:
        schema["required"] = needed
    if choices := [key for key in keys if key.needed and key.also]:
        schema["allOf"] = [{"oneOf": [{"required": [name]} for name in key.names]} for key in choices]
    return schema


def _properties(key: Key) -> Json:
    return {name: {"description": key.doc, **_value(key)} for name in key.names}


def _value(key: Key) -> Json:
    match key.shape:
        case Shape.TEXT:
            return {"type": ["string", "integer"], "minimum": 0, **_text(key)} if key.number else _text(key)
        case Shape.TEXTS:
            return {"type": "array", "items": _text(key), "maxItems": key.most}
        case Shape.COUNT:
            return {"type": "integer", "minimum": key.least, "maximum": key.most}
        case Shape.FLAG:
            return {"type": "boolean"}
        case Shape.DAYS:
            return {"anyOf": [_text(key), {"type": "integer", "minimum": 0, "maximum": 9999}]}
        case Shape.MAPPING:
            return _mapping(NESTED[key.name]) if key.name in NESTED else {"type": "object"}


def _text(key: Key) -> Json:
    said: Json = {} if key.number else {"type": "string"}
    examples: dict[str, Any] = {"examples": [key.form.example]} if key.form.example else {}
    return {**said, "pattern": f"^(?:{key.form.pattern})$", **examples}
