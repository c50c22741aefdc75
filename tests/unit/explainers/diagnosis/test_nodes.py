"""Which nodes a pod may use."""

from typing import Any

import pytest

from explainers.diagnosis.views.nodes import Placement, taint_text

Json = dict[str, Any]
GPU = {"key": "gpu", "value": "yes", "effect": "NoSchedule"}


def node(labels: Json | None = None, taints: list[Json] | None = None) -> Json:
    return {"metadata": {"name": "n1", "labels": labels or {}}, "spec": {"taints": taints}}


def required(*terms: Json) -> Json:
    return {
        "affinity": {
            "nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": list(terms)}}
        }
    }


@pytest.mark.parametrize(
    ("spec", "fits"),
    [
        ({}, True),
        ({"nodeSelector": {"disk": "ssd"}}, True),
        ({"nodeSelector": {"disk": "hdd"}}, False),
        (required({"matchExpressions": [{"key": "disk", "operator": "In", "values": ["ssd", "nvme"]}]}), True),
        (required({"matchExpressions": [{"key": "disk", "operator": "NotIn", "values": ["ssd"]}]}), False),
        (required({"matchExpressions": [{"key": "cores", "operator": "Gt", "values": ["4"]}]}), True),
        (required({"matchExpressions": [{"key": "cores", "operator": "Lt", "values": ["4"]}]}), False),
        (required({"matchExpressions": [{"key": "disk", "operator": "Gt", "values": ["4"]}]}), False),
        (required({"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n1"]}]}), True),
        (required({"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n2"]}]}), False),
        (required({}), False),  # an empty term fits no node
        (required({}, {"matchExpressions": [{"key": "disk", "operator": "Exists"}]}), True),  # terms are alternatives
        ({"nodeSelector": None, "affinity": {"nodeAffinity": None}}, True),
    ],
)
def test_selector_and_affinity(spec: Json, fits: bool) -> None:
    assert Placement(spec).wants(node({"disk": "ssd", "cores": "8"})) is fits


@pytest.mark.parametrize(
    ("toleration", "tolerated"),
    [
        ({"key": "gpu", "operator": "Equal", "value": "yes", "effect": "NoSchedule"}, True),
        ({"key": "gpu", "value": "no"}, False),
        ({"key": "gpu", "operator": "Exists"}, True),
        ({"key": "gpu", "operator": "Exists", "effect": "NoExecute"}, False),
        ({"operator": "Exists"}, True),
        ({"key": "gpus", "operator": "Exists"}, False),
    ],
)
def test_tolerations(toleration: Json, tolerated: bool) -> None:
    assert bool(Placement({"tolerations": [toleration]}).untolerated(node(taints=[GPU]))) is not tolerated


def test_a_preference_and_the_mark_of_a_cordon_keep_nobody_away() -> None:
    soft = {"key": "slow", "effect": "PreferNoSchedule"}
    mark = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
    assert Placement({}).untolerated(node(taints=[soft, mark])) == []


def test_taints_are_written_as_kubectl_does() -> None:
    assert taint_text(GPU) == "gpu=yes:NoSchedule"
    assert taint_text({"key": "maintenance", "effect": "NoExecute"}) == "maintenance:NoExecute"
