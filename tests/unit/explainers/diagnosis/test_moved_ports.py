"""A probe that is refused, where the program is told to listen on another port, or says that it does."""

from typing import Any

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from explainers.diagnosis.views.listening import listened
from tests.unit.clusters import Json, deployment, pod, services, thing
from tests.unit.explainers.diagnosis.reading import service
from tests.unit.explainers.diagnosis.test_probe_causes import HTTP, KILLING, REFUSED, ended, event

BOOTS = "web booting on http://0.0.0.0:9090\n"
KILLED = [
    event("Unhealthy", f"Liveness {REFUSED}", "2026-01-02T11:58:58Z"),
    event("Killing", KILLING, "2026-01-02T11:58:59Z"),
]


def verdict(container: Json, status: Json, *events: Json, log: str = "", to: int = 8080, **more: Json) -> Any:
    web, one = deployment("web", ready=0), pod("web-1", {"app": "web"}, ready=False)
    spec = {"containers": [{"name": "app", "image": "web:1", "ports": [{"containerPort": 8080}], **container}]}
    web["spec"]["template"]["spec"] = spec
    one["spec"] = {**spec, "nodeName": "node-1"}
    one["metadata"]["creationTimestamp"] = "2026-01-02T11:50:00Z"
    one["status"]["conditions"].append({"type": "PodScheduled", "status": "True"})
    one["status"]["containerStatuses"] = [{"name": "app", "ready": False, **status}]
    own, *slices = service()
    own["spec"]["ports"] = [{"port": 80, "targetPort": to}]
    logs = {"shop/web-1/app": log, "shop/web-1/app/previous": log}
    made = services(web, one, own, *slices, *events, *more.values(), logs=logs)
    return diagnose(Request("diagnose", "web", Actor("test"), namespace="shop"), made).data


def killed(log: str = "", to: int = 8080, **container: Any) -> Json:
    found = verdict({"livenessProbe": HTTP, **container}, ended(), *KILLED, log=log, to=to)
    assert isinstance(found, dict)
    return found


def env(name: str, value: str) -> list[Json]:
    return [{"name": name, "value": value}]


def test_a_variable_and_the_log_that_agree_are_sure() -> None:
    found = killed(BOOTS, env=env("PORT", "9090"))
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (62, "sure")
    assert "nothing listens there: its variable `PORT` says 9090, and its log says: web booting" in found["headline"]
    assert found["plan"][0]["kubectl"].endswith("set env deployment/web -c app PORT=8080")
    steps = [*found["plan"], *found["alternatives"]]
    assert not any("Probe" in step["kubectl"] for step in steps), "the Service sends to 8080, too"


def test_where_no_service_sends_to_it_the_probe_may_ask_the_other_port() -> None:
    found = killed("", to=9090, env=env("LISTEN_ADDR", ":9090"))
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (62, "likely")
    assert '"port":9090' in found["plan"][0]["kubectl"]
    assert any(step["kubectl"].endswith("LISTEN_ADDR=:8080") for step in found["alternatives"])


def test_the_log_alone_makes_it_likely() -> None:
    found = killed(BOOTS)
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (62, "likely")
    assert not any("startupProbe" in step["kubectl"] for step in [*found["plan"], *found["alternatives"]])


@pytest.mark.parametrize(
    ("log", "container"),
    [
        ("loading\n", {"env": env("REDIS_PORT", "6379")}),
        ("loading\n", {"env": env("PORT", "8080")}),
        ("loading\n", {"env": [*env("HTTP_PORT", "8080"), *env("APP_PORT", "9000")]}),
        ("loading\n", {"env": env("PORT", "9090"), "args": ["--port=8080"]}),
        ("metrics listening on :9090\nloading the model\n", {}),
        ("listening on 127.0.0.1:9090 for itself\nloading the model\n", {}),
        ("starting, redis at cache:6379\nloading the model\n", {}),
    ],
)
def test_what_tells_of_no_other_port(log: str, container: Json) -> None:
    assert "says 9" not in (found := killed(log, **container))["headline"]
    assert "nothing listens there" not in found["headline"]


def starting(count: int, log: str, port: str = "9090") -> Json:
    probe = {**HTTP, "failureThreshold": 60}
    fails = event("Unhealthy", f"Startup {REFUSED}", "2026-01-02T11:59:58Z") | {"count": count}
    status = {"restartCount": 0, "started": False, "state": {"running": {"startedAt": "2026-01-02T11:58:00Z"}}}
    found = verdict({"startupProbe": probe, "env": env("PORT", port)}, status, fails, log=log)
    assert isinstance(found, dict)
    return found


def test_a_startup_probe_hides_no_program_that_listens_elsewhere() -> None:
    found = starting(5, BOOTS)
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (64, "likely")
    assert "nothing listens there: its variable `PORT` says 9090" in found["headline"]
    assert starting(2, BOOTS)["verdict"] == "healthy", "it has been asked twice"


def test_that_nothing_listens_so_far_is_told_of_a_long_start() -> None:
    found = starting(20, "", port="8080")
    assert found["verdict"] == "healthy"
    assert "gives it up to 5 min, and 2 min have passed; nothing has listened on port 8080 so far" in found["headline"]


def test_a_variable_of_a_config_map_is_corrected_there() -> None:
    settings = thing("ConfigMap", "conf", data={"PORT": "9090"})
    container = {"livenessProbe": HTTP, "envFrom": [{"configMapRef": {"name": "conf"}}]}
    found = verdict(container, ended(), *KILLED, log=BOOTS, settings=settings)
    assert found["cause"]["confidence"] == "sure"
    assert '{"data":{"PORT":"8080"}}' in found["plan"][0]["kubectl"]


LINES = {
    "api starting, redis at cache:6379": [],
    "starting with redis at 10.0.0.5:6379": [],
    "listening on 8000": [8000],
    "web listening on 8080 (metrics 9090), cache cache:6379, page_size 20": [8080],
    "Server running at http://web-7d9:8080/": [8080],
    "Listening for HTTP requests on http://my-host:8080": [8080],
    "booting on http://0.0.0.0:9090": [9090],
    "dial 0.0.0.0:9090: connection refused": [],
    "Now listening on: http://[::]:80": [80],
    "listening 9 to 5": [],
}


@pytest.mark.parametrize("line", LINES)
def test_the_address_of_another_host_is_no_port_of_its_own(line: str) -> None:
    assert list(listened(line)) == LINES[line]
