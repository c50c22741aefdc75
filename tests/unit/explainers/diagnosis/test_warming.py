"""A pod that has only just begun: "starting" while nothing speaks against it, then a fault that may still pass."""

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import Json, deployment, pod, services, thing

SAYS_503 = "Readiness probe failed: HTTP probe failed with statuscode: 503"
HTTP = {"httpGet": {"path": "/ready", "port": 8080}}


def at(seconds_ago: int) -> str:
    minutes, seconds = divmod(3600 - seconds_ago, 60)
    return f"2026-01-02T11:{minutes:02}:{seconds:02}Z"


def verdict(
    ran: int, said: str = SAYS_503, log: str = "", lost: int = 0, probe: Json | None = None, late: bool = False,
    target: str = "web", beside: tuple[Json, ...] = (),
) -> Json:  # fmt: skip
    """Of a workload whose pod has run for `ran` seconds and, if it was ready, lost that `lost` seconds ago; `late` is a
    rollout past its deadline."""
    made, only = deployment("web", ready=0), pod("web-1", {"app": "web"}, ready=False)
    newest = thing("ReplicaSet", "web-aaa", labels={"app": "web", "pod-template-hash": "aaa"}, spec={}, status={})
    newest["metadata"]["ownerReferences"] = [{"kind": "Deployment", "name": "web", "uid": made["metadata"]["uid"]}]
    if late:
        past = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
        made["status"]["conditions"] = [past]
        only["metadata"]["labels"]["pod-template-hash"] = "aaa"
    container = {
        "name": "app",
        "image": "app:1",
        "ports": [{"containerPort": 8080}],
        **(probe or {"readinessProbe": HTTP}),
    }
    made["spec"]["template"]["spec"]["containers"] = only["spec"]["containers"] = [container]
    only["metadata"]["creationTimestamp"] = at(ran + 1)
    only["status"]["conditions"] = [
        {"type": "Ready", "status": "False", "lastTransitionTime": at(lost or ran + 1)},
        {"type": "PodScheduled", "status": "True", "lastTransitionTime": at(ran + 1)},
    ]  # fmt: skip
    state = only["status"]["containerStatuses"][0]
    state |= {"state": {"running": {"startedAt": at(ran)}}, "started": "startupProbe" not in container}
    about = {"kind": "Pod", "name": "web-1", "namespace": "shop", "fieldPath": "spec.containers{app}"}
    event = thing(
        "Event", "web-1.x", reason="Unhealthy", message=said, involvedObject=about, lastTimestamp=at(0), count=3
    )
    logs = {"shop/web-1/app": log, "shop/job-1/wait": "waiting for web"}
    ends = [{"addresses": ["10.0.0.9"], "conditions": {"ready": False}, "targetRef": {"kind": "Pod", "name": "web-1"}}]
    slices = thing("EndpointSlice", "web-x", labels={"kubernetes.io/service-name": "web"}, endpoints=ends)
    front = thing("Service", "web", spec={"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]})
    objects = (made, newest, only, event, front, slices, *beside)
    data = diagnose(Request("diagnose", target, Actor("test"), namespace="shop"), services(*objects, logs=logs)).data
    assert isinstance(data, dict)
    return data


def test_in_its_first_seconds_it_is_starting() -> None:
    found = verdict(6)
    assert found["verdict"] == "healthy"
    assert (
        "it is starting; container `app` has run for 6 s, and its readiness probe does not pass yet"
        in found["headline"]
    )
    assert "503" in found["headline"]


@pytest.mark.parametrize(("delay", "period", "ran", "starts"), [
    (12, 20, 20, True), (12, 20, 40, False), (0, 10, 11, True), (0, 10, 16, False),
])  # fmt: skip
def test_until_the_first_answer_of_its_probe_is_due_it_is_starting(
    delay: int, period: int, ran: int, starts: bool
) -> None:
    """The kubelet asks once in each period, so the delay may be over for nearly one before it has asked at all."""
    probe = {"readinessProbe": {**HTTP, "initialDelaySeconds": delay, "periodSeconds": period}}
    found = verdict(ran, said="Something else", probe=probe)
    assert found["verdict"] == ("healthy" if starts else "unknown")
    assert ("no answer is in yet" in found["headline"]) is starts


@pytest.mark.parametrize(("ran", "confidence", "early"), [(15, "likely", True), (90, "sure", False)])
def test_later_it_is_a_fault_where_its_log_tells_of_one(ran: int, confidence: str, early: bool) -> None:
    found = verdict(ran, log="WARN cannot open the cache: cache failed to load")
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (65, confidence)
    assert ("it has run for 15 s only" in found["headline"]) is early


SILENT, CLOSED = (
    "Readiness probe failed:",
    "Readiness probe failed: dial tcp 10.0.0.9:8080: connect: connection refused",
)
LATE = 'Readiness probe failed: Get "http://10.0.0.9:8080/": context deadline exceeded (Client.Timeout exceeded)'
COMMAND: Json = {"readinessProbe": {"exec": {"command": ["test", "-f", "/tmp/up"]}}}


@pytest.mark.parametrize("target", ["deployment/web", "service/web", "pod/web-1"])
@pytest.mark.parametrize(
    ("ran", "said", "log", "faulty"),
    [
        (15, SAYS_503, "Starting Application on web-1", False),
        (40, SILENT, "", False),
        (40, CLOSED, "loading model", False),
        (70, SILENT, "", True),
        (15, SILENT, "waiting for the lock of the changelog", True),
        (15, "Readiness probe failed: shard 2 belongs to another member", "", True),
        (15, LATE, "", True),
        (15, "Readiness probe failed: HTTP probe failed with statuscode: 404", "", True),
    ],
)
def test_a_slow_start_is_no_fault_whatever_is_asked_about(
    target: str, ran: int, said: str, log: str, faulty: bool
) -> None:
    command = "statuscode" not in said and "10.0.0.9" not in said
    found = verdict(ran, said, log, probe=COMMAND if command else None, target=target)
    assert (found["verdict"] == "fault") is faulty
    assert ("it is starting" in found["headline"]) is not faulty


def test_what_waits_for_a_slow_start_has_no_fault_yet() -> None:
    waiter = pod("job-1", {"app": "job"}, ready=False)
    loop = ["sh", "-c", "until nc -z web 80; do echo waiting for web; sleep 2; done"]
    waiter["spec"]["initContainers"] = [{"name": "wait", "image": "busybox:1", "command": loop}]
    waiter["metadata"]["creationTimestamp"] = at(18)
    waiter["status"] = {
        "phase": "Pending",
        "conditions": [{"type": "PodScheduled", "status": "True", "lastTransitionTime": at(18)}],
        "initContainerStatuses": [{"name": "wait", "restartCount": 0, "state": {"running": {"startedAt": at(17)}}}],
        "containerStatuses": [{"name": "app", "restartCount": 0, "state": {"waiting": {"reason": "PodInitializing"}}}],
    }
    found = verdict(15, SILENT, probe=COMMAND, target="pod/job-1", beside=(waiter,))
    assert found["verdict"] == "healthy"
    assert (
        "init container `wait` waits for `web:80`, which is no fault yet; of `web`: it is starting"
        in (found["headline"])
    )


def test_an_error_in_its_log_is_told_at_once() -> None:
    found = verdict(6, log="ERROR migration 0042 failed: relation does not exist")
    assert (found["cause"]["class"], "migration 0042" in found["headline"]) == (65, True)


def test_what_was_ready_and_is_no_longer_is_not_starting() -> None:
    found = verdict(9, lost=2)
    assert found["verdict"] == "fault"
    assert "starting" not in found["headline"]


def test_a_wrong_path_is_wrong_from_the_first_moment() -> None:
    found = verdict(3, "Readiness probe failed: HTTP probe failed with statuscode: 404")
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (65, "sure")


@pytest.mark.parametrize(("ran", "faulty"), [(25, False), (590, False), (640, True)])
def test_a_startup_probe_that_says_no_is_given_its_time(ran: int, faulty: bool) -> None:
    command = {"exec": {"command": ["test", "-f", "/tmp/up"]}}
    found = verdict(ran, "Startup probe failed: not yet", probe={"startupProbe": {**command, "failureThreshold": 60}})
    assert (found["verdict"] == "fault") is faulty


@pytest.mark.parametrize(("ran", "faulty"), [(90, False), (640, True)])
def test_a_startup_probe_that_is_refused_is_given_its_time(ran: int, faulty: bool) -> None:
    refused = (
        "Startup probe failed: Get http://10.0.0.9:8080/ready: dial tcp 10.0.0.9:8080: connect: connection refused"
    )
    found = verdict(ran, refused, "Running migrations", probe={"startupProbe": {**HTTP, "failureThreshold": 60}})
    assert (found["verdict"] == "fault") is faulty
    assert "startupProbe" not in str(found["plan"])
    assert ("gives it up to 10 min, and 90 s have passed" in found["headline"]) is not faulty


def test_a_startup_probe_of_another_port_is_likely_wrong_within_its_time() -> None:
    refused = "Startup probe failed: dial tcp 10.0.0.9:9000: connect: connection refused"
    other: Json = {"tcpSocket": {"port": 9000}, "failureThreshold": 60}
    found = verdict(90, refused, "listening on :8080", probe={"startupProbe": other})
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (64, "likely")
    assert "port 8080" in found["headline"]


def test_a_sidecar_has_the_time_of_its_startup_probe() -> None:
    made, only = deployment("web", ready=0), pod("web-1", {"app": "web"}, ready=False)
    probe = {"tcpSocket": {"port": 15021}, "failureThreshold": 60}
    proxy = {"name": "proxy", "image": "proxy:1", "restartPolicy": "Always", "startupProbe": probe}
    made["spec"]["template"]["spec"]["initContainers"] = only["spec"]["initContainers"] = [proxy]
    only["metadata"]["creationTimestamp"] = at(91)
    only["status"] |= {
        "phase": "Pending",
        "conditions": [{"type": "PodScheduled", "status": "True"}, {"type": "Ready", "status": "False"}],
        "initContainerStatuses": [{"name": "proxy", "started": False, "state": {"running": {"startedAt": at(90)}}}],
        "containerStatuses": [{"name": "app", "state": {"waiting": {"reason": "PodInitializing"}}}],
    }
    found = diagnose(Request("diagnose", "web", Actor("test"), namespace="shop"), services(made, only)).data
    assert isinstance(found, dict)
    assert "the startup probe of container `proxy` gives it up to 10 min" in str(found["headline"])


@pytest.mark.parametrize(("tries", "faulty"), [(240, False), (120, True)])
def test_a_rollout_past_its_deadline_is_no_fault_while_the_startup_probe_grants_the_time(
    tries: int, faulty: bool
) -> None:
    startup: Json = {"exec": {"command": ["test", "-f", "/tmp/up"]}, "periodSeconds": 5, "failureThreshold": tries}
    found = verdict(700, "Startup probe failed: not yet", probe={"startupProbe": startup}, late=True)
    assert (found["verdict"] == "fault") is faulty
