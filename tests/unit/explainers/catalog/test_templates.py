"""Templates of manifests: what they can do, and that nothing gets out of them."""

import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explainers.catalog.reading import read_entry
from explainers.catalog.templates import TemplateProblem, names, render, render_text, variables
from tests.unit.explainers.catalog.examples import plainly

VALUES = variables(
    read_entry(plainly(), "one"),
    {"id": "i-1", "name": "orders-1a2b", "short": "1a2b"},
    "shop",
    {"size": 5, "debug": True, "ratio": 0.5, "tags": ["a", "b"], "labels": {"tier": "gold"}, "text": "x y", "no": None},
    {"username": "app", "password": "c4n4ry"},
)


def refused(text: Any) -> str:
    with pytest.raises(TemplateProblem) as caught:
        render({"spec": [text]}, VALUES)
    assert caught.value.path[:2] == ("spec", 0)
    assert "c4n4ry" not in str(caught.value)
    assert "0x" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("plain", "plain"),
        ("{{ parameters.size }}", 5),
        ("{{ parameters.size * 2 + 1 }}", 11),
        ("{{ parameters.size }}Gi", "5Gi"),
        ("{{ parameters.debug }}", True),
        ("debug={{ parameters.debug }}", "debug=true"),
        ("{{ parameters.tags }}", ["a", "b"]),
        ("{{ parameters.labels }}", {"tier": "gold"}),
        ("tags: {{ parameters.tags }}", 'tags: ["a", "b"]'),
        ("{{ parameters.no }}", None),
        ("{{ parameters['size'] }}", 5),
        ("{{ parameters.size | string }}", "5"),
        ("{{ parameters.missing | default('x') }}", "x"),
        ("{{ 'big' if parameters.size > 4 else 'small' }}", "big"),
        ("{% if parameters.debug %}on{% endif %}", "on"),
        ("{% for tag in parameters.tags %}{{ loop.index }}{{ tag }};{% endfor %}", "1a;2b;"),
        ("{% for key, each in parameters.labels | items %}{{ key }}={{ each }}{% endfor %}", "tier=gold"),
        ("{{ range(3) }}", [0, 1, 2]),
        ("{{ parameters.tags | join('-') | upper }}", "A-B"),
        ("{{ 'a' ~ parameters.size ~ parameters.debug }}", "a5true"),
        ("{{ credentials.password | b64encode }}", "YzRuNHJ5"),
        ("{{ parameters.text | replace(' ', '') }}", "xy"),
        ("{{ parameters.tags | tojson }}", '["a", "b"]'),
        ("{{ parameters.text[0:1] }}", "x"),
        ("{{ team }}/{{ offering }}/{{ version }}", "api/orders-db/1"),
        ("{{ instance.name }}.{{ consumer.namespace }}", "orders-1a2b.shop"),
        ("{# nothing #}a\n", "a\n"),
    ],
)
def test_what_templates_give(text: str, made: Any) -> None:
    assert render([text], VALUES) == [made]
    assert type(render([text], VALUES)[0]) is type(made)


def test_a_manifest_with_keys_and_texts_where_kubernetes_wants_texts() -> None:
    manifest = {
        "kind": "ConfigMap",
        "metadata": {"name": "{{ instance.name }}", "labels": {"size": "{{ parameters.size }}"}},
        "data": {"{{ instance.short }}.conf": "{{ parameters.debug }}"},
        "spec": {"replicas": "{{ parameters.size }}", "env": [{"name": "SIZE", "value": "{{ parameters.size }}"}]},
    }
    assert render(manifest, VALUES) == {
        "kind": "ConfigMap",
        "metadata": {"name": "orders-1a2b", "labels": {"size": "5"}},
        "data": {"1a2b.conf": "true"},
        "spec": {"replicas": 5, "env": [{"name": "SIZE", "value": "5"}]},
    }


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ ''['__class__'] }}",
        "{{ ''['__cl' ~ 'ass__'] }}",
        "{{ parameters['__cl' ~ 'ass__'] }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ cycler }}",
        "{{ namespace() }}",
        "{{ lipsum() }}",
        "{{ dict(a=1) }}",
        "{{ self._TemplateReference__context }}",
        "{{ self }}",
        "{{ range.__globals__ }}",
        "{{ range }}",
        "x{{ range }}",
        "{{ _budget }}",
        "{{ _result }}",
        "{{ ''|attr('__class__') }}",
        "{{ parameters|attr('keys') }}",
        "{{ parameters.keys() }}",
        "{{ parameters.items }}",
        "{{ parameters.text.upper() }}",
        "{{ parameters.text.upper }}",
        "{{ 'x'.format }}",
        "{{ '{0.__class__}'.format(1) }}",
        "{{ '{0.__class__}'|format(1) }}",
        "{{ '%999999999s' % 'x' }}",
        "{{ ('%c' * 10) % 3 }}",
        "{{ parameters.tags.append(1) }}",
        "{{ parameters.tags|map('upper')|list }}",
        "{{ parameters.tags|map(attribute='__class__') }}",
        "{{ [parameters, parameters]|sort(attribute='__class__') }}",
        "{{ [parameters]|sum(attribute='__class__') }}",
        "{{ 'a'|center(1000000000) }}",
        "{{ 'a'|indent(1000000000) }}",
        "{{ 'a' * 1000000 }}",
        "{{ 1000000 * 'a' }}",
        "{{ [1] * 1000000 }}",
        "{{ 9 ** 999999999 }}",
        "{{ 1 / 0 }}",
        "{{ 5 % 0 }}",
        "{{ range(1001) }}",
        "{{ range(10**9) }}",
        "{{ range(0, 5, 0) }}",
        "{{ range('a') }}",
        "{{ range(*parameters.tags) }}",
        "{% for i in range(1001) %}x{% endfor %}",
        "{% for i in range(1000) %}{% for j in range(1000) %}x{% endfor %}{% endfor %}",
        "{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        "{% for i in parameters.text %}x{% endfor %}",
        "{% for i in range(1000) %}{{ range(1000)|join('xxxxxxxxxxxxxxxx') }}{% endfor %}",
        "{% for i in range(1000) %}" + "{% if range(1000)|sum > 5 %}{% endif %}" * 30 + "{% endfor %}",
        "{% for range in [1] %}{{ range(5) }}{% endfor %}",
        "{% for i in [1] %}{{ loop }}{% endfor %}",
        "{% for i in [1] %}{{ loop.cycle('a') }}{% endfor %}",
        "{% set a = 'x' %}{{ a }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% call x() %}{% endcall %}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{% extends 'x' %}",
        "{% block a %}{% endblock %}",
        "{% filter upper %}x{% endfilter %}",
        "{% with a = 1 %}{% endwith %}",
        "{% raw %}{{ x }}",
        "{% autoescape true %}{% endautoescape %}",
        "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
        "{{ " + "[" * 300 + "]" * 300 + " }}",
        "{{ " + "9" * 5000 + " }}",
        "{{ " + "9" * 4000 + " * " + "9" * 4000 + " }}",
        "{{ 'x'" + "|replace('x', 'xxxxxxxxxx')" * 8 + " }}",
        "{{ " + "~".join(["parameters.tags|join('" + "x" * 1000 + "')"] * 100) + " }}",
        "{{ credentials.password|int + 'a' }}",
        "{{ credentials.password + 1 }}",
        "{{ credentials.missing }}",
        "a{{ parameters.no }}",
        "{{ parameters.tags[7] }}",
        "{{ missing }}",
        "{{ missing.more }}",
        "{{ parameters.missing.more }}",
        "{{ }}",
        "{{ parameters.size",
        "{% if %}",
        "{{ 'nan'|float }}",
        "{{ 1|nofilter }}",
        "{{ 1 is notest }}",
        "{{ 1 is callable }}",
        "{{ 1 is filter }}",
        "x" * 70_000 + "{{ team }}",
    ],
    ids=lambda text: text[:50],
)
def test_what_templates_must_not_do_is_refused(text: str) -> None:
    assert len(refused(text)) > 20


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{ parameter.size }}", "I know no `parameter`. Templates may use `instance`, `consumer`, `parameters`"),
        ("{{ parameters.siz }}", "`siz` is not there; there is `size`, `debug`"),
        ("{{ parameters.size | shout }}", "There is no filter `shout`; there are abs, b64encode"),
        ("{{ 'a' * 3 }}", "`*` takes numbers here"),
        ("{{ range(2000) }}", "`range` may give 1,000 numbers, not 2,000"),
        ("{{ ''.__class__ }}", "begin with an underscore (`__class__`)"),
        ("{{ team.upper() }}", "Nothing can be called in a template but `range`"),
        ("{% set a = 1 %}", "`assign` is not among them"),
        ("x{{ parameters.no }}", "give it a value with `default`"),
    ],
)
def test_refusals_teach(text: str, words: str) -> None:
    assert words in refused(text)


def test_all_that_is_rendered_together_is_bounded() -> None:
    with pytest.raises(TemplateProblem, match="All together"):
        render(["{{ range(1000)|join('xxxxxxxxxxxxxxxxxxxxxxxxx') }}"] * 50, VALUES)


def test_what_a_parameter_holds_is_no_template() -> None:
    """Neither of the instance nor round in a circle: what is rendered once is not rendered again."""
    values = {**VALUES, "parameters": {"a": "{{ credentials.password }}", "b": "{{ parameters.b }}", "c": ["{{ a }}"]}}
    manifest = {"a": "{{ parameters.a }}", "b": "x{{ parameters.b }}", "c": "{{ parameters.c }}"}
    assert render(manifest, values) == {
        "a": "{{ credentials.password }}",
        "b": "x{{ parameters.b }}",
        "c": ["{{ a }}"],
    }


def test_keys_that_become_the_same() -> None:
    with pytest.raises(TemplateProblem, match="no other key"):
        render({"{{ team }}": 1, "api": 2}, VALUES)


def test_a_text_alone() -> None:
    assert render_text("{{ parameters.size }}", VALUES) == "5"
    with pytest.raises(TemplateProblem, match="must give a text"):
        render_text("{{ parameters.tags }}", VALUES)
    with pytest.raises(TemplateProblem, match=r"provisiondata\.name"):
        render_text("{{ x }}", VALUES, ("provisiondata", "name"))


@given(st.text(), st.text())
def test_names_of_instances_are_names_and_differ(id: str, wanted: str) -> None:
    made = names(id, wanted)
    assert re.fullmatch(r"[a-z]([a-z0-9-]*[a-z0-9])?", made["name"])
    assert len(made["name"]) <= 40
    assert names(f"{id}x", wanted)["name"] != made["name"]
    assert made["name"].endswith(made["short"])


@pytest.mark.parametrize("text", ["{{ 9e999 }}", "{{ -9e999 | int }}", "a {{ 9e999 }}", "{{ [1, 9e999] }}"])
def test_a_number_that_is_too_big_is_refused(text: str) -> None:
    with pytest.raises(TemplateProblem, match="too big"):
        render(text, VALUES)


@given(st.text(alphabet="{}%#|'\" ()[]._~*+-abrangeself0123456789", max_size=60))
def test_no_text_breaks_out(text: str) -> None:
    for each in (f"{{{{ {text} }}}}", text):
        with suppress(TemplateProblem):
            made = str(render(each, VALUES))
            assert " at 0x" not in made
            assert "<class" not in made
