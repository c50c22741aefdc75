"""Calls that come through and fail, or fail in words that do not say how; and what is called by a name that is none."""

import pytest

from explainers.diagnosis.logs.connections import Failure, failed_connections
from explainers.diagnosis.rules.addresses import (
    headless_maps_no_port,
    names_no_pod,
    names_no_service,
    wrong_service_port,
)
from explainers.diagnosis.rules.complaints import goes_on
from explainers.diagnosis.views.outdated import outdated
from explainers.diagnosis.views.pods import Pod
from tests.unit.clusters import NOW, Json, deployment, pod
from tests.unit.explainers.diagnosis.reading import Reading, service, web_pod, well

ANSWERED, FAILED = Failure.ANSWERED, Failure.FAILED


@pytest.mark.parametrize(
    ("line", "failure", "host"),
    [
        ("ERROR GET http://routes/q failed: HTTP Error 503: Service Unavailable", ANSWERED, "routes"),
        ("AxiosError: Request failed with status code 502, url: 'http://stock/items'", ANSWERED, "stock"),
        ("GET http://routes/route -> 503 Service Unavailable, giving up after 3 attempts", ANSWERED, "routes"),
        ("upstream http://stock:5000/items returned 502 Bad Gateway", ANSWERED, "stock"),
        ("upstream http://billing/ failed", FAILED, "billing"),
        ("cannot use http://billing/: unavailable", FAILED, "billing"),
        ("GET http://api/items 500", ANSWERED, "api"),
        ("ERROR session lookup failed: cachebe:6379: [Errno 111] Connection refused", Failure.REFUSED, "cachebe"),
        ("dial tcp: lookup pg on 10.96.0.10:53: read udp: i/o timeout", Failure.NO_DNS, "pg"),
        ("Failed to connect to vault port 5000: refused (see https://curl.haxx.se/libcurl/)", None, "vault"),
    ],
)
def test_how_a_call_failed(line: str, failure: Failure | None, host: str) -> None:
    (found,) = failed_connections(line)
    assert found.host == host
    assert failure is None or found.failure is failure


@pytest.mark.parametrize(
    "line",
    [
        '10.0.0.1 - - "GET /x HTTP/1.1" 503 19 "http://shop/cart"',
        '{"status":503,"url":"http://shop/cart","user_agent":"curl"}',
        "POST http://orders/new failed: 422 validation failed",
        "GET http://stock/ 200 in 12 ms",
        "loaded 500 rows from http://stock/",
        "http://stock/ tests: 0 failed",
    ],
)
def test_what_is_no_failed_call(line: str) -> None:
    assert failed_connections(line) == ()


def caller(log: str, *others: Json, env: str = "") -> Reading:
    """A pod that is well and writes this line again and again."""
    objects = well(1)
    container: Json = {"name": "app", "env": [{"name": "UPSTREAM", "value": env}] if env else []}
    objects[0]["spec"]["template"]["spec"] = objects[1]["spec"] = {"containers": [container]}
    return Reading(*objects, *others, logs={f"shop/{objects[1]['metadata']['name']}/app": f"{log}\n" * 4})


def called(name: str, port: int, replicas: int = 1, address: str = "10.1.0.7") -> list[Json]:
    found = service(name, name=name)
    found[0]["spec"] |= {"clusterIP": address, "ports": [{"port": port}]}
    return [*found, deployment(name, replicas), *([pod(name, {"app": name})] if replicas else [])]


def test_a_name_that_no_service_has_needs_no_word_of_dns() -> None:
    (found,) = caller("upstream http://billing/ failed", env="http://billing/").see(
        lambda case: [*names_no_service(case)]
    )
    assert "`billing`, and there is no service `billing`" in found.clause


def test_the_own_service_is_never_what_was_meant() -> None:
    reading = caller("connect to web-db:5432 failed: no such host", env="postgres://web-db:5432/x")
    (found,) = reading.see(lambda case: [*names_no_service(case)])
    assert "there is no service `web-db`" in found.clause


def test_a_port_that_neither_a_headless_service_nor_its_pods_have() -> None:
    others = called("store", 6379, address="None")
    reading = caller("cannot reach store:6380: Connection refused", *others, env="store:6380")
    (found,) = reading.see(lambda case: [*headless_maps_no_port(case)])
    assert "on port 6380, but service `store` is headless" in found.clause
    assert "they listen on 6379" in found.clause


def test_https_is_corrected_to_http_where_the_port_is_plain() -> None:
    reading = caller("GET https://stock/ failed: connection refused", *called("stock", 80), env="https://stock/")
    (found,) = reading.see(lambda case: [*wrong_service_port(case)])
    assert found.plan.steps[0].operation.line().endswith("UPSTREAM=http://stock/")


def test_a_pod_of_a_deployment_has_no_name() -> None:
    reading = caller("lookup hl-0.hl: no such host", *called("hl", 80, address="None"), env="http://hl-0.hl/")
    (found,) = reading.see(lambda case: [*names_no_pod(case)])
    assert found.plan.steps[0].operation.line().endswith("UPSTREAM=http://hl/")


def test_outside_the_cluster_nothing_is_claimed() -> None:
    (found,) = caller("lookup api.stripe.com: no such host").see(lambda case: [*goes_on(case)])
    assert "outside the cluster, where I do not look" in found.clause


@pytest.mark.parametrize(("image", "past"), [("app:2", {"web-bbbbbb-old"}), ("app:1", set())])
def test_what_a_new_template_may_mend_is_history_while_its_pod_comes_up(image: str, past: set[str]) -> None:
    old, new = web_pod(1, "old", ready=False), web_pod(2, "new", ready=False, born="2026-01-02T11:59:50Z")
    new["status"]["containerStatuses"][0]["state"] = {"waiting": {"reason": "ContainerCreating"}}
    new["spec"]["containers"][0]["image"] = image
    assert outdated([Pod(old), Pod(new)], NOW) == past
