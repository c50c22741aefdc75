"""What a wrong liveness probe is made to ask instead: nothing that fails for what others do, where that is known."""

import pytest

from tests.unit.clusters import Json
from tests.unit.explainers.diagnosis.test_probe_causes import event, verdict

KILLING = "Container app failed liveness probe, will be restarted"
STARTUP: Json = {"httpGet": {"path": "/started", "port": 8080}}
OTHER_SCHEME = 'Get "https://10.0.0.9:8080/ping": http: server gave HTTP response to HTTPS client'
NO_GRPC = 'timeout: failed to connect service "10.0.0.9:8080" within 1s'
NOT_FOUND = "HTTP probe failed with statuscode: 404"
BAD = "HTTP probe failed with statuscode: 400"


def patched(said: str, liveness: Json, readiness: Json, **more: Json) -> str:
    """The first step for a container that is ready again after it was ended."""
    end = {"exitCode": 0, "startedAt": "2026-01-02T11:58:59Z", "finishedAt": "2026-01-02T11:59:40Z"}
    state = {"running": {"startedAt": "2026-01-02T11:59:41Z"}}
    status = {"restartCount": 3, "started": True, "ready": True, "state": state, "lastState": {"terminated": end}}
    seen = event("Unhealthy", f"Liveness probe failed: {said}", "2026-01-02T11:59:39Z")
    killing = event("Killing", KILLING, "2026-01-02T11:59:39Z")
    spec = {"livenessProbe": liveness, "readinessProbe": readiness, **more}
    return str(verdict(spec, status, seen, killing)["plan"][0]["kubectl"])


def http(path: str, **more: str) -> Json:
    return {"httpGet": {"path": path, "port": 8080, **more}}


def test_another_scheme_keeps_the_path() -> None:
    step = patched(OTHER_SCHEME, http("/ping", scheme="HTTPS"), http("/api/items"))
    assert '"path":"/ping","port":8080,"scheme":"HTTP"' in step
    step = patched(BAD, http("/ping"), http("/api/items", scheme="HTTPS"))
    assert '"path":"/ping","port":8080,"scheme":"HTTPS"' in step


@pytest.mark.parametrize("liveness", [{"grpc": {"port": 8080}}, http("/wrong")])
def test_what_the_startup_probe_asks_is_taken(liveness: Json) -> None:
    said = NO_GRPC if "grpc" in liveness else NOT_FOUND
    assert '"path":"/started"' in patched(said, liveness, http("/readyz"), startupProbe=STARTUP)


@pytest.mark.parametrize("path", ["/readyz", "/api/items", "/backends"])
def test_without_one_only_the_port_is_asked(path: str) -> None:
    step = patched(NO_GRPC, {"grpc": {"port": 8080}}, http(path))
    assert '"tcpSocket":{"port":8080}' in step
    assert path not in step


@pytest.mark.parametrize("path", ["/", "/health", "/healthz", "/live", "/ping"])
def test_a_readiness_probe_that_tells_of_the_program_alone_may_be_asked(path: str) -> None:
    assert f'"path":"{path}"' in patched(NOT_FOUND, http("/wrong"), http(path))


def test_a_startup_probe_of_another_port_tells_nothing() -> None:
    other = {"httpGet": {"path": "/started", "port": 9090}}
    assert "/started" not in patched(NO_GRPC, {"grpc": {"port": 8080}}, http("/readyz"), startupProbe=other)
