"""What was made a moment ago, so that nobody has looked at it yet."""

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import Json, deployment, pod, services, thing

TARGETS = ["deployment/web", "service/web", "pod/web-1"]


def verdict(target: str, *objects: Json) -> Json:
    data = diagnose(Request("diagnose", target, Actor("test"), namespace="shop"), services(*objects)).data
    assert isinstance(data, dict)
    return data


def given(born: str, placed: str) -> list[Json]:
    """A Deployment, its Service without endpoints, and its pod, which has a node and no more."""
    made, one = deployment("web", ready=0), pod("web-1", {"app": "web"}, ready=False)
    one["metadata"]["creationTimestamp"] = f"2026-01-02T{born}Z"
    scheduled = {"type": "PodScheduled", "status": "True", "lastTransitionTime": f"2026-01-02T{placed}Z"}
    one["status"] = {"phase": "Pending", "conditions": [scheduled]}
    front = thing("Service", "web", spec={"selector": {"app": "web"}, "ports": [{"port": 80}]})
    node = thing("Node", "node-1", "", status={"conditions": [{"type": "Ready", "status": "True"}]})
    return [made, one, front, thing("EndpointSlice", "web-x", labels={"kubernetes.io/service-name": "web"}), node]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("born", "placed", "starts"), [
    ("11:59:54", "11:59:55", True), ("11:50:00", "11:59:20", True), ("11:58:50", "11:58:51", False),
])  # fmt: skip
def test_a_pod_with_a_node_and_no_container_status_is_starting(
    target: str, born: str, placed: str, starts: bool
) -> None:
    said = verdict(target, *given(born, placed))
    assert said["verdict"] == ("healthy" if starts else "unknown")
    assert ("it is starting; its pod was given to its node" in said["headline"]) is starts


@pytest.mark.parametrize(("born", "told"), [("11:59:56", "healthy"), ("11:55:00", "unknown")])
def test_an_autoscaler_that_was_just_made_has_no_status(born: str, told: str) -> None:
    scaler = thing("HorizontalPodAutoscaler", "web", spec={
        "scaleTargetRef": {"kind": "Deployment", "name": "web"}, "minReplicas": 2, "maxReplicas": 5,
    }, status={"desiredReplicas": 0, "currentMetrics": None})  # fmt: skip
    scaler["metadata"]["creationTimestamp"] = f"2026-01-02T{born}Z"
    said = verdict("hpa/web", scaler, deployment("web"))
    assert said["verdict"] == told
    assert ("it was made 4 s ago, and its controller has not looked at it yet" in said["headline"]) is (
        told == "healthy"
    )
