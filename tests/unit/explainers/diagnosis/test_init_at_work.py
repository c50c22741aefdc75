"""What is said of an init container that runs, beside pods that serve and where its database answers."""

from datetime import timedelta

import pytest

from explainers.diagnosis.logs.databases import said_by_database
from explainers.diagnosis.model import Confidence, Finding, Health, Layer, Outcome, Verdict
from explainers.diagnosis.report import document
from explainers.diagnosis.rules.hanging import init_hangs
from explainers.kinds import Ref
from tests.unit.clusters import NOW, Json, deployment, pod
from tests.unit.explainers.diagnosis.reading import Reading, well

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
