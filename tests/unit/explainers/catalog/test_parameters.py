"""Parameters: what breaks the schema is said by parameter, defaults are filled, a form asks for all of it."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from explainers.catalog.parameters import MOST_FIELDS, BadParameters, complete, form, form_fields, typed
from explainers.catalog.schemas import schema_problem
from explainers.form import FieldKind

Json = dict[str, Any]
SCHEMA: Json = {
    "type": "object",
    "properties": {
        "size": {
            "type": "integer",
            "minimum": 1,
            "maximum": 10,
            "default": 2,
            "title": "Size",
            "description": "In GiB.",
        },
        "name": {"type": "string", "minLength": 2, "maxLength": 8, "pattern": "^[a-z]+$"},
        "tier": {"enum": ["gold", "silver", 3], "default": "silver"},
        "ratio": {"type": "number", "minimum": 0, "exclusiveMinimum": True},
        "debug": {"type": "boolean", "default": False},
        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 2, "uniqueItems": True},
        "login": {"$ref": "#/definitions/login"},
        "key": {"type": "string", "format": "password"},
    },
    "definitions": {
        "login": {
            "type": "object",
            "properties": {"user": {"type": "string", "default": "app"}, "role": {"type": "string"}},
            "required": ["role"],
            "additionalProperties": False,
        }
    },
    "required": ["name"],
    "additionalProperties": False,
}
DEFAULTS: Json = {"size": 2, "tier": "silver", "debug": False}


def problems(values: Any, schema: Json = SCHEMA) -> dict[str, str]:
    with pytest.raises(BadParameters) as caught:
        complete(schema, values)
    return caught.value.problems


def test_defaults_are_filled_where_nothing_was_given() -> None:
    assert complete(SCHEMA, {"name": "pg", "size": 3}) == {**DEFAULTS, "name": "pg", "size": 3}
    nested = complete(SCHEMA, {"name": "pg", "login": {"role": "x"}})
    assert nested["login"] == {"role": "x", "user": "app"}
    assert complete({}, {}) == {}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, {"name": "This is needed."}),
        ({"name": "pg", "size": 0}, {"size": "This must be at least 1."}),
        ({"name": "pg", "size": 11}, {"size": "This must be at most 10."}),
        ({"name": "pg", "size": "2"}, {"size": "This must be a whole number."}),
        ({"name": "pg", "size": True}, {"size": "This must be a whole number."}),
        ({"name": "x"}, {"name": "This must have at least 2 characters."}),
        ({"name": "PG"}, {"name": "This must match `^[a-z]+$`."}),
        ({"name": "pg", "tier": "bronze"}, {"tier": "This must be one of `gold`, `silver`, `3`."}),
        ({"name": "pg", "ratio": 0}, {"ratio": "This must be more than 0."}),
        ({"name": "pg", "tags": ["a", "a"]}, {"tags": "No item may be in this list twice."}),
        ({"name": "pg", "tags": ["a", 1]}, {"tags": "`[1]`: This must be a text."}),
        ({"name": "pg", "login": {}}, {"login": "`role`: This is needed."}),
        (
            {"name": "pg", "login": {"x": 1, "role": "a"}},
            {"login": "`x`: There is no such parameter; there is `user`, `role`."},
        ),
        ({"name": "pg", "sise": 3}, {"sise": "There is no such parameter. Did you mean `size`?"}),
        ({"a": 1, "b": 2}, {"a", "b", "name"}),
        ([1], {"": "The parameters must be an object: names with values."}),
        ({"name": float("nan")}, {""}),
        ({"name": "pg" * 40_000}, {"": "The parameters may have 64 kB."}),
    ],
)  # fmt: skip
def test_what_breaks_the_schema_is_said_by_parameter(values: Any, said: Any) -> None:
    found = problems(values)
    assert (set(found) if isinstance(said, set) else found) == said


def test_a_plan_without_a_schema_takes_nothing() -> None:
    assert problems({"size": 3}, {}) == {"size": "This plan takes no parameters."}


def test_no_value_is_in_what_is_said() -> None:
    told = str(BadParameters(problems({"name": "C4N4RY!", "size": "C4N4RY", "tags": "C4N4RY", "login": "C4N4RY"})))
    assert "C4N4RY" not in told
    with pytest.raises(BadParameters) as caught:
        typed(SCHEMA, {"size": "C4N4RY", "ratio": "C4N4RY", "tags": "C4N4RY", "tier": "C4N4RY", "debug": "C4N4RY"})
    assert "C4N4RY" not in str(caught.value)
    assert set(caught.value.problems) == {"name", "size", "ratio", "tags", "tier", "debug"}


def test_the_form_asks_for_what_is_needed_first() -> None:
    fields = {field.name: field for field in form_fields(SCHEMA)}
    assert next(iter(fields)) == "name"
    assert not fields["name"].optional
    assert fields["name"].longest == 8
    size, tier, debug = fields["size"], fields["tier"], fields["debug"]
    assert (size.label, size.hint, size.initial, size.optional) == ("Size", "In GiB.", "2", True)
    assert (tier.kind, tier.options, tier.initial) == (FieldKind.SELECT, ("gold", "silver", "3"), "silver")
    assert (debug.kind, debug.options, debug.initial) == (FieldKind.SELECT, ("yes", "no"), "no")
    assert fields["tags"].hint == "As JSON."
    assert (fields["key"].kind, fields["key"].initial) == (FieldKind.SECRET, "")
    assert form(SCHEMA, "Request", "Go").fields == tuple(form_fields(SCHEMA))


def test_a_form_stays_within_what_slack_shows() -> None:
    many = {"properties": {f"p{n}": {"type": "string"} for n in range(200)}, "required": ["p199"]}
    fields = form_fields(many)
    assert len(fields) == MOST_FIELDS
    assert fields[0].name == "p199"
    wide = form_fields({"properties": {"a": {"enum": [str(n) for n in range(200)]}, "b": {"enum": ["x" * 80]}}})
    assert [field.kind for field in wide] == [FieldKind.TEXT, FieldKind.TEXT]
    assert "One of 0, 1" in wide[0].hint


def test_what_was_filled_in_gets_its_types() -> None:
    filled = {
        "name": "pg",
        "size": " 3 ",
        "tier": "3",
        "ratio": "0.5",
        "debug": "yes",
        "tags": '["a"]',
        "login": "",
        "other": "x",
    }
    values = typed(SCHEMA, filled)
    assert values == {"name": "pg", "size": 3, "tier": 3, "ratio": 0.5, "debug": True, "tags": ["a"]}
    assert complete(SCHEMA, values) == {**DEFAULTS, **values}


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("size", "three", "a whole number, like 3"),
        ("size", "99", "at most 10"),
        ("ratio", "inf", "a number, like 0.5"),
        ("ratio", "1_0", "a number, like 0.5"),
        ("debug", "maybe", "yes or no"),
        ("tags", "[", "This must be JSON"),
        ("tags", "[" * 100_000, "This must be JSON"),
        ("tier", "bronze", "one of `gold`"),
    ],
)
def test_what_was_filled_in_wrongly_is_said_at_its_field(name: str, text: str, words: str) -> None:
    with pytest.raises(BadParameters) as caught:
        typed(SCHEMA, {"name": "pg", name: text})
    assert list(caught.value.problems) == [name]
    assert words in caught.value.problems[name]


PARTS = st.one_of(
    st.fixed_dictionaries({"type": st.sampled_from(["string", "integer", "number", "boolean", "array", "object"])}),
    st.fixed_dictionaries(
        {"enum": st.lists(st.one_of(st.text(), st.integers(), st.booleans()), min_size=1, unique=True)}
    ),
)
TEXTS = st.one_of(st.text(max_size=20), st.sampled_from(["1", "yes", "[]", "{}", "0.5", "-3"]))


@given(st.dictionaries(st.text(min_size=1, max_size=5), PARTS, max_size=5), st.data())
def test_whatever_is_filled_in_fits_the_schema_or_is_refused_by_name(properties: Json, data: st.DataObject) -> None:
    schema: Json = {"type": "object", "properties": properties, "additionalProperties": False}
    filled = {field.name: data.draw(TEXTS) for field in form_fields(schema)}
    try:
        values = typed(schema, filled)
    except BadParameters as error:
        wrong = set(error.problems)
    else:
        wrong = set()
        Draft4Validator(schema).validate(complete(schema, values))
    assert wrong <= set(properties)


NAMES = st.sampled_from(["a", "b", "properties", "$ref", "id", "(", "type"])
SCHEMAS: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        PARTS,
        st.fixed_dictionaries(
            {"$ref": st.sampled_from(["#", "#/definitions/a", "#/properties/a", "#a", "http://x", ""])}
        ),
        st.fixed_dictionaries({"pattern": st.sampled_from(["(", "^a$", "[", "a{99999999999}"])}),
        st.fixed_dictionaries({"multipleOf": st.sampled_from([1, 0.5, 1e-300])}),
        st.fixed_dictionaries({"id": st.sampled_from(["http://x/", "#a", "a"])}),
    ),
    lambda each: st.one_of(
        st.fixed_dictionaries({}, optional={"properties": st.dictionaries(NAMES, each), "default": st.integers()}),
        st.fixed_dictionaries({"patternProperties": st.dictionaries(NAMES, each)}),
        st.fixed_dictionaries({"definitions": st.dictionaries(NAMES, each), "anyOf": st.lists(each, min_size=1)}),
        st.fixed_dictionaries(
            {"allOf": st.lists(each, min_size=1, max_size=2), "dependencies": st.dictionaries(NAMES, each)}
        ),
        st.fixed_dictionaries({"items": each, "not": each}),
    ),
    max_leaves=8,
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5)),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(NAMES, each, max_size=3),
    max_leaves=8,
)


@given(SCHEMAS, st.dictionaries(NAMES, VALUES, max_size=4))
def test_any_schema_that_may_be_offered_takes_or_refuses_any_parameters(schema: Json, values: Json) -> None:
    if schema_problem(schema)[1]:
        return
    with suppress(BadParameters):
        complete(schema, values)
    with suppress(BadParameters):
        typed(schema, {field.name: str(values.get(field.name, "")) for field in form_fields(schema)})


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"allOf": [{"$ref": "#"}]}, "without end"),
        ({"patternProperties": {"(": {}}}, "no regular expression"),
        ({"properties": {"a": {"pattern": "("}}}, "is not a 'regex'"),
        ({"properties": {"a": {"$ref": "#b"}}}, "nothing is fetched"),
        ({"properties": {"a": {"id": "http://x/", "$ref": "#/definitions/b"}}}, "have no `id`"),
    ],
    ids=str,
)
def test_schemas_that_no_validator_can_use_are_not_offered(schema: Json, words: str) -> None:
    assert words in schema_problem(schema)[1]


def test_names_that_look_like_keywords_are_names() -> None:
    named = {"properties": {"id": {"type": "string"}, "$ref": {"type": "string"}, "pattern": {"type": "string"}}}
    assert schema_problem(named) == ((), "")
    assert complete(named, {"id": "a", "$ref": "b"}) == {"id": "a", "$ref": "b"}


def test_the_deepest_parameters_and_longest_chains_that_are_taken_do_not_exhaust_the_stack() -> None:
    chain: Json = {f"c{n}": {"allOf": [{"$ref": f"#/definitions/c{n + 1}"}]} for n in range(3)}
    chain["c3"] = {"type": "object", "properties": {"a": {"$ref": "#/definitions/c0"}}}
    schema: Json = {"allOf": [{"$ref": "#/definitions/c0"}], "definitions": chain}
    assert schema_problem(schema) == ((), "")
    value: Json = {}
    for _ in range(16):
        value = {"a": value}
    assert complete(schema, value) == value
    assert "nested more than 16" in problems({"a": value}, schema)[""]
    longer = {**chain, **{f"d{n}": {"$ref": f"#/definitions/d{n + 1}"} for n in range(1000)}, "d1000": {}}
    assert "more than 10 parts" in schema_problem({"definitions": longer})[1]
