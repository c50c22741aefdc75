"""Containers that are ended for a command that looks whether they work: not its fault where what they call is away."""

from typing import Any

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import Json, deployment, pod, services, thing
from tests.unit.explainers.diagnosis.test_probe_causes import KILLING, event

BEAT: Json = {"exec": {"command": ["sh", "-c", 'test -n "$(find /tmp/beat -mmin -1)"']}, "periodSeconds": 10}
AWAY = "ERROR redis store:6379 connection failed, retry in 3s\n"
OUTSIDE = AWAY.replace("store", "cache.example.com")
END = {"exitCode": 137, "startedAt": "2026-01-02T11:57:59Z", "finishedAt": "2026-01-02T11:58:59Z"}


def asked(log: str, *objects: Json, kind: str = "liveness", ready: bool = True, restarts: int = 2, **more: Any) -> Json:
    """The verdict on a Deployment whose container is ended for its heartbeat, and has written this before."""
    made, only = deployment("web", ready=int(ready)), pod("web-1", {"app": "web"}, ready=ready)
    container = {"name": "app", "image": "app:1", f"{kind}Probe": {**BEAT, **more}}
    made["spec"]["template"]["spec"] = only["spec"] = {"nodeName": "node-1", "containers": [container]}
    only["metadata"]["creationTimestamp"] = "2026-01-02T11:40:00Z"
    only["status"]["conditions"].append({"type": "PodScheduled", "status": "True"})
    run = (
        {"running": {"startedAt": "2026-01-02T11:59:00Z"}}
        if restarts
        else {"running": {"startedAt": "2026-01-02T11:50:00Z"}}
    )
    last = {"lastState": {"terminated": END}} if restarts else {}
    status = {"name": "app", "ready": ready, "started": True, "restartCount": restarts, "state": run, **last}
    only["status"]["containerStatuses"] = [status]
    said = f"{kind.capitalize()} probe failed: find: '/tmp/beat': No such file or directory"
    seen = (
        event("Unhealthy", said, "2026-01-02T11:59:55Z" if restarts == 0 else "2026-01-02T11:58:28Z"),
        event(
            "Killing",
            KILLING.replace("liveness", kind),
            "2026-01-02T11:59:56Z" if restarts == 0 else "2026-01-02T11:58:29Z",
        ),
    )
    logs = {"shop/web-1/app": log, "shop/web-1/app/previous": log}
    request = Request("diagnose", "web", Actor("test"), namespace="shop")
    data = diagnose(request, services(made, only, *seen, *objects, logs=logs)).data
    assert isinstance(data, dict)
    return data


def steps(found: Json) -> str:
    return str(found["plan"])


@pytest.mark.parametrize("kind", ["liveness", "startup"])
def test_the_log_tells_why_the_heart_does_not_beat(kind: str) -> None:
    found = asked("starting\n" + OUTSIDE * 9, kind=kind)
    assert found["cause"]["confidence"] == "likely"
    assert found["cause"]["sentence"].startswith("container `app` says that it cannot reach `cache.example.com:6379`")
    assert any(row["text"] == OUTSIDE.strip() for row in found["evidence"])
    assert 'Probe":null' not in steps(found) + str(found["alternatives"])
    assert " logs " in steps(found)


def test_in_its_first_run_the_log_of_now_tells() -> None:
    found = asked("starting\n" + OUTSIDE * 9, ready=False, restarts=0)
    assert found["cause"]["sentence"].startswith("container `app` says that it cannot reach `cache.example.com:6379`")
    assert found["cause"]["confidence"] == "likely"


def test_what_is_called_is_followed() -> None:
    store = deployment("store", replicas=0, ready=0)
    ports = [{"port": 6379}]
    service = thing("Service", "store", spec={"clusterIP": "10.0.0.7", "selector": {"app": "store"}, "ports": ports})
    found = asked("starting\n" + AWAY * 9, store, service)
    assert found["cause"]["object"] == "deployment/store"
    assert "0 replicas" in found["headline"]
    assert "livenessProbe" not in steps(found) + str(found["alternatives"])


@pytest.mark.parametrize(
    "log",
    [
        "starting\nworking\n",
        OUTSIDE * 3 + "connected to cache.example.com:6379\n" + "done 1\n" * 5,
        OUTSIDE + "done\n" * 40,
        "WARN cache.example.com:6379 connection failed, continuing without cache\n" * 3,
    ],
)
def test_a_log_without_such_trouble_leaves_the_probe_in_question(log: str) -> None:
    found = asked(log)
    assert found["cause"]["confidence"] == "sure"
    assert found["cause"]["sentence"].startswith("the liveness probe of container `app` runs")


def test_a_probe_of_the_kubelets_own_kind_is_none() -> None:
    found = asked("starting\n" + OUTSIDE * 9, exec=None, tcpSocket={"port": 80})
    assert "does no work" not in found["headline"]
