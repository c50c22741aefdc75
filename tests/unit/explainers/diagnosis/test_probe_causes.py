"""Probes that end a container or keep it from being ready: told also where the events are old, and for the right cause.

The kubelet tells of the same thing only a few times, so that its events are soon older than the last end.
"""

from typing import Any

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import Json, deployment, pod, services, thing

HTTP: Json = {"httpGet": {"path": "/health", "port": 8080}, "periodSeconds": 5, "failureThreshold": 3}
REFUSED = "probe failed: Get http://10.0.0.9:8080/health: dial tcp 10.0.0.9:8080: connect: connection refused"
KILLING = "Container app failed liveness probe, will be restarted"
OOM = {"resources": {"limits": {"memory": "64Mi"}}}


def event(reason: str, message: str, last: str) -> Json:
    about = {"kind": "Pod", "name": "web-1", "namespace": "shop", "fieldPath": "spec.containers{app}"}
    return thing(
        "Event", f"web-1.{reason}", reason=reason, message=message, involvedObject=about, lastTimestamp=last, count=9
    )


def verdict(container: Json, status: Json, *events: Json, made_at: str = "2026-01-02T10:00:00Z", **spec: Any) -> Json:
    made, only = deployment("web", ready=0), pod("web-1", {"app": "web"}, ready=False)
    container = {"name": "app", "image": "app:1", **container}
    made["spec"]["template"]["spec"] = only["spec"] = {"nodeName": "node-1", "containers": [container], **spec}
    only["metadata"]["creationTimestamp"] = made_at
    only["status"]["conditions"].append({"type": "PodScheduled", "status": "True"})
    only["status"]["containerStatuses"] = [{"name": "app", "ready": False, **status}]
    request = Request("diagnose", "web", Actor("test"), namespace="shop")
    reply = diagnose(request, services(made, only, *events, logs={"shop/web-1/app": ""}))
    steps = reply.document.plan.steps
    return {**reply.data, "undo": [step.inverse.line() if step.inverse else "" for step in steps]}


def ended(code: int = 137, seconds: int = 20, reason: str = "Error") -> Json:
    """A container that waits, after a run that ended a minute ago."""
    begun = f"2026-01-02T11:58:{59 - seconds:02}Z"
    end = {"exitCode": code, "reason": reason, "startedAt": begun, "finishedAt": "2026-01-02T11:58:59Z"}
    waiting = {"waiting": {"reason": "CrashLoopBackOff"}}
    return {"restartCount": 9, "state": waiting, "lastState": {"terminated": end}}


def running() -> Json:
    return {"restartCount": 0, "started": True, "state": {"running": {"startedAt": "2026-01-02T11:50:00Z"}}}


@pytest.mark.parametrize("more", [{}, OOM])
def test_old_events_still_tell_that_the_probe_ends_it(more: Json) -> None:
    old = event("Unhealthy", f"Liveness {REFUSED}", "2026-01-02T11:40:00Z")
    found = verdict({"livenessProbe": HTTP, **more}, ended(), old, event("Killing", KILLING, "2026-01-02T11:40:01Z"))
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (63, "likely")
    assert any("Unhealthy" in row["source"] for row in found["evidence"])


@pytest.mark.parametrize(("kind", "number"), [("liveness", 62), ("startup", 63)])
@pytest.mark.parametrize("code", [137, 143])
def test_without_any_event_the_probe_is_the_likely_cause(kind: str, number: int, code: int) -> None:
    found = verdict({f"{kind}Probe": HTTP, **OOM}, ended(code))
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (number, "likely")
    assert "no probe" not in found["headline"]


@pytest.mark.parametrize("code", [126, 127])
def test_a_shell_that_did_not_find_its_next_command_ended_by_itself(code: int) -> None:
    last = event("Unhealthy", f"Liveness {REFUSED}", "2026-01-02T11:58:40Z")
    killing = event("Killing", KILLING, "2026-01-02T11:58:40Z")
    found = verdict({"livenessProbe": HTTP}, ended(code, 40), last, killing)
    assert found["cause"]["class"] not in (62, 63)
    assert f"exit code {code}" in found["headline"]


def test_the_killing_event_alone_is_told() -> None:
    found = verdict({"livenessProbe": HTTP}, ended(0), event("Killing", KILLING, "2026-01-02T11:40:00Z"))
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (62, "likely")
    assert KILLING in [row["text"] for row in found["evidence"]]


@pytest.mark.parametrize(
    ("told", "status", "made_at"),
    [
        ("the kubelet says OOMKilled", ended(reason="OOMKilled"), "2026-01-02T10:00:00Z"),
        ("no probe can fail so soon", ended(seconds=3), "2026-01-02T10:00:00Z"),
        ("a failure would still stand in the events", ended(), "2026-01-02T11:55:00Z"),
    ],
)
def test_what_no_probe_can_have_ended_is_memory(told: str, status: Json, made_at: str) -> None:
    assert verdict({"livenessProbe": HTTP, **OOM}, status, made_at=made_at)["cause"]["class"] == 60, told


@pytest.mark.parametrize("code", [0, 1])
def test_what_ends_by_itself_is_not_ended_by_a_probe(code: int) -> None:
    assert verdict({"livenessProbe": HTTP}, ended(code))["cause"]["class"] in (57, 58)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_a_probe_of_the_loopback_asks_the_node(host: str) -> None:
    probe = {"httpGet": {"path": "/", "port": 8080, "host": host}}
    refused = "Readiness probe failed: dial tcp 127.0.0.1:8080: connect: connection refused"
    found = verdict({"readinessProbe": probe}, running(), event("Unhealthy", refused, "2026-01-02T11:59:58Z"))
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (64, "sure")
    assert f"host `{host}`" in found["headline"]
    assert '"host":null' in found["plan"][0]["kubectl"]
    assert f'"host":"{host}"' in found["undo"][0]


def test_on_the_network_of_the_node_the_loopback_is_its_own() -> None:
    probe = {"httpGet": {"path": "/", "port": 8080, "host": "localhost"}}
    refused = "Readiness probe failed: dial tcp 127.0.0.1:8080: connect: connection refused"
    last = event("Unhealthy", refused, "2026-01-02T11:59:58Z")
    found = verdict({"readinessProbe": probe}, running(), last, hostNetwork=True)
    assert "the node itself" not in found["headline"]


def test_a_liveness_probe_of_the_loopback_is_told_of_a_container_that_it_ends() -> None:
    probe = {**HTTP, "httpGet": {**HTTP["httpGet"], "host": "localhost"}}
    last = event("Unhealthy", f"Liveness {REFUSED}", "2026-01-02T11:58:58Z")
    found = verdict({"livenessProbe": probe}, ended(), last, event("Killing", KILLING, "2026-01-02T11:58:58Z"))
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (62, "sure")
    assert '"host":null' in found["plan"][0]["kubectl"]


@pytest.mark.parametrize(
    ("container", "confidence"),
    [
        ({"command": ["python", "-m", "http.server", "8080", "--bind", "127.0.0.1"]}, "sure"),
        ({"command": ["sh", "-c", "exec uvicorn app:app --host 127.0.0.1 --port 8080"]}, "likely"),
        ({"env": [{"name": "HOST", "value": "127.0.0.1"}]}, "likely"),
    ],
)
def test_who_is_told_to_listen_for_itself_is_refused(container: Json, confidence: str) -> None:
    last = event("Unhealthy", f"Readiness {REFUSED}", "2026-01-02T11:59:58Z")
    found = verdict({"readinessProbe": HTTP, **container}, running(), last)
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (64, confidence)
    assert "only for itself, on 127.0.0.1" in found["headline"]
    assert "0.0.0.0" in found["plan"][0]["kubectl"]
    assert "readinessProbe" not in str([*found["plan"], *found["alternatives"]])


def test_a_probe_that_ends_who_listens_for_itself_tells_so() -> None:
    last = event("Unhealthy", f"Liveness {REFUSED}", "2026-01-02T11:58:58Z")
    container = {"livenessProbe": HTTP, "command": ["flask", "run", "--host", "127.0.0.1"]}
    found = verdict(container, ended(), last, event("Killing", KILLING, "2026-01-02T11:58:58Z"))
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (62, "sure")
    assert "only for itself" in found["headline"]
