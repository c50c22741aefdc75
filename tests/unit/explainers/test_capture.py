"""Captures: nothing secret leaves the cluster, and what was not captured is unknown, not absent."""

import json
from datetime import UTC, datetime

import pytest

from bot.cluster.snapshot import SnapshotCluster
from bot.state.memory import MemoryState
from commands.base.ports import Services
from commands.capture import take
from explainers import kinds
from explainers.capture import Capture, redacted
from explainers.kinds import Kind, kind_named
from explainers.operations.base import Answer, Json
from explainers.operations.reads import Get, List, Logs, continued
from tests.faults.harness import Fault, faults
from tests.faults.verdicts import CAPTURED_AS, ask, captured, complaints
from tests.madeup import a_share
from tests.unit.clusters import cluster, deployment, pod, services, thing

CANARY = "c4n4ry-s3cret"
APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
CAPTURED = [fault for fault in faults() if captured(fault).exists()]


def test_secrets_become_key_names_and_lengths() -> None:
    secret = thing("Secret", "db", data={"password": CANARY}, stringData={"url": CANARY})
    secret["metadata"]["annotations"] = {"kubectl.kubernetes.io/last-applied-configuration": CANARY}
    secret["metadata"]["managedFields"] = [{"manager": "kubectl"}]
    slim = redacted(kinds.SECRET, secret)
    assert CANARY not in json.dumps(slim)
    assert slim["data"] == {"password": f"({len(CANARY)} characters)"}
    assert "managedFields" not in slim["metadata"]
    assert secret["data"]["password"] == CANARY  # the original is left alone


def test_no_annotation_of_a_secret_tells_its_values() -> None:
    secret = thing("Secret", "db", data={"password": CANARY})
    notes = {"tool.example.com/last-seen": CANARY, "kubernetes.io/service-account.name": "robot"}
    secret["metadata"]["annotations"] = notes
    slim = redacted(kinds.SECRET, secret)["metadata"]["annotations"]
    assert slim == {"tool.example.com/last-seen": "(13 characters)", "kubernetes.io/service-account.name": "robot"}


def test_credentials_outside_of_secrets_stay_behind_too() -> None:
    env = [
        {"name": "DB_PASSWORD", "value": CANARY},
        {"name": "DATABASE_URL", "value": f"postgres://shop:{CANARY}@pg:5432/shop"},
        {"name": "DSN", "value": f"host=pg password={CANARY}"},
        {"name": "MYSQL", "value": f"shop:{CANARY}@tcp(db:3306)/shop"},
        {"name": "TOKEN_FILE", "value": "/run/secrets/token"},
        {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}},
    ]
    command = ["server", "--token", CANARY, f"--db-password={CANARY}", "--token-file", "/t", "--port=80"]
    header = {"httpGet": {"port": 80, "httpHeaders": [{"name": "Authorization", "value": f"Basic {CANARY}"}]}}
    container = {"name": "app", "image": "web", "env": env, "args": command, "livenessProbe": header}
    whole = thing("Deployment", "web", spec={"replicas": 3, "template": {"spec": {"containers": [container]}}})
    whole["metadata"]["annotations"] = {APPLIED: json.dumps(whole)}
    slim = redacted(kinds.DEPLOYMENT, whole)
    assert CANARY not in json.dumps(slim)
    (left,) = slim["spec"]["template"]["spec"]["containers"]
    values = {one["name"]: one.get("value") for one in left["env"]}
    assert values["DB_PASSWORD"] == "(13 characters)"
    assert values["DATABASE_URL"] == "postgres://shop:[redacted]@pg:5432/shop"
    assert values["TOKEN_FILE"] == "/run/secrets/token"
    assert left["env"][5] == env[5]
    assert left["args"][0] == "server"
    assert left["args"][-3:] == ["--token-file", "/t", "--port=80"]
    assert '"replicas":3' in slim["metadata"]["annotations"][APPLIED]


def test_a_last_applied_manifest_that_cannot_be_read_stays_behind() -> None:
    odd = thing("Deployment", "web")
    odd["metadata"]["annotations"] = {APPLIED: f"{{PASSWORD {CANARY}"}
    assert CANARY not in json.dumps(redacted(kinds.DEPLOYMENT, odd))


@pytest.mark.parametrize("data", [{"password": CANARY}, {"app.env": f"A=1\nAPI_TOKEN={CANARY}\nB=2"}])
def test_a_config_map_that_holds_a_credential(data: Json) -> None:
    assert CANARY not in json.dumps(redacted(kinds.CONFIG_MAP, thing("ConfigMap", "app", data=data)))


def test_logs_and_answers_are_redacted() -> None:
    made = Capture(datetime(2026, 1, 1, tzinfo=UTC), "shop")
    made.add_log(Logs("shop", "web-1", "app"), Answer(200, f"PASSWORD={CANARY} read\n"))
    made.add_answer("x", Logs("data", "pg-0", "pg"), Answer(200, f"PASSWORD={CANARY} read\n"))
    made.add_answer("y", None, Answer(200, {"body": f"http://u:{CANARY}@pg"}))
    assert CANARY not in json.dumps(made.as_json())


def test_what_the_api_said_about_a_log_or_kind_that_it_did_not_give_is_kept() -> None:
    log = Logs("shop", "web-1", "app", previous=True)
    made = Capture(datetime(2026, 1, 1, tzinfo=UTC), "shop")
    made.add_log(log, Answer(403, problem="pods/log is forbidden"))
    made.add_list(List(kinds.POD, "shop"), Answer(503, problem="try later"))
    made.add_list(List(kinds.NODE, ""), Answer(0, problem="no answer"))
    again = SnapshotCluster(json.loads(json.dumps(made.as_json())))
    assert again.run(log) == Answer(403, problem="pods/log is forbidden")
    assert again.run(Logs("shop", "web-1", "app")).status == 400
    assert again.run(List(kinds.POD, "shop")) == Answer(503, problem="try later")
    assert again.run(List(kinds.NODE, "")) == Answer(403, problem="no answer")


def _of_capture(kind: Kind | None, kept: Json) -> Json:
    return redacted(kind, kept) if kind and kind != kinds.SECRET else kept


@pytest.mark.parametrize("fault", a_share(CAPTURED), ids=lambda fault: fault.name)
def test_what_is_taken_out_changes_no_verdict(fault: Fault) -> None:
    """Captures of real faults are redacted again: diagnosis needs nothing of what is taken out. One of which nothing is
    left to take out has the verdict that it had (test_captures.py)."""
    whole = json.loads(captured(fault).read_text(encoding="utf-8"))
    made = Capture(datetime.fromisoformat(whole["captured_at"]), whole["namespace"], unread=whole["unread"])
    made.objects = [_of_capture(kind_named(kept["kind"]), kept) for kept in whole["objects"]]
    for key, log in whole["logs"].items():
        namespace, pod_name, container, *before = key.split("/")
        made.add_log(Logs(namespace, pod_name, container, previous=bool(before)), Answer(200, log))
    for line, kept in whole["asked"].items():
        answer = Answer(kept["status"], kept["body"], kept["problem"], kept["took"])
        made.add_answer(line, None, answer)
    if (taken := json.loads(json.dumps(made.as_json()))) == whole:
        return
    again = SnapshotCluster(taken)
    ports = Services(again, again.clock, again.ask, MemoryState())
    assert complaints(fault, ask(ports, fault, CAPTURED_AS), CAPTURED_AS) == []


def test_a_capture_reads_back_as_the_same_cluster() -> None:
    log = {"shop/web-1/app": "one\ntwo\n"}
    made = take(services(deployment("web"), pod("web-1", {"app": "web"}), thing("Secret", "s"), logs=log), "shop")
    again = SnapshotCluster(json.loads(json.dumps(made.as_json())))
    assert again.run(Get(kinds.DEPLOYMENT, "shop", "web")).ok
    assert again.run(List(kinds.POD, "shop", labels="app=web")).items
    assert again.run(Logs("shop", "web-1", "app", tail=1)).text == "two\n"


def test_a_list_that_was_cut_says_so_as_the_api_does() -> None:
    at = cluster(deployment("web"), deployment("api"))
    assert continued(at.run(List(kinds.DEPLOYMENT, "shop", limit=1)))
    assert not continued(at.run(List(kinds.DEPLOYMENT, "shop", limit=2)))
    assert not continued(at.run(List(kinds.DEPLOYMENT, "shop")))


def test_what_was_not_captured_is_unknown() -> None:
    at = cluster(deployment("web"))
    assert at.run(Get(kinds.DEPLOYMENT, "shop", "nope")).absent
    assert at.run(Get(kinds.DEPLOYMENT, "elsewhere", "web")).forbidden
    assert at.run(Logs("shop", "web-1", "app")).status == 400


def test_a_kind_that_could_not_be_read_stays_unknown() -> None:
    refused = {"resource": "pods", "namespace": "shop", "status": 403, "problem": "pods is forbidden"}
    at = cluster(deployment("web"), unread=[refused])
    assert at.run(List(kinds.POD, "shop")).forbidden


def test_of_a_change_that_no_controller_has_seen_its_time_is_kept() -> None:
    written = {"manager": "kubectl", "time": "2026-01-02T11:50:00Z", "fieldsV1": {"f:spec": {"f:replicas": {}}}}
    web = deployment("web")
    web["metadata"] |= {"generation": 4, "managedFields": [written]}
    kept = redacted(kinds.DEPLOYMENT, web)["metadata"]["managedFields"]
    assert kept == [{"time": "2026-01-02T11:50:00Z", "fieldsV1": {"f:spec": {}}}]
    web["status"]["observedGeneration"] = 4
    assert "managedFields" not in redacted(kinds.DEPLOYMENT, web)["metadata"]
