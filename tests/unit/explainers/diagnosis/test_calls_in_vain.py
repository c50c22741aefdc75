"""Calls that come to nothing while what is called is there: too late, by a proxy, by TLS, one client too many."""

from dataclasses import replace
from typing import Any

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from explainers.diagnosis.logs.connections import Failure, failed_connections
from explainers.diagnosis.logs.lasting import telling_now
from explainers.diagnosis.logs.without import goes_without
from tests.unit.clusters import Json, deployment, services, thing
from tests.unit.explainers.diagnosis.test_aliases import Everywhere
from tests.unit.explainers.diagnosis.test_dependencies import app

TIMED_OUT = "ERROR call to upstream failed: TimeoutError: timed out\n"
REFUSED = "ERROR call to upstream failed: URLError: <urlopen error [Errno 111] Connection refused>\n"
UNKNOWN = "ERROR call to upstream failed: URLError: <urlopen error [Errno -2] Name or service not known>\n"
PROXY = {"name": "HTTP_PROXY", "value": "http://proxy.corp.internal:3128"}
NO_TLS = "ERROR call failed: URLError: <urlopen error [SSL: WRONG_VERSION_NUMBER] wrong version number>\n"
FULL = 'ERROR psql: error: connection to server at "db", port 5432 failed: FATAL:  sorry, too many clients already\n'


def said(*objects: Json, target: str = "deployment/web", **logs: str) -> Json:
    texts = {f"shop/{name}-1/app": text for name, text in logs.items()}
    request = Request("diagnose", target, Actor("test"), namespace="shop")
    data: Any = diagnose(request, services(*objects, logs=texts)).data
    assert isinstance(data, dict)
    return data


def caller(*env: Json, ready: bool = False) -> list[Json]:
    """The Deployment `web` with these variables, its pod, its Service and endpoints."""
    made = app("web", "", ready)
    for spec in (made[0]["spec"]["template"]["spec"], made[1]["spec"]):
        spec["containers"][0]["env"] = list(env)
    return made


def url(value: str) -> Json:
    return {"name": "API_URL", "value": value}


def api(**spec: Any) -> list[Json]:
    """The Deployment `api` that is well, with a container like this, and what leads to it."""
    made = app("api", "", ready=True)
    made[2]["spec"] |= {"clusterIP": "10.96.0.7"}
    for each in (made[0]["spec"]["template"]["spec"], made[1]["spec"]):
        each["containers"][0] |= spec
    return made


# --- too late ------------------------------------------------------------------------------------


def test_of_a_program_that_goes_on_the_latest_failed_connection_counts() -> None:
    told = telling_now("ERROR [boot] connection to api:80 refused\n" + "WARN request to http://api/ timed out\n" * 30)
    assert told
    assert "timed out" in told.line


def test_another_error_is_not_replaced_by_a_failed_connection_before_it() -> None:
    told = telling_now(REFUSED + "KeyError: 'REGION'\n")
    assert told
    assert told.line == "KeyError: 'REGION'"


def test_what_is_ready_and_lets_its_callers_wait_is_told() -> None:
    found = said(*caller(url("http://api")), *api(), web=REFUSED + TIMED_OUT * 30)
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (74, "likely")
    assert "does not answer in time" in found["cause"]["sentence"]
    assert "refused" not in " ".join(row["text"] for row in found["evidence"])
    assert [step["kubectl"] for step in found["plan"]] == ["kubectl -n shop logs api-1 -c app --tail=20"]


@pytest.mark.parametrize(
    ("line", "late"),
    [
        ("dial tcp 10.96.0.7:80: i/o timeout", False),
        ("Error: connect ETIMEDOUT 10.96.0.7:80", False),
        ("<urlopen error timed out>", False),
        ("HTTPConnectionPool(host='api', port=80): Read timed out. (read timeout=3)", True),
        ('Get "http://api/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)', True),
    ],
)
def test_a_connection_that_is_not_made_is_not_answered_late(line: str, late: bool) -> None:
    found = said(*caller(url("http://api")), *api(), web=f"ERROR {line}\n" * 5)
    assert ("does not answer in time" in found["headline"]) is late


def test_of_several_that_are_called_none_is_said_to_be_late() -> None:
    other = {"name": "OTHER_URL", "value": "http://web.example.com"}
    found = said(*caller(url("http://api"), other), *api(), web=TIMED_OUT * 30)
    assert "in time" not in found["headline"]


# --- without it ----------------------------------------------------------------------------------


def none_behind() -> list[Json]:
    cache = thing("Service", "cache", spec={"selector": {"app": "cache"}, "ports": [{"port": 6379}], "clusterIP": "1"})
    return [deployment("cache", 0), cache]


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("WARNING cache unavailable ([Errno 111] Connection refused), serving from database", "healthy"),
        ("WARNING cache unavailable ([Errno 111] Connection refused)", "fault"),
        ("ERROR cache unavailable ([Errno 111] Connection refused), serving from database", "fault"),
    ],
)
def test_what_a_program_goes_on_without_is_no_fault_of_it(line: str, verdict: str) -> None:
    env = {"name": "CACHE_URL", "value": "redis://cache:6379/0"}
    found = said(*caller(env, ready=True), *none_behind(), web=f"{line}\n" * 5)
    assert found["verdict"] == verdict
    assert "is scaled to 0 replicas" in found["headline"]
    assert ("goes on without `cache:6379`" in found["headline"]) is (verdict == "healthy")
    assert any(step["changes"] for step in found["plan"]) is (verdict == "fault")


def test_a_pod_that_is_not_ready_does_not_go_on() -> None:
    env = {"name": "CACHE_URL", "value": "redis://cache:6379/0"}
    line = "WARNING cache unavailable (Connection refused), falling back to the database\n"
    assert said(*caller(env), *none_behind(), web=line * 5)["verdict"] == "fault"


@pytest.mark.parametrize(
    ("line", "without"),
    [
        ("WARN redis:6379 connection refused, falling back to memory", True),
        ("tracing disabled: dial tcp: lookup jaeger: no such host, continuing without it", True),
        ("WARN dial tcp 10.0.0.1:6379: connection refused, using the local cache instead", True),
        ('{"level":"warn","msg":"cache:6379 refused: connection refused; running degraded"}', True),
        ('{"level":"error","msg":"cache:6379: connection refused; running degraded"}', False),
        ("WARN connection to pg:5432 refused, no fallback configured", False),
        ("WARN connection to pg:5432 refused, retrying", False),
    ],
)
def test_words_of_going_on_without(line: str, without: bool) -> None:
    (one,) = failed_connections(line)
    assert goes_without(line, one) is without


# --- by a proxy ----------------------------------------------------------------------------------


def test_a_proxy_that_the_log_names_is_sure() -> None:
    line = (
        "ERROR HTTPConnectionPool(host='proxy.corp.internal', port=3128): Max retries exceeded with url: http://api/ "
        "(Caused by ProxyError('Cannot connect to proxy.', NewConnectionError('[Errno -2] Name or service not known')))"
    )
    found = said(*caller(url("http://api"), PROXY), *api(), web=f"{line}\n" * 5)
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (38, "sure")
    assert "`HTTP_PROXY` sends its calls through `proxy.corp.internal:3128`" in found["cause"]["sentence"]
    assert found["plan"][0]["kubectl"].endswith(" NO_PROXY=api,.svc,.cluster.local")
    assert found["alternatives"][0]["kubectl"].endswith(" HTTP_PROXY-")


def test_a_name_that_is_not_found_is_likely_the_proxy_s_where_all_others_are_there() -> None:
    found = said(*caller(url("http://api"), PROXY), *api(), web=UNKNOWN * 5)
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (38, "likely")


@pytest.mark.parametrize(
    "more",
    [
        {"name": "NO_PROXY", "value": "localhost,api"},
        {"name": "OTHER_URL", "value": "http://gone.example.com"},
    ],
)
def test_another_name_or_a_call_past_the_proxy_leaves_it_open(more: Json) -> None:
    found = said(*caller(url("http://api"), PROXY, more), *api(), web=UNKNOWN * 5)
    assert "PROXY" not in found["headline"]


def test_a_list_of_what_goes_past_the_proxy_is_kept() -> None:
    past = {"name": "no_proxy", "value": "localhost"}
    found = said(*caller(url("http://api"), PROXY, past), *api(), web=UNKNOWN * 5)
    assert found["plan"][0]["kubectl"].endswith(" no_proxy=localhost,api,.svc,.cluster.local")


# --- by TLS --------------------------------------------------------------------------------------


def asked_by(scheme: str) -> Json:
    return {"readinessProbe": {"httpGet": {"path": "/", "port": 80, **({"scheme": scheme} if scheme else {})}}}


@pytest.mark.parametrize(("scheme", "sure"), [("", "sure"), ("HTTP", "sure"), ("HTTPS", "likely")])
def test_https_to_a_port_of_plain_http(scheme: str, sure: str) -> None:
    found = said(*caller(url("https://api:80/x")), *api(**asked_by(scheme)), web=NO_TLS * 5)
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (11, sure)
    assert found["plan"][0]["kubectl"].endswith(" API_URL=http://api:80/x")
    assert "by plain HTTP instead of HTTPS" in found["plan"][0]["why"]


def test_https_that_no_variable_asks_for_is_told_by_the_log() -> None:
    line = "ERROR HTTPConnectionPool(host='api', port=80): Max retries exceeded (Caused by wrong version number)\n"
    found = said(*caller(), *api(**asked_by("")), web=line * 5)
    assert "calls `api:80` by HTTPS, and `api` speaks plain HTTP there" in found["cause"]["sentence"]
    assert not any(step["changes"] for step in found["plan"])


@pytest.mark.parametrize(
    ("line", "failure"),
    [
        ('Get "https://api:80/": http: server gave HTTP response to HTTPS client', Failure.PLAIN),
        ("curl: (35) error:0A00010B:SSL routines::wrong version number", Failure.PLAIN),
        ("javax.net.ssl.SSLException: Unsupported or unrecognized SSL message", Failure.PLAIN),
        ("http: TLS handshake error from 10.0.0.1:4: tls: first record does not look like a TLS handshake", None),
        ("ERROR 1040 (HY000): Too many connections", Failure.FULL),
        ("redis.exceptions.ConnectionError: max number of clients reached", Failure.FULL),
    ],
)
def test_how_an_answer_failed(line: str, failure: Failure | None) -> None:
    assert next((one.failure for one in failed_connections(line)), None) is failure


# --- one client too many -------------------------------------------------------------------------


def database(log: str, line: str) -> Json:
    """What is said of a database that writes this line again and again."""
    made = app("db", "", ready=True)
    for spec in (made[0]["spec"]["template"]["spec"], made[1]["spec"]):
        spec["containers"][0] = {"name": "app", "image": "postgres:16"}
    return said(*made, target="deployment/db", db=log + f"{line}\n" * 10)


def test_a_server_at_its_connection_limit_has_a_fault() -> None:
    found = database("", "[7] FATAL:  sorry, too many clients already")
    assert (found["verdict"], found["cause"]["class"]) == ("fault", 76)
    assert "its connection limit" in found["cause"]["sentence"]
    assert "show max_connections" in found["plan"][0]["kubectl"]


def test_the_caller_of_a_server_at_its_limit_hears_so_and_no_more_of_what_was_before() -> None:
    env = {"name": "DATABASE_URL", "value": "postgresql://app:app@db:5432/x"}
    before = 'ERROR connection to server at "db", port 5432 failed: Connection refused\n'
    db = app("db", "", ready=True)
    db[2]["spec"]["ports"] = [{"port": 5432}]
    found = said(*caller(env), *db, web=before + FULL * 5)
    assert (found["cause"]["class"], found["cause"]["object"]) == (74, "service/db")
    assert "`db` turns its calls down" in found["cause"]["sentence"]
    assert "refused" not in found["headline"]


def test_a_database_turns_logins_down_and_calls_nothing() -> None:
    found = database("", '[9] FATAL:  password authentication failed for user "scanner"')
    assert found["verdict"] == "healthy"
    assert "it turns down logins of the user `scanner`" in found["headline"]
    assert "calls" not in found["headline"]


def test_a_database_that_clients_ask_for_in_vain_is_named() -> None:
    found = database("", '[9] FATAL:  database "reporting" does not exist')
    assert found["verdict"] == "healthy"
    assert "clients that ask for the database `reporting`, which it does not have" in found["headline"]


# --- in another namespace ------------------------------------------------------------------------


def elsewhere(*namespaces: str) -> Json:
    """What is said of a short name that only these namespaces have a Service of."""
    others = [thing("Service", "pay", namespace=one, spec={"ports": [{"port": 80}]}) for one in namespaces]
    log = "curl: (6) Could not resolve host: pay\n" * 5
    made = services(*caller(url("http://pay")), logs={"shop/web-1/app": log})
    request = Request("diagnose", "deployment/web", Actor("test"), namespace="shop")
    data: Any = diagnose(request, replace(made, cluster=Everywhere(made.cluster, others))).data
    assert isinstance(data, dict)
    return data


def test_the_only_namespace_that_has_the_service_is_meant() -> None:
    found = elsewhere("ledger")
    assert "but service `pay` is in namespace `ledger`" in found["headline"]
    assert "API_URL=http://pay.ledger" in found["plan"][0]["kubectl"]


def test_of_several_namespaces_none_is_chosen_for_the_caller() -> None:
    found = elsewhere("audit", "billing", "ledger", "shop-eu", "zoo")
    assert found["cause"]["confidence"] == "likely"
    assert "in 5 namespaces, among them `shop-eu`, `audit`, `billing`" in found["headline"]
    assert not any(step["changes"] for step in found["plan"])
    offered = [step["kubectl"].partition("API_URL=")[2] for step in found["alternatives"] if step["changes"]]
    assert offered == ["http://pay.shop-eu", "http://pay.audit", "http://pay.billing"]
