import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.selectors import (
    SelectorError,
    matches_fields,
    matches_label_selector,
    matches_labels,
    parse_field_selector,
    parse_label_selector,
)

LABELS = {"app": "web", "tier": "front", "weight": "7"}


@pytest.mark.parametrize(
    "text",
    ["", "app=web", "app==web", "app", "!old", "app!=api", "app in (web, api)", "tier notin (back),app", "weight>5",
     "missing!=x", "missing notin (a)", "weight<8,app=web"],
)  # fmt: skip
def test_selects(text: str) -> None:
    assert matches_labels(parse_label_selector(text), LABELS)


@pytest.mark.parametrize("text", ["app=api", "old", "!app", "app in (api)", "app notin (web)", "weight>7", "app>1"])
def test_does_not_select(text: str) -> None:
    assert not matches_labels(parse_label_selector(text), LABELS)


@pytest.mark.parametrize("text", ["a in b", "=x", "a b", "app=web,,", "-a"])
def test_unreadable_selectors_are_refused(text: str) -> None:
    with pytest.raises(SelectorError):
        parse_label_selector(text)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    for parse in (parse_label_selector, parse_field_selector):
        with contextlib.suppress(SelectorError):
            parse(text)


def test_selector_objects() -> None:
    expressions = [{"key": "tier", "operator": "In", "values": ["front"]}, {"key": "old", "operator": "DoesNotExist"}]
    assert matches_label_selector({"matchLabels": {"app": "web"}, "matchExpressions": expressions}, LABELS)
    assert matches_label_selector({}, LABELS)
    assert not matches_label_selector(None, LABELS)
    assert not matches_label_selector({"matchLabels": {"app": "api"}}, LABELS)


def test_field_selectors() -> None:
    pod = {"metadata": {"name": "a"}, "spec": {"hostNetwork": True}, "status": {"phase": "Running"}}
    assert matches_fields(parse_field_selector("metadata.name=a,status.phase!=Failed,spec.hostNetwork=true"), pod)
    assert matches_fields(parse_field_selector("spec.nodeName="), pod)
    assert not matches_fields(parse_field_selector("metadata.name==b"), pod)
    with pytest.raises(SelectorError):
        parse_field_selector("nothing")
