"""The schemas for editors say what the reader takes: for every documented form, and never more than it takes."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from explainers.catalog.reading import BadCatalog, read_entry
from explainers.catalog.schema import FORMS, entry_schema
from explainers.catalog.tables import CREDENTIALS, ENTRY, PROVISIONS, Key, Shape
from tests.madeup import made_up
from tests.unit.explainers.catalog import examples
from tests.unit.explainers.catalog.examples import Json, plainly

VALIDATORS = {form: Draft7Validator(entry_schema(form)) for form in FORMS}


@pytest.mark.parametrize("form", FORMS)
def test_the_schema_is_one(form: str) -> None:
    Draft7Validator.check_schema(entry_schema(form))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("provision", "credential"), list(product(examples.PROVISIONS, examples.CREDENTIALS)), ids=lambda case: case[0]
)
def test_every_kind_fits_the_schema_of_its_form_alone(provision: Any, credential: Any, form: str) -> None:
    raw = examples.FORMS[form.upper()](provision[:2], credential[:2], lifetime="30d", owners={"users": ["U0123"]})
    for data in ("provisiondata", provision[0]):
        if "labelSelector" in raw.get(data, {}):
            raw[data] = {key.lower(): value for key, value in raw[data].items()}
    assert [error.message for error in VALIDATORS[form].iter_errors(raw)] == []
    other = FORMS[1 - FORMS.index(form)]
    assert not VALIDATORS[other].is_valid(raw)


@pytest.mark.parametrize(
    "more",
    [
        {"uuid": None},
        {"version": "1.0"},
        {"version": 1.5},
        {"whitlist": []},
        {"approval": "yes"},
        {"lifetime": "12h"},
        {"owners": {"people": []}},
        {"provisionkind": "ProvisionMagic"},
        {"provisiondata": {"url": "http://x", "more": 1}},
        {"provisiondata": {}},
        {"maintenance": {"version": "1"}},
    ],
    ids=str,
)
def test_mistakes_are_seen_in_the_editor(more: Json) -> None:
    assert VALIDATORS["a"].is_valid(plainly())
    assert not VALIDATORS["a"].is_valid(plainly(**more))


TEXTS = st.sampled_from(
    ["a", "A b", "1", "1.2.3", "30d", "http://x", "oci://x/y", "*", "U0123", "T0123", "a/b", "", "{{ x }}", "x=y", "~"]
)
VALUES = st.one_of(TEXTS, st.integers(-2, 70_000), st.booleans(), st.none(), st.lists(TEXTS, max_size=2), st.just({}))


def _mappings(keys: tuple[Key, ...]) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries({}, optional={name: VALUES for key in keys for name in key.names})


@st.composite
def entries(draw: st.DrawFn) -> tuple[str, Json]:
    flat = tuple(key for key in ENTRY if key.shape is not Shape.MAPPING)
    raw = {**examples.BASE, **draw(_mappings(flat))}
    form = draw(st.sampled_from(FORMS))
    for what, blocks in (("provision", PROVISIONS), ("credential", CREDENTIALS)):
        block = draw(st.sampled_from(blocks))
        whole = {"namespace": "a", "name": "b", "secretname": "c", "username": "u", "password": "p"}
        known = {key.name: whole[key.name] for key in block.keys if key.name in whole}
        data = {**known, **draw(_mappings(block.keys))}
        raw |= {f"{what}kind": block.name, f"{what}data": data} if form == "a" else {block.name: data}
    return form, raw


@made_up(300)
@given(entries())
def test_what_the_schema_takes_the_reader_takes(made: tuple[str, Json]) -> None:
    form, raw = made
    if not VALIDATORS[form].is_valid(raw):
        return
    try:
        read_entry(raw, "any")
    except BadCatalog as error:
        # What no schema says of one value alone: two keys that belong to different charts, a selector's grammar.
        known = ("belongs to a chart that is a name", "is no label selector")
        unsaid = [one for one in error.problems if not any(words in one.message for words in known)]
    else:
        unsaid = []
    assert unsaid == []


@made_up(300)
@given(entries())
def test_what_the_reader_takes_the_schema_takes(made: tuple[str, Json]) -> None:
    form, raw = made
    raw = {key: value for key, value in raw.items() if value is not None}
    for data in raw.values():
        if isinstance(data, dict):
            for key in [key for key, value in data.items() if value is None]:
                del data[key]
    try:
        read_entry(raw, "any")
    except BadCatalog:
        return
    assert [error.message for error in VALIDATORS[form].iter_errors(raw)] == []
