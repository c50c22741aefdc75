"""The patch kinds, with the examples of their specifications and of the Kubernetes documentation."""

from typing import Any

import pytest

from bot.sandbox.patches import PatchError, json_patch, merge_patch
from bot.sandbox.strategic import apply_merge, strategic_merge


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patch_of_rfc_7386(target: Any, patch: Any, result: Any) -> None:
    assert merge_patch(target, patch) == result


@pytest.mark.parametrize(
    ("operations", "result"),
    [
        ([{"op": "add", "path": "/b", "value": 1}], {"a": ["x", "y"], "b": 1}),
        ([{"op": "add", "path": "/a/1", "value": "z"}], {"a": ["x", "z", "y"]}),
        ([{"op": "add", "path": "/a/-", "value": "z"}], {"a": ["x", "y", "z"]}),
        ([{"op": "remove", "path": "/a/0"}], {"a": ["y"]}),
        ([{"op": "replace", "path": "/a/0", "value": "z"}], {"a": ["z", "y"]}),
        ([{"op": "move", "from": "/a", "path": "/b"}], {"b": ["x", "y"]}),
        ([{"op": "copy", "from": "/a/0", "path": "/b"}], {"a": ["x", "y"], "b": "x"}),
        ([{"op": "test", "path": "/a/0", "value": "x"}], {"a": ["x", "y"]}),
        ([{"op": "add", "path": "/c~1d", "value": 1}], {"a": ["x", "y"], "c/d": 1}),
    ],
)
def test_json_patch_of_rfc_6902(operations: Any, result: Any) -> None:
    assert json_patch({"a": ["x", "y"]}, operations) == result


@pytest.mark.parametrize(
    "operations",
    [
        [{"op": "remove", "path": "/missing"}],
        [{"op": "test", "path": "/a/0", "value": "other"}],
        [{"op": "add", "path": "/a/9", "value": 1}],
        [{"op": "dance", "path": "/a"}],
        {"op": "add"},
        ["text"],
    ],
)
def test_json_patches_that_do_not_fit_are_refused(operations: Any) -> None:
    with pytest.raises(PatchError):
        json_patch({"a": ["x", "y"]}, operations)


def pod(*containers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"spec": {"containers": list(containers), **more}}


def test_strategic_merge_finds_containers_by_name() -> None:
    live = pod({"name": "a", "image": "a:1", "env": [{"name": "X", "value": "1"}]}, {"name": "b", "image": "b:1"})
    patch = pod({"name": "b", "image": "b:2"}, {"name": "a", "env": [{"name": "Y", "value": "2"}]})
    merged = strategic_merge(live, patch)
    assert merged == pod(
        {"name": "a", "image": "a:1", "env": [{"name": "X", "value": "1"}, {"name": "Y", "value": "2"}]},
        {"name": "b", "image": "b:2"},
    )


def test_strategic_merge_obeys_its_directives() -> None:
    live = pod({"name": "a"}, {"name": "b"}, tolerations=[{"key": "x"}], volumes=[{"name": "v", "emptyDir": {}}])
    deleted = strategic_merge(live, pod({"name": "a", "$patch": "delete"}))
    assert [item["name"] for item in deleted["spec"]["containers"]] == ["b"]
    replaced = strategic_merge(live, {"spec": {"containers": [{"$patch": "replace"}, {"name": "c"}]}})
    assert replaced["spec"]["containers"] == [{"name": "c"}]
    volume = {"name": "v", "$retainKeys": ["name", "secret"], "secret": {"secretName": "s"}}
    retained = strategic_merge(live, {"spec": {"volumes": [volume]}})
    assert retained["spec"]["volumes"] == [{"name": "v", "secret": {"secretName": "s"}}]
    order = {"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}]}
    ordered = strategic_merge(live, {"spec": order})
    assert [item["name"] for item in ordered["spec"]["containers"]] == ["b", "a"]
    kept = strategic_merge({"metadata": {"finalizers": ["x"]}}, {"metadata": {"finalizers": ["y"]}})
    assert kept["metadata"]["finalizers"] == ["x", "y"]
    gone = {"metadata": {"$deleteFromPrimitiveList/finalizers": ["x"]}}
    assert strategic_merge(kept, gone)["metadata"]["finalizers"] == ["y"]


def test_lists_without_keys_are_replaced() -> None:
    live = {"spec": {"tolerations": [{"key": "x"}], "ports": [{"port": 80, "targetPort": 1}]}}
    merged = strategic_merge(live, {"spec": {"tolerations": [{"key": "y"}], "ports": [{"port": 80, "targetPort": 2}]}})
    assert merged["spec"] == {"tolerations": [{"key": "y"}], "ports": [{"port": 80, "targetPort": 2}]}


def test_apply_keys_ports_by_number_and_protocol() -> None:
    live = {"spec": {"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP", "name": "tcp"}]}}
    merged = apply_merge(live, {"spec": {"ports": [{"port": 53, "name": "dns"}]}})
    assert merged["spec"]["ports"][1] == {"port": 53, "protocol": "TCP", "name": "dns"}
    assert merged["spec"]["ports"][0] == {"port": 53, "protocol": "UDP"}
