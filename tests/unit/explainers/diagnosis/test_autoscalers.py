"""An autoscaler with several metrics, of which one cannot be read."""

import pytest

from explainers.diagnosis.model import Finding
from explainers.diagnosis.rules.autoscalers import autoscaler
from explainers.kinds import Ref
from tests.unit.clusters import Json, deployment, thing
from tests.unit.explainers.diagnosis.reading import Reading

CPU: Json = {"type": "Resource", "resource": {"name": "cpu"}}
ADAPTER = "unable to get metric requests: unable to fetch metrics from custom metrics API: no such API registered"


def found(metric: Json, current: Json, born: str = "11:00:00") -> list[Finding]:
    spec = {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "metrics": [CPU, metric]}
    active = {"type": "ScalingActive", "status": "True", "reason": "ValidMetricFound"}
    made = thing("HorizontalPodAutoscaler", "web", spec=spec)
    made["status"] = {"conditions": [active], "currentMetrics": [CPU, current]}
    made["metadata"]["creationTimestamp"] = f"2026-01-02T{born}Z"
    about = {"kind": "HorizontalPodAutoscaler", "name": "web", "namespace": "shop"}
    event = thing("Event", "web.1", reason="FailedGetPodsMetric", message=ADAPTER, involvedObject=about)
    event["lastTimestamp"] = "2026-01-02T11:59:58Z"
    target = Ref("HorizontalPodAutoscaler", "shop", "web")
    return Reading(made, event, deployment("web")).see(lambda case: [*autoscaler(case)], target)


@pytest.mark.parametrize("key", ["pods", "object", "external"])
def test_a_metric_that_cannot_be_read_is_never_scaled_by(key: str) -> None:
    (one,) = found({"type": key.title(), key: {"metric": {"name": "requests"}}}, {"type": ""})
    assert one.number == 115
    assert "cannot read the metric `requests`" in one.clause
    assert "no such API registered" in one.clause


def test_one_that_is_read_or_is_new_is_no_fault() -> None:
    metric = {"type": "Pods", "pods": {"metric": {"name": "requests"}}}
    assert found(metric, metric) == []
    assert found(metric, {"type": ""}, born="11:59:00") == []
