"""Whatever a namespace holds, it is read without an error, and what is good in it is found."""

from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from explainers.catalog.objects import templates_for
from explainers.catalog.reading import BadCatalog, read_entry, read_shelf
from explainers.catalog.tables import CREDENTIALS, ENTRY, KIND_KEYS, PROVISIONS
from tests.madeup import made_up
from tests.unit.explainers.catalog.examples import Json, as_json, as_yaml, entry, plainly

WORDS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["1", "a", "{{ x }}", "T0123", "*", "http://x", "30d", "ProvisionHelmChart", "\ud800", "a=b", "="]),
)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), WORDS)
NAMES = st.sampled_from(
    [name for key in ENTRY for name in key.names]
    + [key.name for block in (*PROVISIONS, *CREDENTIALS) for key in block.keys]
    + [name for block in (*PROVISIONS, *CREDENTIALS) for name in block.names]
    + [*KIND_KEYS, "$ref", "properties", "type", "metadata", "kind", "apiVersion", "name"]
)
DATA = st.recursive(
    LEAVES, lambda each: st.lists(each, max_size=4) | st.dictionaries(NAMES | WORDS, each, max_size=8), max_leaves=20
)
LABELS = st.dictionaries(
    st.sampled_from(["mesitis/kind", "mesitis/enabled", "mesitis/order", "tessera/kind", "tessera.dev/enabled", "a"]),
    st.sampled_from(["catalog-entry", "true", "True", "1", "x", ""]) | LEAVES,
)
MAPS = st.fixed_dictionaries(
    {},
    optional={
        "metadata": LEAVES | st.fixed_dictionaries({}, optional={"name": LEAVES, "labels": LABELS | LEAVES}),
        "data": LEAVES | st.dictionaries(st.sampled_from(["entry", "Entry", "wrapped-resource", "x"]), LEAVES),
    },
)
GOOD: Json = entry("good", plainly())


def check(configmaps: list[Any]) -> None:
    shelf = read_shelf([*configmaps, GOOD])
    assert "good" in [one.source for one in shelf.entries] or any(one.source == "good" for one in shelf.problems)
    for one in shelf.entries:
        assert read_entry(one.raw, one.source) == one
    for problem in shelf.problems:
        assert problem.message
        assert problem.line >= 0
    assert all(str(problem) for problem in shelf.problems)
    with suppress(BadCatalog):
        templates_for(shelf, "a")


@given(st.lists(MAPS | DATA, max_size=4))
def test_configmaps_of_any_shape(configmaps: list[Any]) -> None:
    check(configmaps)


@made_up(200)
@given(st.dictionaries(NAMES | WORDS, DATA, max_size=12), st.booleans())
def test_entries_of_any_shape(more: Json, whole: bool) -> None:
    raw = {**plainly(), **more} if whole else more
    check([entry("any", as_json(raw))])


@given(st.dictionaries(NAMES, DATA, max_size=8))
def test_entries_of_any_shape_that_are_read_alone(more: Json) -> None:
    with suppress(BadCatalog):
        assert read_entry({**plainly(), **more}, "any").source == "any"


@made_up(200)
@given(st.text(alphabet="{}[]:,&*<->|'\"!%#? \n\tabc\\u00", max_size=80))
def test_texts_of_any_shape(text: str) -> None:
    check([entry("any", text), entry("more", as_yaml(plainly(uuid="2", version="2")) + text)])
