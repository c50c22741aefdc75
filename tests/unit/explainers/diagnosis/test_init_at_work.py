"""What is said of an init container that runs, beside pods that serve and where its database answers."""

from datetime import timedelta

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from explainers.diagnosis.logs.databases import said_by_database
from explainers.diagnosis.model import Confidence, Finding, Health, Layer, Outcome, Verdict
from explainers.diagnosis.report import document
from explainers.diagnosis.rules.hanging import init_hangs
from explainers.kinds import Ref
from tests.unit.clusters import NOW, Json, deployment, pod, services
from tests.unit.explainers.diagnosis.reading import Reading, service, well

NOTICE = 'NOTICE:  relation "history" already exists, skipping'


def told(seconds: int, log: str, serving: bool = True) -> Finding:
    objects = well(1) if serving else [deployment("web", ready=0)]
    labels = objects[0]["spec"]["template"]["metadata"]["labels"]
    new = pod("web-new-1", labels, ready=False)
    init: Json = {"name": "migrate", "image": "tool:1", "command": ["migrate"]}
    new["spec"] = {"initContainers": [init], "containers": [{"name": "app", "image": "app:1"}]}
    state = {"running": {"startedAt": (NOW - timedelta(seconds=seconds)).isoformat()}}
    new["status"] |= {
        "phase": "Pending",
        "conditions": [{"type": "Ready", "status": "False"}, {"type": "Initialized", "status": "False"}],
        "initContainerStatuses": [{"name": "migrate", "ready": False, "restartCount": 0, "state": state}],
        "containerStatuses": [{"name": "app", "ready": False, "restartCount": 0, "state": {"waiting": {}}}],
    }
    new["metadata"]["ownerReferences"] = objects[1]["metadata"]["ownerReferences"] if serving else []
    reading = Reading(*objects, new, logs={"shop/web-new-1/migrate": f"{log}\n"})
    (found,) = reading.see(lambda case: [*init_hangs(case)])
    return found


def test_a_new_pod_that_starts_beside_others_that_serve_is_no_more_than_that() -> None:
    found = told(5, "begins")
    assert found.benign
    assert found.clause == (
        "1 of 1 pods ready, and a new pod starts: its init container `migrate` is still at work, for 5 s"
    )
    assert told(5, "begins", serving=False).clause == "init container `migrate` is still at work, for 5 s"


def test_after_the_database_has_answered_a_lock_is_thought_of() -> None:
    found = told(240, NOTICE)
    assert (found.confidence, found.benign) == (Confidence.LIKELY, False)
    assert "its log shows that its database answers: it may wait there for a lock" in found.clause
    assert "pg_blocking_pids" in found.plan.steps[0].why
    assert "lock" not in told(240, "begins").clause


def stamped(lines: list[str]) -> str:
    """A log whose lines were written every two seconds, the last one now."""
    times = [NOW - timedelta(seconds=2 * back) for back in range(len(lines))][::-1]
    return "\n".join(f"{when:%Y-%m-%dT%H:%M:%S}.0Z {line}" for when, line in zip(times, lines, strict=True))


@pytest.mark.parametrize("serving", [True, False])
def test_one_whose_log_moves_on_is_at_work(serving: bool) -> None:
    found = told(300, stamped([f"applied migration {n}/300" for n in range(9)]), serving)
    assert found.benign
    assert "is at work, for 5 min; its newest line: applied migration 8/300" in found.clause


def test_one_that_says_the_same_again_and_again_is_not() -> None:
    assert not told(300, stamped(["asking for the schema"] * 9)).benign
    assert not told(300, stamped([f"waiting for the lock, {n} s" for n in range(9)])).benign


@pytest.mark.parametrize(("started", "benign"), [(False, True), (True, False)])
def test_what_waits_for_one_that_only_starts_has_no_fault_yet(started: bool, benign: bool) -> None:
    probe = {"tcpSocket": {"port": 5432}, "periodSeconds": 10, "failureThreshold": 120}
    owner, db = deployment("slowdb", ready=0), pod("slowdb-1", {"app": "slowdb"}, ready=False)
    container = {"name": "app", "image": "db:1", "startupProbe": probe}
    owner["spec"]["template"]["spec"] = db["spec"] = {"containers": [container]}
    db["metadata"]["ownerReferences"] = [{"kind": "Deployment", "name": "slowdb", "controller": True}]
    db["metadata"]["creationTimestamp"] = "2026-01-02T11:56:00Z"
    running = {"running": {"startedAt": "2026-01-02T11:56:00Z"}}
    db["status"]["containerStatuses"] = [
        {"name": "app", "ready": False, "started": started, "restartCount": 0, "state": running}
    ]
    db["status"]["conditions"].append({"type": "PodScheduled", "status": "True"})
    made, labels = deployment("web", ready=0), {"app": "web"}
    waits = pod("web-1", labels, ready=False)
    script = ["sh", "-c", "until nc -z slowdb 5432; do echo waiting for slowdb:5432; sleep 3; done"]
    init: Json = {"name": "wait", "image": "tool:1", "command": script}
    waits["spec"] = made["spec"]["template"]["spec"] = {
        "initContainers": [init], "containers": [{"name": "app", "image": "app:1"}],
    }  # fmt: skip
    waits["status"] |= {
        "phase": "Pending",
        "initContainerStatuses": [{"name": "wait", "ready": False, "restartCount": 0, "state": running}],
        "containerStatuses": [{"name": "app", "ready": False, "restartCount": 0, "state": {"waiting": {}}}],
    }
    offered, *slices = service(name="slowdb")
    offered["spec"]["ports"] = [{"port": 5432}]
    objects = [made, waits, owner, db, offered, *slices]
    data = diagnose(Request("diagnose", "web", Actor("test"), namespace="shop"), services(*objects)).data
    assert isinstance(data, dict)
    assert (data["verdict"] == "healthy") is benign
    assert ("which is no fault yet" in str(data["headline"])) is benign


@pytest.mark.parametrize(
    ("log", "answers"),
    [
        (NOTICE, True),
        ("CREATE TABLE\n", True),
        ("(1 row)", True),
        ("INFO  [alembic.runtime.migration] Running upgrade  -> 1ab, first", True),
        ("  Applying shop.0002_price...", True),
        ('Migrating schema "public" to version "2"', True),
        ("waiting for database", False),
        ("I will CREATE TABLE soon", False),
    ],
)
def test_what_a_database_says_after_a_statement(log: str, answers: bool) -> None:
    assert said_by_database(log) is answers


def test_what_the_target_calls_is_told_of_the_target() -> None:
    web, rates = Ref("Deployment", "shop", "web"), Ref("Service", "shop", "rates")
    cause = Finding(57, web, Layer.CONTAINER, "it crashes")
    chain = Finding(74, rates, Layer.DEPENDENCY, "it cannot reach `rates:8090`; it is down")
    own = Finding(2, rates, Layer.SERVICE, "service `rates` selects nothing")
    named = Finding(113, Ref("Pod", "shop", "web-0"), Layer.WORKLOAD, "`web-0` is not ready")
    verdict = Verdict(web, Outcome.FAULT, Health("is down", "0 of 1 pods ready", False), cause, (chain, own, named))
    assert document(verdict).consequences == (
        "deployment/web: it cannot reach `rates:8090`; it is down", "service/rates: service `rates` selects nothing",
        "`pod/web-0` is not ready",
    )  # fmt: skip
