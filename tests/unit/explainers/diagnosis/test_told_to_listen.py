"""A liveness probe that is refused since the start: the mounted file says why, or the log that it has started."""

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from explainers.diagnosis.views.configured_ports import listening_for_all, listens
from explainers.diagnosis.views.probe_kills import begins
from tests.unit.clusters import Json, deployment, pod, services, thing
from tests.unit.explainers.diagnosis.reading import service
from tests.unit.explainers.diagnosis.test_probe_causes import HTTP, REFUSED, ended, event

KILLING = "Container app failed liveness probe, will be restarted"


def verdict(conf: str, status: Json, *events: Json, log: str = "", target_port: int = 8080, **probes: Json) -> Json:
    web, one = deployment("web", ready=0), pod("web-1", {"app": "web"}, ready=False)
    container: Json = {"name": "app", "image": "web:1", **(probes or {"livenessProbe": HTTP})}
    container["ports"] = [{"containerPort": 8080}]
    container["volumeMounts"] = [{"name": "conf", "mountPath": "/etc/conf.d/a.conf", "subPath": "a.conf"}]
    spec = {"containers": [container], "volumes": [{"name": "conf", "configMap": {"name": "web-conf"}}]}
    web["spec"]["template"]["spec"] = spec
    one["spec"] = {**spec, "nodeName": "node-1"}
    one["metadata"]["creationTimestamp"] = "2026-01-02T11:50:00Z"
    one["status"]["containerStatuses"] = [{"name": "app", "ready": False, **status}]
    own, *slices = service()
    own["spec"]["ports"] = [{"port": 80, "targetPort": target_port}]
    settings = thing("ConfigMap", "web-conf", data={"a.conf": conf})
    logs = {"shop/web-1/app": log, "shop/web-1/app/previous": log}
    made = services(web, one, own, *slices, settings, *events, logs=logs)
    data = diagnose(Request("diagnose", "web", Actor("test"), namespace="shop"), made).data
    assert isinstance(data, dict)
    return data


def killed(conf: str, log: str = "", target_port: int = 8080) -> Json:
    fails = event("Unhealthy", f"Liveness {REFUSED}", "2026-01-02T11:58:58Z")
    killing = event("Killing", KILLING, "2026-01-02T11:58:59Z")
    return verdict(conf, ended(0), fails, killing, log=log, target_port=target_port)


def test_a_file_that_names_another_port_is_the_cause() -> None:
    found = killed("server {\n  listen 80;\n}")
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (62, "sure")
    assert "is refused" in found["headline"]
    assert "; the ConfigMap `web-conf` says `listen 80` in `a.conf`" in found["headline"]
    assert "listen 8080;" in found["plan"][0]["kubectl"]
    assert not any("startupProbe" in row["kubectl"] for row in [*found["plan"], *found["alternatives"]])


def test_where_no_service_sends_to_the_port_the_probe_may_ask_the_other() -> None:
    assert '"port":80' in killed("listen 80;", target_port=80)["plan"][0]["kubectl"]


def test_a_file_that_opens_the_port_for_the_program_alone_is_the_cause() -> None:
    found = killed("server {\n  listen 127.0.0.1:8080;\n}")
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (62, "sure")
    assert "says `listen 127.0.0.1:8080` in `a.conf`, which nobody reaches from outside" in found["headline"]
    assert "listen 8080;" in found["plan"][0]["kubectl"]


def test_the_same_of_a_readiness_probe() -> None:
    running = {"restartCount": 0, "started": True, "state": {"running": {"startedAt": "2026-01-02T11:50:00Z"}}}
    fails = event("Unhealthy", f"Readiness {REFUSED}", "2026-01-02T11:59:58Z")
    found = verdict("listen localhost:8080;", running, fails, readinessProbe=HTTP)
    assert found["cause"]["class"] == 64
    assert "`listen localhost:8080`" in found["headline"]


def test_the_run_before_was_refused_and_the_kubelet_has_not_said_it_again() -> None:
    last = {"exitCode": 0, "startedAt": "2026-01-02T11:58:00Z", "finishedAt": "2026-01-02T11:58:15Z"}
    state = {"running": {"startedAt": "2026-01-02T11:59:05Z"}}
    status = {"restartCount": 2, "started": True, "state": state, "lastState": {"terminated": last}}
    fails = event("Unhealthy", f"Readiness {REFUSED}", "2026-01-02T11:58:10Z")
    found = verdict("listen 80;", status, fails, readinessProbe=HTTP)
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (64, "likely")
    assert "`listen 80`" in found["headline"]


@pytest.mark.parametrize("conf", ["port: 80", "listen 8080;", "listen 127.0.0.1:8080;\nlisten 8080;"])
def test_a_file_that_says_nothing_else_leaves_the_start_to_blame(conf: str) -> None:
    assert killed(conf, "loading the model")["cause"]["class"] == 63


@pytest.mark.parametrize("log", ["", "hello\n", "migration done\n"])
def test_a_program_that_tells_of_no_start_is_not_promised_to_need_longer(log: str) -> None:
    found = killed("", log)
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (62, "likely")
    assert "nothing has listened there so far, and its log" in found["headline"]
    assert not any(step["changes"] for step in found["plan"])
    assert any("startupProbe" in step["kubectl"] for step in found["alternatives"])
    assert not any("starts and stays up" in step["expect"] for step in found["alternatives"])


@pytest.mark.parametrize("log", ["2026/01/01 [notice] 1#1: start worker processes", "Ready to accept connections"])
def test_a_program_that_has_started_does_not_need_longer(log: str) -> None:
    found = killed("", log)
    assert found["cause"]["class"] == 62
    assert f"its log says that it has started: {begins(log)}" in found["headline"]


def test_the_port_that_the_log_of_the_last_run_names_is_told() -> None:
    found = killed("", "[INFO] Listening at: http://0.0.0.0:8000 (1)", target_port=8000)
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (62, "sure")
    assert "the container listens on port 8000" in found["headline"]


@pytest.mark.parametrize("log", ["", "starting workers", "waiting until the database is ready", "loading the model"])
def test_what_does_not_say_that_it_has_started(log: str) -> None:
    assert begins(log) == ""


@pytest.mark.parametrize("seconds", [5, 8, 40])
def test_a_run_of_another_length_than_the_probe_allows_ended_by_itself(seconds: int) -> None:
    fails = event("Unhealthy", f"Liveness {REFUSED}", "2026-01-02T11:40:00Z")
    assert verdict("", ended(0, seconds), fails)["cause"]["class"] == 58


def test_a_run_that_is_just_so_long_was_ended_by_the_probe_though_no_event_says_so() -> None:
    fails = event("Unhealthy", f"Liveness {REFUSED}", "2026-01-02T11:40:00Z")
    assert verdict("", ended(0, 15), fails, log="loading the model")["cause"]["class"] == 63


def test_what_a_file_opens_for_the_program_alone() -> None:
    told = "listen 127.0.0.1:9000;\nlisten [::1]:8080;\nlisten 8443;\nlisten 127.0.0.1:8443;"
    (file,) = listens({"conf": {"data": {"a.conf": told}}})
    assert (file.ports, file.inner) == ((8443,), {9000: "127.0.0.1:9000", 8080: "[::1]:8080"})
    assert listening_for_all(told, 8080) == told.replace("[::1]:8080", "8080")
