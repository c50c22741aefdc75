"""A program that goes on without what it cannot reach, and ends, or is not ready, for something else."""

import pytest

from explainers.diagnosis.logs.connections import failed_connections, of_a_client
from explainers.diagnosis.logs.lines import telling
from explainers.diagnosis.logs.without import goes_without, left_behind
from explainers.diagnosis.views.addresses import Address
from explainers.diagnosis.views.telemetry import of_telemetry
from tests.unit.clusters import Json, deployment, thing
from tests.unit.explainers.diagnosis.reading import service
from tests.unit.explainers.diagnosis.test_owners_and_logins import BACK_OFF, ENDED, made, verdict

KILLED = {**ENDED, "exitCode": 137, "reason": "OOMKilled"}
ENV = [{"name": "CACHE_URL", "value": "http://cache:80"}]
REFUSED = "http://cache:80 connection refused"
BLOCKED = f"ERROR {REFUSED}"
AT_ZERO = [deployment("cache", 0), *service(name="cache")]
RUNS = {"running": {"startedAt": "2026-01-02T11:50:00Z"}}


def crashed(log: str, last: Json | None = None, env: list[Json] = ENV) -> Json:
    return verdict(*made({"env": env}, BACK_OFF, last or ENDED), *AT_ZERO, log=log)


@pytest.mark.parametrize(
    "phrase",
    [
        "using in-memory cache", "falling back to database", "using fallback rates", "recommendations off",
        "using defaults", "running without it", "dropped", "metrics disabled", "continuing", "serving cached copies",
    ],
)  # fmt: skip
def test_a_warning_that_is_handled_is_no_cause(phrase: str) -> None:
    log = f"WARN {REFUSED}, {phrase}\nFATAL config: line 3 is bad"
    (one,) = failed_connections(log)
    assert goes_without(log, one)
    assert left_behind(log, one)


@pytest.mark.parametrize(
    "phrase", ["backing off", "no fallback", "cannot continue without it", "retrying", "connection dropped"]
)
def test_words_that_do_not_say_so(phrase: str) -> None:
    log = f"WARN {REFUSED}, {phrase}"
    assert not goes_without(log, failed_connections(log)[0])


@pytest.mark.parametrize(
    ("log", "left"),
    [
        (f"ERROR {REFUSED}, using defaults\nINFO started\nout of disk: No space left on device", True),
        (f"ERROR {REFUSED}, using defaults", False),
        (f"WARN {REFUSED}\nINFO listening on :8080\nFATAL config: line 3 is bad", True),
        (f"WARN {REFUSED}\nINFO not started, waiting\nFATAL no database", False),
        (f"{BLOCKED}\nINFO listening on :8080\nFATAL config: line 3 is bad", False),
        (f"WARN {REFUSED}\nINFO started\n{BLOCKED}", False),
    ],
)
def test_what_a_program_that_ended_had_left_behind(log: str, left: bool) -> None:
    assert left_behind(log, failed_connections(log)[0]) is left


def test_the_last_telling_line_counts_before_one_that_is_handled() -> None:
    told = telling(f"ERROR {REFUSED}, using defaults\nINFO started\nout of disk: No space left on device")
    assert told is not None
    assert told.line.endswith("No space left on device")


def test_a_crash_is_told_by_its_last_words() -> None:
    said = crashed(f"WARN {REFUSED}, using in-memory cache\npanic: open /etc/app/conf.yaml: no such file or directory")
    assert "conf.yaml" in said["cause"]["sentence"]
    assert said["cause"]["class"] != 74
    assert crashed(BLOCKED)["cause"]["class"] == 74


def test_no_refused_call_fills_the_memory() -> None:
    assert crashed(BLOCKED, KILLED)["cause"]["class"] == 60


@pytest.mark.parametrize(("said", "number"), [("HTTP probe failed with statuscode: 404", 65), ("", 74)])
def test_an_answer_that_no_call_is_behind(said: str, number: int) -> None:
    probe = {"httpGet": {"path": "/health", "port": 8080}}
    objects = made({"env": ENV, "readinessProbe": probe, "ports": [{"containerPort": 8080}]}, RUNS)
    objects[1]["status"]["phase"] = "Running"
    about = {
        "kind": "Pod", "name": "web-1", "namespace": "shop", "uid": "uid-Pod-web-1",
        "fieldPath": "spec.containers{app}",
    }  # fmt: skip
    event = thing("Event", "web-1.1", reason="Unhealthy", type="Warning", involvedObject=about, count=9)
    event |= {"message": f"Readiness probe failed: {said}", "lastTimestamp": "2026-01-02T11:59:58Z"}
    found = verdict(*objects, *AT_ZERO, *([event] if said else []), log=BLOCKED)
    assert found["cause"]["class"] == number


@pytest.mark.parametrize(
    ("variable", "line", "telemetry"),
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "lookup collector: no such host", True),
        ("PUSHGATEWAY_URL", "lookup collector: no such host", True),
        ("", "failed to export spans: lookup collector: no such host", True),
        ("ORDERS_URL", "lookup orders: no such host", False),
        ("CATALOG_URL", "lookup catalog: no such host", False),
    ],
)
def test_what_only_reports_how_a_program_does(variable: str, line: str, telemetry: bool) -> None:
    address = Address("collector", 4318, "http", "app", "http://collector:4318", variable)
    assert of_telemetry(failed_connections(line)[0], [address]) is telemetry


def test_telemetry_is_the_cause_of_a_crash_only_as_its_last_word() -> None:
    env = [{"name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": "http://cache:80"}]
    assert crashed(f"{BLOCKED}\nKeyError: 'REGION'", env=env)["cause"]["class"] != 74
    assert crashed(BLOCKED, env=env)["cause"]["class"] == 74


def test_what_a_ready_program_cannot_report_is_no_fault() -> None:
    state = {"name": "app", "ready": True, "restartCount": 0, "state": RUNS}
    objects = made({"env": [{"name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": "http://collector:4318"}]}, RUNS)
    objects[0]["status"]["readyReplicas"] = 1
    objects[1]["status"] |= {"phase": "Running", "containerStatuses": [state]}
    objects[1]["status"]["conditions"][0]["status"] = "True"
    found = verdict(*objects, log="failed to export spans: lookup collector: no such host\n" * 4)
    assert found["verdict"] == "healthy"
    assert "there is no service `collector`" in found["headline"]
    assert not any("service collector" in step["kubectl"] for step in found["plan"])


@pytest.mark.parametrize(
    ("line", "own"),
    [
        ("WARN login failed for user bob from 10.2.3.4: 401 (invalid password)", False),
        ("FATAL: password authentication failed for user bob", True),
    ],
)
def test_who_notes_a_login_that_it_turned_down_names_where_it_came_from(line: str, own: bool) -> None:
    assert of_a_client(failed_connections(line)[0]) is not own


def test_what_is_to_be_done_about_a_failure_is_none() -> None:
    assert failed_connections('{"level":"debug","msg":"error handler registered for ECONNREFUSED"}') == ()
