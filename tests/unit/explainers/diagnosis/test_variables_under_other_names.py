"""Variables that are defined twice, come with a prefix, are told in capitals, or were set by an earlier revision."""

import json
from typing import Any

import pytest

from tests.unit.clusters import Json, thing
from tests.unit.explainers.diagnosis.reading import HASHES, REVISION
from tests.unit.explainers.diagnosis.test_owners_and_logins import crashed, made, verdict

BACK_OFF: Json = {"waiting": {"reason": "CrashLoopBackOff"}}
ENDED: Json = {"exitCode": 1, "reason": "Error"}
RUNS: Json = {"running": {"startedAt": "2026-01-02T11:50:00Z"}}
PROBE = {"httpGet": {"path": "/readyz", "port": 8080}}
HOST: Json = {"name": "DB_HOST", "value": "db-main"}
ENV = thing("ConfigMap", "env", data={"LOG_LEVEL": "verbose", "MODE": "fast"})
MISSED = "KeyError: 'LOG_LEVEL'"


def body(said: Json) -> Any:
    return json.loads(said["plan"][0]["kubectl"].partition(" -p ")[2].strip("'"))


def running(env: list[Json], line: str) -> Json:
    owner, one = made({"env": env, "readinessProbe": PROBE}, RUNS)
    one["status"]["phase"] = "Running"
    return verdict(owner, one, log=f"2026-01-02T11:59:59Z {line}\n" * 5)


@pytest.mark.parametrize(
    ("later", "said"),
    [
        ({"valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}, "to its pod's own name instead of `db-main`"),
        ({"value": "web-1"}, "to `web-1` instead of `db-main`"),
    ],
)
def test_the_later_of_two_definitions_counts(later: Json, said: str) -> None:
    found = running([HOST, {"name": "DB_HOST", **later}], "ERROR db web-1:5432 failed: [Errno 111] Connection refused")
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (52, "likely")
    assert "`DB_HOST`, of which its log complains, is defined twice" in found["headline"]
    assert said in found["headline"]
    assert body(found) == [{"op": "remove", "path": "/spec/template/spec/containers/0/env/1"}]


@pytest.mark.parametrize(
    ("env", "line"),
    [
        ([HOST, {**HOST}], "ERROR db db-main:5432 failed: [Errno 111] Connection refused"),
        ([HOST, {"name": "DB_HOST", "value": "web-1"}], "ERROR queue:5672 failed: [Errno 111] Connection refused"),
    ],
    ids=["the same twice", "another complaint"],
)
def test_two_definitions_that_do_not_matter(env: list[Json], line: str) -> None:
    assert "twice" not in running(env, line)["headline"]


def test_a_crash_tells_of_the_later_definition_too() -> None:
    found = crashed({"env": [HOST, {"name": "DB_HOST", "value": "localhost"}]}, "fatal: bad host: localhost")
    assert "is defined twice" in json.dumps(found)


def test_a_prefix_gives_a_variable_another_name() -> None:
    source = [{"prefix": "API_", "configMapRef": {"name": "env"}}]
    found = verdict(*made({"envFrom": source}, BACK_OFF, ENDED), ENV, log=MISSED)
    assert (
        "the ConfigMap `env` has it, but the prefix `API_` in `envFrom` makes it `API_LOG_LEVEL`" in found["headline"]
    )
    assert body(found) == [{"op": "remove", "path": "/spec/template/spec/containers/0/envFrom/0/prefix"}]


def test_a_prefix_that_others_need_stays() -> None:
    container: Json = {"envFrom": [{"prefix": "API_", "configMapRef": {"name": "env"}}], "args": ["$(API_MODE)"]}
    found = verdict(*made(container, BACK_OFF, ENDED), ENV, log=MISSED)
    (app,) = body(found)["spec"]["template"]["spec"]["containers"]
    assert app["env"] == [{"name": "LOG_LEVEL", "valueFrom": {"configMapKeyRef": {"name": "env", "key": "LOG_LEVEL"}}}]


@pytest.mark.parametrize(
    ("line", "is_meant"),
    [
        ("ValueError: Unknown level: 'VERBOSE'", True),
        ("ValueError: Unknown level: 'LOUD', not one of 'VERBOSE'", False),
        ("fatal: invalid level: VERBOSE", False),
    ],
)
def test_a_value_is_known_in_capitals(line: str, is_meant: bool) -> None:
    found = verdict(*made({"envFrom": [{"configMapRef": {"name": "env"}}]}, BACK_OFF, ENDED), ENV, log=line)
    assert ("cannot use `LOG_LEVEL=verbose` (from the ConfigMap env)" in found["headline"]) is is_meant


def test_of_two_values_in_capitals_none_is_blamed() -> None:
    env = [{"name": "LOG_LEVEL", "value": "verbose"}, {"name": "TRACE", "value": "Verbose"}]
    assert crashed({"env": env}, "ValueError: Unknown level: 'VERBOSE'")["cause"]["class"] == 57


@pytest.mark.parametrize(
    "entry", [{"value": "amqp://queue"}, {"valueFrom": {"configMapKeyRef": {"name": "env", "key": "MODE"}}}]
)
def test_a_value_comes_back_from_a_revision_that_is_not_ready_either(entry: Json) -> None:
    owner, one = made({}, BACK_OFF, ENDED)
    owner["metadata"] |= {"annotations": {REVISION: "2"}, "generation": 2}
    owner["status"]["observedGeneration"] = 2
    objects = []
    for revision, env in ((1, [{"name": "QUEUE_URL", **entry}]), (2, [])):
        tag, app = HASHES[revision], {"name": "app", "image": "app:1", "env": env}
        labels = {"app": "web", "pod-template-hash": tag}
        template = {"metadata": {"labels": labels}, "spec": {"containers": [app]}}
        held = thing("ReplicaSet", f"web-{tag}", labels=labels, spec={"replicas": 1, "template": template})
        held["metadata"] |= {
            "annotations": {REVISION: str(revision)},
            "creationTimestamp": f"2026-01-02T0{revision}:00:00Z",
            "ownerReferences": [{"kind": "Deployment", "name": "web", "uid": "uid-Deployment-web", "controller": True}],
        }
        held["status"] = {"replicas": 1, "readyReplicas": 0}
        objects.append(held)
    _, old = made({}, BACK_OFF, ENDED)
    old["metadata"] |= {"name": "web-0", "creationTimestamp": "2026-01-02T01:00:00Z"}
    one["metadata"]["creationTimestamp"] = "2026-01-02T02:00:00Z"
    for each, tag in ((one, HASHES[2]), (old, HASHES[1])):
        each["metadata"]["labels"]["pod-template-hash"] = tag
    found = verdict(owner, one, old, *objects, ENV, log="sh: 2: QUEUE_URL: must be set")
    assert "`QUEUE_URL` is not set; revision 1, which is not ready either, set it" in found["headline"]
    assert "CHANGE-ME" not in found["plan"][0]["kubectl"]
    assert found["plan"][0]["why"] == "set it as revision 1, which is not ready either, had it"
    assert not any("undo deployment" in step["kubectl"] for step in found["plan"])
