"""What counts as a change of an object, and what the API does by itself."""

from typing import Any

import pytest

from bot.broker.differing import differs


@pytest.mark.parametrize(
    ("wanted", "live"),
    [
        ({"spec": {"replicas": 1}}, {"spec": {"replicas": 1, "strategy": {}}, "status": {}}),
        ({"spec": {"cpu": "0.5", "port": "80"}}, {"spec": {"cpu": "500m", "port": 80}}),
        ({"spec": {"a": None, "b": [], "c": ""}}, {"spec": {}}),
        ({"list": [{"name": "a", "image": "x"}]}, {"list": [{"name": "sidecar"}, {"name": "a", "image": "x", "y": 1}]}),
        ({"list": [1, 2]}, {"list": [1, 2]}),
        ({"metadata": {"creationTimestamp": None}}, {"metadata": {"creationTimestamp": "2026-01-01T00:00:00Z"}}),
        ({"kind": "Secret", "stringData": {"a": "it's"}}, {"kind": "Secret", "data": {"a": "aXQncw=="}}),
    ],
)
def test_the_same(wanted: dict[str, Any], live: dict[str, Any]) -> None:
    assert differs(wanted, live) == ""


@pytest.mark.parametrize(
    ("wanted", "live", "path"),
    [
        ({"spec": {"replicas": 1}}, {"spec": {"replicas": 2}}, "spec.replicas"),
        ({"spec": {"replicas": 1}}, {"spec": None}, "spec.replicas"),
        ({"list": [{"name": "a", "image": "x"}]}, {"list": [{"name": "a", "image": "y"}]}, "list[a].image"),
        ({"list": [{"name": "a"}]}, {"list": []}, "list[a].name"),
        ({"list": [1, 2]}, {"list": [1]}, "list"),
        ({"data": {"size": "1"}}, {"data": {"size": "1.0"}}, "data.size"),
        ({"list": [1, 2]}, {"list": [1, 3]}, "list[1]"),
        ({"kind": "Secret", "stringData": {"a": "b"}}, {"kind": "Secret", "data": {"a": "aXQncw=="}}, "data.a"),
    ],
)
def test_changed(wanted: dict[str, Any], live: dict[str, Any], path: str) -> None:
    assert differs(wanted, live) == path
