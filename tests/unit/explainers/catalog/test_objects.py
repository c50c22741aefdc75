"""ConfigMaps that hold the objects of an instance: which are found, in which order, and what is wrong with them."""

import pytest

from explainers.catalog.objects import templates_for
from explainers.catalog.reading import BadCatalog, read_shelf
from explainers.selectors import matches, parse
from tests.unit.explainers.catalog.examples import NONE, Json, configmap, entry, form_a, wrapped

POD: Json = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "{{ instance.name }}"}}
DB = "mesitis/offering=db"


def test_order_is_a_number_and_ties_go_by_name() -> None:
    shelf = read_shelf(
        [wrapped(name, POD, order) for name, order in [("c", "10"), ("b", "9"), ("d", "1.5"), ("a", "10")]]
    )
    assert [each.source for each in templates_for(shelf, DB)] == ["d", "b", "a", "c"]


@pytest.mark.parametrize("key", ["wrapped-resource", "embedded-resource", "Embedded-Resource"])
def test_both_data_keys(key: str) -> None:
    held = wrapped("one", POD)
    held["data"] = {key: held["data"].pop("wrapped-resource")}
    [template] = templates_for(read_shelf([held]), DB)
    assert template.manifest == POD


def test_only_what_is_switched_on_is_found_and_mistakes_are_told() -> None:
    shelf = read_shelf([wrapped("a", POD, enabled="True"), wrapped("b", POD, enabled="false"), wrapped("c", POD)])
    assert [each.source for each in templates_for(shelf, DB)] == ["c"]
    assert [each.source for each in shelf.problems] == ["a"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("kind: Pod", "`apiVersion` must be a text"),
        ("apiVersion: v1", "`kind` must be a text"),
        ("apiVersion: v1\nkind: Pod", "`metadata.name` must be a text"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: 3}", "`metadata.name` must be a text"),
        ("- a", "must be one object"),
        ("name: {{ instance.name }}", "A template stands in quotes"),
    ],
)
def test_nothing_is_made_without_an_object_that_cannot_be_read(text: str, words: str) -> None:
    provision = ("ProvisionNewClusterObjects", {"namespace": "made", "name": "db", "labelselector": DB})
    shelf = read_shelf([wrapped("good", POD), wrapped("bad", text), entry("entry", form_a(provision, NONE))])
    assert len(shelf.entries) == 1
    with pytest.raises(BadCatalog, match="bad"):
        templates_for(shelf, DB)
    assert any(words in each.message for each in shelf.problems)
    assert {each.team for each in shelf.problems} == {"api"}, "the team whose entry uses it is told"


def test_an_order_that_is_no_number() -> None:
    shelf = read_shelf([wrapped("one", POD, "first")])
    assert 'says "first"; it must be a number, like "2"' in shelf.problems[0].message
    with pytest.raises(BadCatalog):
        templates_for(shelf, DB)


def test_a_selector_that_is_none() -> None:
    with pytest.raises(BadCatalog, match="no label selector"):
        templates_for(read_shelf([]), "a=b=c")


def test_other_configmaps_are_left_alone() -> None:
    shelf = read_shelf(
        [configmap("kube-root-ca.crt", "x", "ca.crt"), configmap("app", "{", "config.json", offering="db")]
    )
    assert (shelf.templates, shelf.problems) == ((), ())


@pytest.mark.parametrize(
    ("selector", "labels", "found"),
    [
        ("a=b", {"a": "b"}, True),
        ("a == b , c", {"a": "b", "c": ""}, True),
        ("a!=b", {"a": "b"}, False),
        ("a!=b", {}, True),
        ("a in (b, c),d notin (e)", {"a": "c"}, True),
        ("a in (b,c)", {"a": "d"}, False),
        ("!a", {"a": ""}, False),
        ("x.io/a=", {"x.io/a": ""}, True),
    ],
)
def test_selectors_as_kubectl_takes_them(selector: str, labels: dict[str, str], found: bool) -> None:
    assert matches(parse(selector), labels) is found


@pytest.mark.parametrize("selector", ["", "a=b,", "=b", "a in b", "a in (b", "a b", "a=b c", "a in (-)", "-a"])
def test_selectors_that_are_none(selector: str) -> None:
    with pytest.raises(ValueError, match="is no label selector"):
        parse(selector)
