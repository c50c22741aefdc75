"""Calls that come through and fail, or fail in words that do not say how; and what is called by a name that is none."""

import pytest

from explainers.diagnosis.logs.connections import Failure, failed_connections
from explainers.diagnosis.model import Confidence
from explainers.diagnosis.rules.addresses import names_no_service
from explainers.diagnosis.rules.called_ports import headless_maps_no_port, wrong_service_port
from explainers.diagnosis.rules.complaints import goes_on, only_errors
from explainers.diagnosis.rules.full_names import domain_misspelt, names_no_pod
from explainers.diagnosis.rules.stale import stale
from explainers.diagnosis.views.outdated import outdated
from explainers.diagnosis.views.pods import Pod
from explainers.kinds import Ref
from tests.unit.clusters import NOW, Json, deployment, pod, thing
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


def caller(log: str, *others: Json, env: str = "", kind: str = "Deployment", **spec: str) -> Reading:
    """A pod that is well and writes this line again and again, of a workload of this kind."""
    objects = well(1)
    objects[0]["kind"] = kind
    objects[0]["spec"] |= spec
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


def test_a_pod_of_fewer_replicas_than_are_called() -> None:
    others = called("db", 5432, address="None")
    others[1]["endpoints"] = [{"addresses": ["10.0.0.9"], "hostname": "db-0"}]
    reading = caller('could not translate host name "db-1.db" to address', *others, env="db-1.db:5432")
    (found,) = reading.see(lambda case: [*names_no_pod(case)])
    assert "no pod behind service `db` has that name: its pods are `db-0`" in found.clause


@pytest.mark.parametrize("there", [True, False])
def test_a_pod_of_a_set_that_names_its_pods_under_another_service(there: bool) -> None:
    others = called("web-hs", 80) if there else []
    log, env = "lookup web-0.web: no such host", "http://web-0.web/"
    reading = caller(log, *others, env=env, kind="StatefulSet", serviceName="web-hs")
    (found,) = reading.see(lambda case: [*names_no_pod(case)], Ref("StatefulSet", "shop", "web"))
    assert "names under `web-hs` (its `serviceName`)" in found.clause
    lines = [step.operation.line() for step in found.plan.steps]
    assert lines[-1].endswith("UPSTREAM=http://web-0.web-hs/")
    assert ["create -f" in line for line in lines] == ([False] if there else [True, False])


def test_a_service_is_not_made_an_alias_of_itself() -> None:
    reading = caller("lookup hl-0.hl: no such host", *called("hl", 80, address="None"))
    (found,) = reading.see(lambda case: [*names_no_pod(case)])
    assert not any("ExternalName" in step.operation.line() for step in found.plan.steps)


def test_the_domain_of_the_cluster_in_other_letters() -> None:
    log, env = "lookup stock.shop.svc.cluster.loca: no such host", "http://stock.shop.svc.cluster.loca/"
    (found,) = caller(log, *called("stock", 80), env=env).see(lambda case: [*domain_misspelt(case)])
    assert found.plan.steps[0].operation.line().endswith("UPSTREAM=http://stock.shop.svc.cluster.local/")


def test_a_name_that_is_refused_but_is_none() -> None:
    reading = caller('Could not connect to the endpoint URL: "http://stokc:80/"', *called("stock", 80))
    (found,) = reading.see(lambda case: [*names_no_service(case)])
    assert "the nearest is `stock`" in found.clause


@pytest.mark.parametrize(
    ("services", "meant"),
    [
        ({"stock-auth": 80, "stock-admin": 80}, ""),
        ({"stock-auth": 8080, "stock-admin": 80}, "stock-admin"),
        ({"stock-service": 80, "stock-metrics": 80}, "stock-service"),
    ],
)
def test_a_word_more_in_a_services_name_is_meant_where_it_is_the_only_one(services: dict[str, int], meant: str) -> None:
    others = [one for name, port in services.items() for one in called(name, port)]
    reading = caller("lookup stock: no such host", *others, env="http://stock:80/")
    (found,) = reading.see(lambda case: [*names_no_service(case)])
    assert (found.number, f"the nearest is `{meant}`" in found.clause) == ((38, True) if meant else (1, False))


@pytest.mark.parametrize(
    ("line", "noted"),
    [
        ('FATAL: database "crmm" does not exist', True),
        ("ERROR returned 401 Unauthorized: invalid api key", True),
        ("INFO request ok", False),
    ],
)
def test_a_log_that_is_little_else_than_errors_is_noted(line: str, noted: bool) -> None:
    found = caller(line).see(lambda case: [*only_errors(case)])
    assert [(one.benign, line in one.clause) for one in found] == ([(True, True)] if noted else [])


def test_errors_beside_the_requests_of_a_probe_are_noted() -> None:
    log = '10.0.0.1 - - [x] "GET / HTTP/1.1" 200 -\nERROR charge failed: open /data/ledger: permission denied'
    (found,) = caller(log).see(lambda case: [*only_errors(case)])
    assert (found.benign, "its log goes on: ERROR charge failed" in found.clause) == (True, True)


def test_what_nobody_has_is_asked_for_in_vain_without_an_error() -> None:
    said = '[error] 7#7: *3 open() "/html/.env" failed (2: No such file or directory), client: 10.8.1.9, server: a, '
    log = f'{said}request: "GET /.env HTTP/1.1"\n10.8.1.9 - - [x] "GET /.env HTTP/1.1" 404 153'
    assert caller(log).see(lambda case: [*only_errors(case)]) == []


def test_a_warning_of_what_will_be_is_no_error() -> None:
    log = "DeprecationWarning: utcnow() is deprecated and will fail later\nINFO run finished: 0 errors found, 0 failed"
    assert caller(log).see(lambda case: [*only_errors(case)]) == []


def test_what_does_not_exist_is_not_found_in_order() -> None:
    (found,) = caller("ConnectionError: geo-db: Connection refused").see(lambda case: [*goes_on(case)])
    assert "about `geo-db`, and there is no service `geo-db` in `shop`" in found.clause


def test_a_server_tells_of_the_logins_that_it_turns_down() -> None:
    line = "WARN login failed for user bob from 10.2.3.4: 401 Unauthorized (invalid password)"
    (found,) = caller(line).see(lambda case: [*goes_on(case)])
    assert "turns down logins of the user `bob`" in found.clause


def test_no_step_reads_a_service_that_does_not_exist() -> None:
    (found,) = caller("upstream http://billing/ failed", env="http://billing/").see(
        lambda case: [*names_no_service(case)]
    )
    assert [step.operation.line().split(" get ")[1] for step in found.plan.steps] == ["deployment web -o yaml"]


def test_what_works_again_is_not_noted() -> None:
    log = "ERROR cannot load the rules\n" * 9 + "INFO rules loaded, ready"
    assert caller(log).see(lambda case: [*only_errors(case)]) == []


@pytest.mark.parametrize(("now", "number"), [("http://stock:80/", 53), ("http://elsewhere:80/", 38)])
def test_a_name_that_stands_nowhere_any_more_is_old_configuration(now: str, number: int) -> None:
    """The ConfigMap has been corrected since, or something else of it was changed."""
    objects = well(1)
    container: Json = {"name": "app", "envFrom": [{"configMapRef": {"name": "urls"}}]}
    objects[0]["spec"]["template"]["spec"] = objects[1]["spec"] = {"containers": [container]}
    urls = thing("ConfigMap", "urls", data={"STOCK_URL": now})
    urls["metadata"]["managedFields"] = [{"time": "2026-01-02T11:59:00Z", "fieldsV1": {"f:data": {"f:STOCK_URL": {}}}}]
    logs = {f"shop/{objects[1]['metadata']['name']}/app": "ERROR getaddrinfo ENOTFOUND stokc\n" * 4}
    reading = Reading(*objects, urls, *called("stock", 80), logs=logs)
    sure = [*reading.see(lambda case: [*names_no_service(case), *stale(case)])]
    assert [one.number for one in sure if one.confidence is Confidence.SURE] == [number]


def test_outside_the_cluster_nothing_is_claimed() -> None:
    (found,) = caller("lookup api.stripe.com: no such host").see(lambda case: [*goes_on(case)])
    assert "outside the cluster, where I do not look" in found.clause


@pytest.mark.parametrize(("image", "past"), [("app:2", {"web-bbbbbb-old"}), ("app:1", set())])
def test_what_a_new_template_may_mend_is_history_while_its_pod_comes_up(image: str, past: set[str]) -> None:
    old, new = web_pod(1, "old", ready=False), web_pod(2, "new", ready=False, born="2026-01-02T11:59:50Z")
    new["status"]["containerStatuses"][0]["state"] = {"waiting": {"reason": "ContainerCreating"}}
    new["spec"]["containers"][0]["image"] = image
    assert outdated([Pod(old), Pod(new)], NOW, dict) == past
