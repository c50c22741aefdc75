"""Lines that say nothing of a call, and calls that only report how a program does."""

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from explainers.diagnosis.logs.connections import Failure, failed_connections
from explainers.diagnosis.logs.lasting import telling_now
from explainers.diagnosis.logs.lines import telling
from tests.unit.clusters import Json, deployment, services, thing
from tests.unit.explainers.diagnosis.reading import service
from tests.unit.explainers.diagnosis.test_owners_and_logins import made

RUNS = {"running": {"startedAt": "2026-01-02T11:50:00Z"}}
JAEGER = {"name": "JAEGER_AGENT_HOST", "value": "jaeger-agent"}
API = {"name": "API_URL", "value": "http://api"}
COLLECTOR = ("otel-collector", "observability")
OF_NOBODY = "GET /api 500 internal server error upstream timed out for tenant=demo"
UNSENT = "Failed to export spans to otel-collector.observability:4317, error code: StatusCode.UNAVAILABLE"


def said(
    log: str, *env: Json, objects: tuple[Json, ...] = (), ready: bool = True, absent: tuple[str, str] = ("", "")
) -> Json:
    """The verdict on a Deployment whose container has run for ten minutes and writes this again and again."""
    owner, one = made({"env": list(env)}, RUNS)
    owner["status"]["readyReplicas"] = int(ready)
    one["status"] |= {"phase": "Running", "conditions": [{"type": "Ready", "status": str(ready)}]}
    one["status"]["containerStatuses"][0]["ready"] = ready
    written = "".join(f"2026-01-02T11:59:{second}Z {line}\n" for second in range(40, 60, 2) for line in log.split("\n"))
    name, namespace = absent
    asked = {
        f"kubectl -n {namespace} get service {name} -o yaml": {"status": 404},
        f"kubectl get service -A --field-selector=metadata.name={name} -o yaml": {"status": 200, "body": {"items": []}},
    }
    request = Request("diagnose", "deployment/web", Actor("test"), namespace="shop")
    data = diagnose(request, services(owner, one, *objects, logs={"shop/web-1/app": written}, asked=asked)).data
    assert isinstance(data, dict)
    return data


@pytest.mark.parametrize(
    ("line", "failure"),
    [
        ('{"level":"info","error":null,"msg":"no such host cache disabled"}', None),
        ('{"level":"info","msg":"no such host cache disabled"}', None),
        ('{"level":"info","err":"","msg":"connection refused by policy: 0"}', None),
        ('{"level":"error","error":null,"msg":"dial tcp: lookup db: no such host"}', Failure.NXDOMAIN),
        ("dial tcp: lookup db on 10.0.0.10:53: no such host", Failure.NXDOMAIN),
        ('{"level":"info","msg":"retrying","error":"lookup db: no such host"}', Failure.NXDOMAIN),
        ("System.Net.Sockets.SocketException: No such host is known. (db:5432)", Failure.NXDOMAIN),
        (UNSENT, Failure.FAILED),
        ("rpc error: code = Unavailable desc = closing for cart:50051", Failure.FAILED),
    ],
)
def test_the_name_of_a_failure_is_none_without_its_shape(line: str, failure: Failure | None) -> None:
    assert next((one.failure for one in failed_connections(line)), None) is failure


def test_a_line_without_a_host_says_nothing_of_telemetry() -> None:
    agent = thing("DaemonSet", "agent", spec={"selector": {}, "template": {"spec": {"containers": [{"name": "a"}]}}})
    found = said(OF_NOBODY, API, JAEGER, objects=(agent, deployment("api"), *service("api-1", name="api")))
    assert found["verdict"] == "healthy"
    assert "jaeger" not in str(found)


def test_what_nobody_takes_of_telemetry_is_a_note_with_its_own_line() -> None:
    env = {"name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": "http://otel-collector.observability:4317"}
    found = said(
        f'{{"level":"info","error":null,"msg":"no such host cache disabled"}}\n{UNSENT}', env, absent=COLLECTOR
    )
    assert found["verdict"] == "healthy"
    assert "takes none of its telemetry: there is no service `otel-collector` in `observability`" in found["headline"]
    assert found["evidence"][0]["text"] == UNSENT


def test_a_part_of_a_name_is_not_sure_and_without_a_port_nothing() -> None:
    agent = thing(
        "DaemonSet", "agent", spec={"selector": {}, "template": {"spec": {"containers": [{"name": "a", "image": "a"}]}}}
    )
    line = "ERROR lookup queue-agent: no such host"
    where = {"name": "QUEUE", "value": "queue-agent"}
    nothing = said(line, where, objects=(agent,))
    assert "DaemonSet" not in nothing["headline"]
    agent["spec"]["template"]["spec"]["containers"][0]["ports"] = [{"containerPort": 4000}]
    found = said(line, where, objects=(agent,))
    assert "DaemonSet `agent`" in found["headline"]
    assert (found["cause"]["confidence"], "its port is 0" in str(found)) == ("likely", False)


def test_what_another_namespace_lacks_is_told_of_that() -> None:
    where = {"name": "DB", "value": "postgres://db.data:5432/x"}
    found = said("ERROR lookup db.data: no such host", where, absent=("db", "data"))
    assert ("services in data", "no db") in [(row["source"], row["text"]) for row in found["evidence"]]


OLD = "ERROR app: cannot connect to server at pg: Connection refused"
NEW = 'ERROR app: relation "orders" does not exist'
HUNG_UP = (
    "Exception occurred during processing of request from ('198.18.0.1', 45636)\nTraceback (most recent call last):\n"
    '  File "/app/app.py", line 28, in do_GET\nBrokenPipeError: [Errno 32] Broken pipe'
)


def test_a_later_error_that_comes_again_and_again_tells_before_an_old_one() -> None:
    told = telling_now("\n".join([OLD] * 3 + [NEW, "LINE 1: select 1"] * 60))
    assert told is not None
    assert told.line == NEW


@pytest.mark.parametrize("times", [3, 25])
def test_what_comes_again_and_again_since_a_connection_failed_tells_before_that(times: int) -> None:
    told = telling_now("\n".join([OLD] * 2 + [NEW] * times))
    assert told is not None
    assert told.line == NEW


def test_nobody_waits_in_silence_for_telemetry() -> None:
    assert "jaeger" not in said("INFO all is well", JAEGER, ready=False)["headline"]


def test_a_client_that_hung_up_is_never_the_cause() -> None:
    told = telling(f"{NEW}\n{HUNG_UP}\n")
    assert told is not None
    assert told.line == NEW
