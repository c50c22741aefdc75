"""Calls to ports of one's own pod that nobody opens, and callers that are told of a status only."""

from typing import Any

import pytest

from explainers.diagnosis.logs.connections import Failure, failed_connections, refused_by_itself
from explainers.diagnosis.views.own_ports import meant
from tests.unit.clusters import Json, thing
from tests.unit.explainers.diagnosis.test_both_sides import literal, offered, owned, verdict

NGINX = (
    "[error] 47#47: *{} connect() failed (111: Connection refused) while connecting to upstream, client: 10.0.0.7, "
    'request: "GET /agent/ HTTP/1.1", upstream: "http://127.0.0.1:{}/", host: "front"'
)
SIDECAR = "mkdir -p /w && cd /w && echo up > index.html; busybox httpd -p 9100 -h /w; while true; do sleep 20; done"


def stamped(*lines: str) -> str:
    times = (f"2026-01-02T11:59:{second:02}Z" for second in range(60 - len(lines), 60))
    return "".join(f"{at} {line}\n" for at, line in zip(times, lines, strict=True))


def front(sidecar: str = SIDECAR, port: int = 9101, running: bool = True, env: list[Json] | None = None) -> list[Json]:
    """A proxy that passes requests on to a port of its own pod, and a container beside it."""
    mount = [{"name": "conf", "mountPath": "/etc/nginx/conf.d"}] if env is None else []
    proxy = {"name": "app", "image": "nginx:1", "volumeMounts": mount, "env": env or []}
    beside = {"name": "agent", "image": "busybox", "command": ["sh", "-c", sidecar]}
    made = owned("web", [proxy, beside], volumes=[{"name": "conf", "configMap": {"name": "conf"}}])
    state = (
        {"running": {"startedAt": "2026-01-02T10:00:00Z"}} if running else {"waiting": {"reason": "PodInitializing"}}
    )
    made[1]["status"]["containerStatuses"].append({"name": "agent", "ready": True, "restartCount": 0, "state": state})
    data = {"default.conf": f"location /agent/ {{ proxy_pass http://127.0.0.1:{port}/; }}\n"}
    return [*made, *([thing("ConfigMap", "conf", data=data)] if env is None else [])]


def said(*objects: Json, port: int = 9101, times: int = 5) -> Any:
    return verdict(*objects, log=stamped(*(NGINX.format(at, port) for at in range(times))))


def test_a_call_to_a_port_of_its_own_pod_on_which_nobody_listens() -> None:
    found = said(*front())
    assert (found["cause"]["class"], found["cause"]["object"], found["cause"]["confidence"]) == (
        11,
        "configmap/conf",
        "sure",
    )
    assert "container `app` calls port 9101 of its own pod" in found["headline"]
    assert "nearest: port 9100 of container `agent`" in found["headline"]
    assert "proxy_pass http://127.0.0.1:9100/" in found["plan"][0]["kubectl"]


def test_the_same_of_a_variable() -> None:
    found = said(*front(env=[literal("AGENT_URL", "http://127.0.0.1:9101/")]))
    assert found["cause"]["class"] == 11
    assert "AGENT_URL=http://127.0.0.1:9100/" in found["plan"][0]["kubectl"]


def test_without_a_near_port_nothing_is_changed() -> None:
    found = said(*front(port=7070), port=7070)
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (11, "likely")
    assert found["headline"].endswith("there is port 9100 of `agent`.")
    assert not any(step["changes"] for step in found["plan"])


@pytest.mark.parametrize(
    ("objects", "port", "times"),
    [
        (front(port=9100), 9100, 5),  # who should listen there is known
        (front(running=False), 9101, 5),  # perhaps only not yet
        (front(), 9101, 1),  # once
        (front(port=80), 9101, 5),  # written nowhere
        (front(port=4317), 4317, 5),  # telemetry
    ],
)
def test_what_is_no_call_to_a_wrong_port(objects: list[Json], port: int, times: int) -> None:
    assert said(*objects, port=port, times=times)["cause"].get("class") != 11


def test_what_a_log_says_of_the_loopback_is_no_call_to_others() -> None:
    assert not failed_connections(NGINX.format(1, 9101))
    assert [(one.ip, one.port) for one in refused_by_itself(NGINX.format(1, 9101))] == [("127.0.0.1", 9101)]


@pytest.mark.parametrize(
    ("port", "there", "found"),
    [(9101, [9100], 9100), (8800, [8080, 8008], 0), (9101, [6379], 0), (8090, [9080], 9080), (9101, [9100, 9102], 0)],
)
def test_the_port_that_was_meant(port: int, there: list[int], found: int) -> None:
    assert meant(port, there) == found


STATUS = "curl: (22) The requested URL returned error: 502"
SCRIPT = "while true; do curl -fsS {} || true; sleep 5; done"


def smoke(*urls: str) -> list[Json]:
    run = " && curl -fsS ".join(urls)
    return owned("web", [{"name": "app", "image": "curl:1", "command": ["sh", "-c", SCRIPT.format(run)]}])


def behind() -> list[Json]:
    """A Service with no pod that is ready."""
    service, *slices = offered("api", 80)
    for one in (each for part in slices for each in part["endpoints"]):
        one["conditions"] = {"ready": False}
    return [*owned("api", [{"name": "api", "image": "api:1"}], ready=False), service, *slices]


@pytest.mark.parametrize("line", [STATUS, "wget: server returned error: HTTP/1.1 503 Service Unavailable"])
def test_a_status_without_a_url_is_that_of_the_only_host_that_is_called(line: str) -> None:
    (told,) = failed_connections(line)
    assert (told.failure, told.target) == (Failure.ANSWERED, "")
    log = stamped(*[line] * 6)
    found = verdict(*smoke("http://api/items", "http://api/agent/"), *behind(), log=log)
    assert (found["verdict"], found["headline"].count("gets errors from `api:80`")) == ("fault", 1)
    two = verdict(*smoke("http://api/items", "http://other/x"), *behind(), log=log)
    assert "gets errors from" not in two["headline"]


def test_a_page_that_is_not_there_is_no_error_of_what_is_called() -> None:
    assert not failed_connections("curl: (22) The requested URL returned error: 404")


def nameless(searches: list[str], *lines: str) -> Any:
    made = smoke("http://api/agent/")
    for spec in (made[0]["spec"]["template"]["spec"], made[1]["spec"]):
        spec |= {"dnsPolicy": "None", "dnsConfig": {"nameservers": ["10.0.0.10"], "searches": searches}}
    dns = thing("Service", "kube-dns", "kube-system", spec={"clusterIP": "10.0.0.10"})
    api = [*owned("api", [{"name": "api", "image": "api:1"}]), *offered("api", 80)]
    return verdict(*made, *api, dns, log=stamped(*lines * 4))


FAILED = "GET http://api/agent/ failed"


@pytest.mark.parametrize(
    ("lines", "sure"), [(("curl: (6) Could not resolve host: api", FAILED), "sure"), ((FAILED,), "likely")]
)
def test_searches_without_the_own_namespace(lines: tuple[str, ...], sure: str) -> None:
    found = nameless(["shpo.svc.cluster.local"], *lines)
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (37, sure)
    assert "searches only in `shpo.svc.cluster.local` and not in `shop.svc.cluster.local`" in found["headline"]
    assert '"dnsPolicy":"ClusterFirst"' in found["plan"][0]["kubectl"]


def test_searches_that_have_it_are_not_why_a_call_fails() -> None:
    assert nameless(["shop.svc.cluster.local"], FAILED)["cause"].get("class") != 37
