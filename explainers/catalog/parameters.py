"""Parameters of a requested service: checked against its plan's schema, completed with the defaults, asked in a form.

Source: https://json-schema.org/draft-04/json-schema-validation.html; the broker API's plan schemas are of that draft.
"""

import copy
import difflib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from jsonschema import Draft4Validator
from jsonschema.exceptions import ValidationError

from explainers.catalog.decoding import Unreadable, plain
from explainers.catalog.fields import written
from explainers.catalog.model import Json
from explainers.catalog.schemas import UNUSABLE, resolve
from explainers.form import Field, FieldKind, Form

MOST_FIELDS, MOST_OPTIONS, LONGEST_OPTION, LONGEST = 90, 100, 75, 3000
"""A Slack modal has 100 blocks, some of which ask for other things; a select has 100 options of 75 characters."""
LONGEST_PARAMETERS, DEEPEST_PARAMETERS = 64 * 1024, 16
YES, NO = "yes", "no"
_TYPES = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "nothing",
}
_BOUNDS = {
    "minimum": "This must be at least {}.",
    "maximum": "This must be at most {}.",
    "minLength": "This must have at least {} characters.",
    "maxLength": "This must have at most {} characters.",
    "minItems": "This must have at least {} items.",
    "maxItems": "This must have at most {} items.",
    "minProperties": "This must have at least {} keys.",
    "maxProperties": "This must have at most {} keys.",
    "multipleOf": "This must be a multiple of {}.",
    "pattern": "This must match `{}`.",
}


class BadParameters(ValueError):
    """Parameters that break the schema; `problems` says what is wrong by parameter (an empty name for all of them).
    No value is in its words: it may be secret."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        told = (f"`{name}`: {said}" if name else said for name, said in self.problems.items())
        super().__init__(" ".join(told))


def complete(schema: Json, values: Json) -> Json:
    """The parameters with the schema's defaults where nothing was given. Raises BadParameters.

    Without a schema no parameter is taken: what nobody reads must not be asked for in vain.
    """
    try:
        given = plain(values, deepest=DEEPEST_PARAMETERS)
    except Unreadable as error:
        raise BadParameters({"": f"The parameters cannot be read: {error.message}"}) from None
    if not isinstance(given, dict):
        raise BadParameters({"": "The parameters must be an object: names with values."})
    if not schema and given:
        raise BadParameters(dict.fromkeys(given, "This plan takes no parameters."))
    if len(json.dumps(given)) > LONGEST_PARAMETERS:
        raise BadParameters({"": f"The parameters may have {LONGEST_PARAMETERS // 1024} kB."})
    completed = _with_defaults(schema, schema, given)
    problems: dict[str, str] = {}
    try:
        for wrong in Draft4Validator(schema).iter_errors(completed):
            for name, words in _found(wrong):
                problems.setdefault(name, words)
    except UNUSABLE:
        problems = {"": "The plan's schema cannot be used for this: the team that offers it has to mend it."}
    if problems:
        raise BadParameters(problems)
    return completed


def form_fields(schema: Json) -> list[Field]:
    """What a form asks for: a field for each property, the needed ones first. Objects and lists are typed as JSON."""
    needed = _needed(schema)
    properties = _properties(schema, schema)
    order = sorted(properties, key=lambda name: name not in needed)
    return [_field(name, properties[name], name in needed) for name in order[:MOST_FIELDS]]


def form(schema: Json, title: str, submit: str, text: str = "") -> Form:
    return Form(title, submit, tuple(form_fields(schema)), text)


def typed(schema: Json, filled: Mapping[str, str]) -> Json:
    """What was filled in, as the types of the schema; what was left empty is left out. Raises BadParameters by field,
    also for what the schema as a whole does not allow."""
    values: Json = {}
    problems: dict[str, str] = {}
    for name, property in _properties(schema, schema).items():
        text = filled.get(name, "")
        if not text.strip():
            continue
        try:
            values[name] = _value(property, text)
        except ValueError as error:
            problems[name] = str(error)
    try:
        complete(schema, values)
    except BadParameters as error:
        problems = {**{name: said for name, said in error.problems.items() if name not in problems}, **problems}
    if problems:
        raise BadParameters(problems)
    return values


def _properties(schema: Json, part: Json) -> dict[str, Json]:
    """The properties of a part of the schema, references followed."""
    found = part.get("properties")
    usual = found.items() if isinstance(found, dict) else ()
    return {name: _followed(schema, property) for name, property in usual if isinstance(property, dict)}


def _followed(schema: Json, part: Json) -> Json:
    for _ in range(20):
        if not isinstance(part.get("$ref"), str):
            return part
        found = resolve(schema, part["$ref"])
        part = found if isinstance(found, dict) else {}
    return {}


def _needed(part: Json) -> list[str]:
    needed = part.get("required")
    return needed if isinstance(needed, list) else []


def _with_defaults(schema: Json, part: Json, values: Json) -> Json:
    completed = dict(values)
    for name, property in _properties(schema, part).items():
        if name not in completed and "default" in property:
            completed[name] = copy.deepcopy(property["default"])
        elif isinstance(completed.get(name), dict):
            completed[name] = _with_defaults(schema, property, completed[name])
    return completed


def _found(error: ValidationError) -> list[tuple[str, str]]:
    """What an error says, by the parameter that it is about."""
    path: list[Any] = list(error.absolute_path)
    schema = error.schema if isinstance(error.schema, dict) else {}
    instance: Json = error.instance if isinstance(error.instance, dict) else {}
    match error.validator:
        case "required":
            return [_placed([*path, name], "This is needed.") for name in _needed(schema) if name not in instance]
        case "additionalProperties":
            known = schema.get("properties") or {}
            patterns = schema.get("patternProperties") or {}
            more = [name for name in instance if name not in known and not any(re.search(p, name) for p in patterns)]
            return [_placed([*path, name], _unknown(name, known)) for name in more] or [_placed(path, _words(error))]
        case "dependencies":
            return [_placed(path, "Another parameter is needed with this one.")]
    return [_placed(path, _words(error))]


def _placed(path: list[Any], words: str) -> tuple[str, str]:
    """By the parameter as a whole; a place inside of it is said in the words."""
    if not path:
        return "", words
    inside = written(tuple(path[1:]))
    return str(path[0]), f"`{inside}`: {words}" if inside else words


def _unknown(name: str, known: Mapping[str, Any]) -> str:
    if not known:
        return "There are no parameters here."
    near = difflib.get_close_matches(name, known, 1)
    if near:
        return f"There is no such parameter. Did you mean `{near[0]}`?"
    return f"There is no such parameter; there is {', '.join(f'`{each}`' for each in list(known)[:20])}."


def _words(error: ValidationError) -> str:
    """What is right, which teaches more than what is wrong."""
    wanted: Any = error.validator_value
    match error.validator:
        case "type":
            each = wanted if isinstance(wanted, list) else [wanted]
            return f"This must be {' or '.join(_TYPES.get(str(one), str(one)) for one in each)}."
        case "enum":
            return f"This must be one of {', '.join(f'`{as_text(one)}`' for one in wanted[:20])}."
        case "minimum" | "maximum" if isinstance(error.schema, dict) and error.schema.get(
            f"exclusiveM{error.validator[1:]}"
        ):
            return f"This must be {'more' if error.validator == 'minimum' else 'less'} than {wanted}."
        case "uniqueItems":
            return "No item may be in this list twice."
        case "anyOf" | "oneOf" | "allOf" | "not":
            return "This is none of the forms that are allowed here."
    told = _BOUNDS.get(str(error.validator))
    return told.format(str(wanted)[:100]) if told else f"This breaks the rule `{error.validator}` of the plan."


def _type(property: Json) -> str:
    found = property.get("type")
    each = found if isinstance(found, list) else [found]
    return str(next((one for one in each if isinstance(one, str) and one != "null"), "string"))


def _field(name: str, property: Json, needed: bool) -> Field:
    hint = str(property.get("description") or "")
    default = as_text(property["default"]) if property.get("default") is not None else ""
    label = str(property.get("title") or name)
    optional = not needed or bool(default)
    options = _options(property)
    if options and len(options) <= MOST_OPTIONS and all(0 < len(each) <= LONGEST_OPTION for each in options):
        return Field(name, label, FieldKind.SELECT, hint, optional, default if default in options else "", options)
    if options:
        hint = f"{hint} One of {', '.join(options[:20])}.".strip()
    elif _type(property) in ("object", "array"):
        hint = f"{hint} As JSON.".strip()
    longest = property.get("maxLength")
    most = min(longest, LONGEST) if isinstance(longest, int) and longest > 0 else LONGEST
    if property.get("format") == "password":
        return Field(name, label, FieldKind.SECRET, hint, optional, longest=most)
    field = Field(name, label, FieldKind.TEXT, hint, optional, default[:most], longest=most)
    if _type(property) in ("integer", "number"):
        return replace(
            field, number=_type(property), least=_bound(property, "minimum"), most=_bound(property, "maximum")
        )
    pattern = property.get("pattern")
    return replace(field, pattern=pattern) if isinstance(pattern, str) and not options else field


def _bound(property: Json, name: str) -> float | None:
    found = property.get(name)
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None


def _options(property: Json) -> tuple[str, ...]:
    if isinstance(property.get("enum"), list):
        return tuple(dict.fromkeys(as_text(one) for one in property["enum"]))
    return (YES, NO) if _type(property) == "boolean" else ()


def as_text(value: Any) -> str:
    """A value as it stands in a form."""
    if isinstance(value, bool):
        return YES if value else NO
    return value if isinstance(value, str) else json.dumps(value)


def _value(property: Json, text: str) -> Any:
    """What was typed, as the property's type. Raises ValueError that says the right form."""
    for option in property.get("enum") or ():
        if as_text(option) == text.strip():
            return option
    match _type(property):
        case "string":
            return text
        case "integer":
            if not re.fullmatch(r"\s*[-+]?[0-9]{1,18}\s*", text):
                raise ValueError("This must be a whole number, like 3.")
            return int(text)
        case "number":
            return _number(text)
        case "boolean":
            if text.strip().lower() not in (YES, NO, "true", "false"):
                raise ValueError("This must be yes or no.")
            return text.strip().lower() in (YES, "true")
    try:
        return plain(json.loads(text))
    except (ValueError, RecursionError):
        raise ValueError('This must be JSON, like `["a", "b"]` or `{"a": 1}`.') from None


def _number(text: str) -> int | float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or "_" in text:
        raise ValueError("This must be a number, like 0.5.")
    return int(text) if re.fullmatch(r"\s*[-+]?[0-9]{1,18}\s*", text) else number
