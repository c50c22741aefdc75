"""Autoscalers without metrics: one of several cannot be read, or there are none, for the pods do not run."""

import pytest

from explainers.diagnosis.case import Case
from explainers.diagnosis.model import Finding
from explainers.diagnosis.rules import RULES
from explainers.diagnosis.rules.autoscalers import autoscaler
from explainers.kinds import Ref
from tests.unit.clusters import Json, deployment, pod, thing
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


NONE = "failed to get cpu utilization: no metrics returned from resource metrics API"
CRASHED: Json = {"exitCode": 1, "reason": "Error", "finishedAt": "2026-01-02T11:59:50Z"}


def unmeasured(born: str, ready: int, message: str = NONE, requests: Json | None = None) -> list[Finding]:
    """What is found of an autoscaler by CPU that gets no metrics."""
    goal = {"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": 70}}}
    spec = {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "metrics": [goal]}
    scaler = thing("HorizontalPodAutoscaler", "web", spec=spec)
    scaler["status"] = {"conditions": [{"type": "ScalingActive", "status": "False", "message": message}]}
    scaler["metadata"]["creationTimestamp"] = f"2026-01-02T{born}Z"
    scaled, one = deployment("web", ready=ready), pod("web-1", {"app": "web"}, ready=bool(ready))
    scaled["spec"]["template"]["spec"]["containers"][0]["resources"] = {"requests": requests or {}}
    if not ready:
        waits = {"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": CRASHED}}
        one["status"]["containerStatuses"][0] |= {"restartCount": 3, **waits}
    logs = {f"shop/web-1/app{which}": "KeyError: 'QUEUE_NAME'" for which in ("", "/previous")}
    reading, target = Reading(scaler, scaled, one, logs=logs), Ref("HorizontalPodAutoscaler", "shop", "web")
    return reading.see(lambda case: [*autoscaler(Case(case.facts, target, RULES, sparing=True))], target)


@pytest.mark.parametrize("born", ["11:59:30", "11:00:00"])
def test_pods_that_crash_are_why_there_are_no_metrics(born: str) -> None:
    cause, request = unmeasured(born, ready=0)
    assert (cause.number, cause.subject, cause.benign) == (52, Ref("Deployment", "shop", "web"), False)
    assert "`QUEUE_NAME` is not set" in cause.clause
    assert request.number == 115
    assert "states no cpu request" in request.clause
    assert len(unmeasured(born, ready=0, requests={"cpu": "5m"})) == 1


def test_pods_that_run_or_a_server_that_does_not_are_told_as_before() -> None:
    (early,) = unmeasured("11:59:30", ready=1)
    assert early.benign
    (late,) = unmeasured("11:00:00", ready=1)
    assert "it gets no metrics" in late.clause
    (server,) = unmeasured("11:00:00", ready=0, message="the server could not find the requested resource")
    assert "the server could not find" in server.clause


@pytest.mark.parametrize("replicas", [0, 2])
def test_one_whose_target_is_at_zero_rests(replicas: int) -> None:
    spec = {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "metrics": [CPU]}
    made = thing("HorizontalPodAutoscaler", "web", spec=spec)
    made["status"] = {"conditions": [{"type": "ScalingActive", "status": "False", "reason": "ScalingDisabled"}]}
    target = Ref("HorizontalPodAutoscaler", "shop", "web")
    found = Reading(made, deployment("web", replicas)).see(lambda case: [*autoscaler(case)], target)
    assert [(one.benign, "rests" in one.clause) for one in found] == ([] if replicas else [(True, True)])


def container_metric(
    container: str, status: str, in_pod: str = "app", names: tuple[str, ...] = ("app",)
) -> list[Finding]:
    """What is found of an autoscaler by the CPU of one container."""
    goal = {"name": "cpu", "container": container, "target": {"type": "Utilization", "averageUtilization": 70}}
    metrics = [CPU, {"type": "ContainerResource", "containerResource": goal}]
    made = thing("HorizontalPodAutoscaler", "web", spec={"scaleTargetRef": {"kind": "Deployment", "name": "web"}})
    made["spec"]["metrics"] = metrics
    words = "did not receive metrics for targeted pods (pods might be unready)"
    made["status"] = {
        "conditions": [{"type": "ScalingActive", "status": status, "message": words}],
        "currentMetrics": [CPU, {"type": ""}],
    }
    made["metadata"]["creationTimestamp"] = "2026-01-02T11:00:00Z"
    scaled, one = deployment("web"), pod("web-1", {"app": "web"})
    scaled["spec"]["template"]["spec"]["containers"] = [{"name": name, "image": "app:1"} for name in names]
    one["spec"]["containers"] = [{"name": in_pod, "image": "app:1"}]
    target = Ref("HorizontalPodAutoscaler", "shop", "web")
    return Reading(made, scaled, one).see(lambda case: [*autoscaler(case)], target)


@pytest.mark.parametrize("status", ["False", "True"])
@pytest.mark.parametrize(
    ("container", "names", "meant"),
    [("ap", ("app", "proxy"), "app"), ("main", ("app",), "app"), ("main", ("app", "proxy"), "")],
)
def test_a_container_that_the_pods_do_not_have_is_not_measured(
    status: str, container: str, names: tuple[str, ...], meant: str
) -> None:
    (one,) = container_metric(container, status, names=names)
    assert f"measures the container `{container}`, which the pods of `web` do not have" in one.clause
    (step,) = one.plan.steps
    assert step.changes is bool(meant)
    if meant:
        assert f'"container":"{meant}"' in step.operation.line()
        assert '{"type":"Resource","resource":{"name":"cpu"}}' in step.operation.line()


def test_a_container_that_was_put_into_the_pods_is_one_of_theirs() -> None:
    assert "do not have" not in container_metric("istio-proxy", "False", in_pod="istio-proxy")[0].clause


@pytest.mark.parametrize(("born", "benign"), [("11:59:33", True), ("11:50:00", False)])
@pytest.mark.parametrize("message", [NONE, "missing request for cpu in container web of Pod web-0"])
def test_pods_that_are_new_have_not_been_measured(born: str, benign: bool, message: str) -> None:
    goal = {"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": 70}}}
    scaler = thing("HorizontalPodAutoscaler", "web", spec={"scaleTargetRef": {"kind": "Deployment", "name": "web"}})
    scaler["spec"]["metrics"] = [goal]
    scaler["status"] = {"conditions": [{"type": "ScalingActive", "status": "False", "message": message}]}
    scaler["metadata"]["creationTimestamp"] = "2026-01-02T11:00:00Z"
    scaled, one = deployment("web"), pod("web-1", {"app": "web"})
    scaled["spec"]["template"]["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "5m"}}
    one["metadata"]["creationTimestamp"] = f"2026-01-02T{born}Z"
    target = Ref("HorizontalPodAutoscaler", "shop", "web")
    (found,) = Reading(scaler, scaled, one).see(lambda case: [*autoscaler(case)], target)
    assert (found.benign, found.number) == (benign, 125 if benign else 115)
