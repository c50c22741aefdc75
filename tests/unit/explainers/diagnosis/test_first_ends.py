"""Containers that a liveness probe ended once: well again, about to be started again, and since when they are not."""

from datetime import timedelta
from typing import Any

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from explainers.diagnosis.views.downtime import down_since
from tests.unit.clusters import Json, deployment, pod, services
from tests.unit.explainers.diagnosis.test_downtime import CASE, NOW
from tests.unit.explainers.diagnosis.test_downtime import pod as ended_pod
from tests.unit.explainers.diagnosis.test_probe_causes import HTTP, KILLING, REFUSED, event

LIVENESS = "Liveness probe failed: HTTP probe failed with statuscode: 503"
BEGAN, KILL, AGAIN = "2026-01-02T11:50:00Z", "2026-01-02T11:57:30Z", "2026-01-02T11:58:00Z"
"""The first run began, was ended, and the next began, two minutes ago."""
FAILS, KILLED = event("Unhealthy", LIVENESS, KILL), event("Killing", KILLING, KILL)


def verdict(status: Json, *events: Json, ready: bool = True, lost: str = "", probe: Json = HTTP) -> Any:
    web, one = deployment("web", ready=int(ready)), pod("web-1", {"app": "web"}, ready=ready)
    container = {"name": "app", "image": "web:1", "livenessProbe": probe, "readinessProbe": HTTP}
    web["spec"]["template"]["spec"] = one["spec"] = {"nodeName": "node-1", "containers": [container]}
    one["metadata"]["creationTimestamp"] = BEGAN
    one["status"]["containerStatuses"] = [{"name": "app", "ready": ready, "started": True, **status}]
    if lost:
        (condition,) = [each for each in one["status"]["conditions"] if each["type"] == "Ready"]
        condition["lastTransitionTime"] = lost
    logs = {"shop/web-1/app": "serving\n", "shop/web-1/app/previous": "serving\n"}
    return diagnose(
        Request("diagnose", "web", Actor("test"), namespace="shop"), services(web, one, *events, logs=logs)
    ).data


def again(restarts: int = 1, since: str = AGAIN) -> Json:
    last = {"exitCode": 137, "reason": "Error", "startedAt": BEGAN, "finishedAt": since}
    return {"restartCount": restarts, "state": {"running": {"startedAt": since}}, "lastState": {"terminated": last}}


def test_what_its_liveness_probe_ended_once_is_well_again() -> None:
    found = verdict(again(), FAILS, KILLED)
    assert found["verdict"] == "healthy"
    assert "was started again 2 min ago because its liveness probe failed" in found["headline"]
    assert "which has not failed since" in found["headline"]


def test_a_failure_in_the_very_second_of_the_new_start_belongs_to_the_run_before() -> None:
    last = event("Unhealthy", LIVENESS, AGAIN), event("Killing", KILLING, AGAIN)
    assert verdict(again(), *last)["verdict"] == "healthy"


@pytest.mark.parametrize(
    ("status", "events", "probe"),
    [
        (again(restarts=2), (FAILS, KILLED), HTTP),
        (again(), (event("Unhealthy", LIVENESS, "2026-01-02T11:59:00Z"), KILLED), HTTP),
        (again(since="2026-01-02T11:59:45Z"), (FAILS, KILLED), HTTP),
        (again(), (FAILS, KILLED), {**HTTP, "initialDelaySeconds": 120}),
    ],
    ids=["twice", "it fails again", "not asked long enough", "not asked yet"],
)
def test_what_is_not_known_to_be_well_again(status: Json, events: tuple[Json, ...], probe: Json) -> None:
    assert verdict(status, *events, probe=probe)["cause"]["class"] == 62


def test_what_is_ready_again_is_a_likely_fault_until_it_has_been_asked() -> None:
    found = verdict(again(since="2026-01-02T11:59:45Z"), FAILS, KILLED)
    assert found["cause"]["confidence"] == "likely"
    assert "killed the container (1 restart); it is ready again" in found["headline"]
    assert "the probe has not failed since" in found["headline"]


def test_once_is_not_again_and_again() -> None:
    found = verdict(again(since="2026-01-02T11:59:45Z"), FAILS, KILLED, ready=False)
    assert "got 503 Service Unavailable, so the kubelet killed the container (1 restart)" in found["headline"]
    found = verdict(again(), event("Unhealthy", LIVENESS, "2026-01-02T11:59:00Z"), KILLED)
    assert "gets 503 Service Unavailable" in found["headline"]
    assert "so the kubelet kills the container (1 restart)" in found["headline"]
    assert "again and again (2 restarts)" in verdict(again(restarts=2), FAILS, KILLED)["headline"]


def running(*more: Json) -> Any:
    """Ended by the kubelet a moment ago, as its events say, and its status does not yet."""
    status = {"restartCount": 0, "state": {"running": {"startedAt": BEGAN}}, "lastState": {}}
    return verdict(status, *more, ready=False, lost="2026-01-02T11:57:20Z")


def test_a_container_that_is_just_being_started_again() -> None:
    reset = event("Unhealthy", "Readiness probe failed: Get http://x: read: connection reset by peer", AGAIN)
    found = running(FAILS, KILLED, reset)
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (62, "sure")
    assert "gets 503 Service Unavailable, so the kubelet kills the container and starts it again" in found["headline"]


def test_what_was_ready_has_listened() -> None:
    found = running(event("Unhealthy", f"Readiness {REFUSED}", "2026-01-02T11:59:58Z"))
    assert found["cause"]["class"] == 64
    assert "nothing listens there any more: the pod was ready until 3 min ago" in found["headline"]


def test_a_loop_begins_where_its_first_run_ended_if_that_lasted() -> None:
    assert down_since(CASE, ended_pod(350, 40, 1, 150, 40)) == NOW - timedelta(seconds=200)
    assert down_since(CASE, ended_pod(350, 260, 1, 150, 40)) == NOW - timedelta(seconds=260), "not ready before that"
    assert down_since(CASE, ended_pod(90, 40, 1, 20, 40)) == NOW - timedelta(seconds=90), "it did not last"


LONG_AGO, STARTED = "2026-01-02T11:55:00Z", "2026-01-02T11:54:30Z"


def test_a_failure_after_the_new_start_that_is_long_over_is_past() -> None:
    late = event("Unhealthy", LIVENESS, LONG_AGO), event("Killing", KILLING, STARTED)
    found = verdict(again(since=STARTED), *late)
    assert found["verdict"] == "healthy"
    assert "which has not failed for 5 min" in found["headline"]


def test_what_was_ended_more_often_is_past_once_it_has_run_longer_than_before() -> None:
    status = again(restarts=2, since=STARTED)
    status["lastState"]["terminated"]["startedAt"] = "2026-01-02T11:52:00Z"
    found = verdict(status, event("Unhealthy", LIVENESS, STARTED), event("Killing", KILLING, STARTED))
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (62, "likely")
    assert "killed the container again and again (2 restarts); it is ready again" in found["headline"]
    assert "the probe has not failed since" in found["headline"]


def test_a_pod_that_is_ready_was_well_until_its_container_ended() -> None:
    found = verdict(again(since="2026-01-02T11:59:45Z"), FAILS, KILLED, lost=BEGAN)
    assert found["cause"]["since"] == "2026-01-02T11:59:45+00:00"


def test_the_first_of_few_ends_is_told_where_it_was_asked_whether_it_is_ready() -> None:
    made = ended_pod(110, 2, 2, 20, 2, readinessProbe={"x": 1})
    assert down_since(CASE, made) == NOW - timedelta(seconds=2 + 2 * 20 + 10), "not with its pod"
    assert down_since(CASE, ended_pod(110, 2, 2, 20, 2)) == NOW - timedelta(seconds=110)
