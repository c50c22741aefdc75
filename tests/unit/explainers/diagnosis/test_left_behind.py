"""A pod of an earlier template that a StatefulSet waits for, and since when a Deployment serves no more."""

import pytest

from explainers.diagnosis.health import health
from explainers.diagnosis.rules.workloads import stalled
from explainers.kinds import Ref
from tests.unit.clusters import Json, deployment, pod
from tests.unit.explainers.diagnosis.reading import Reading, replica_set, web, web_pod

HASH = "controller-revision-hash"
SET = Ref("StatefulSet", "shop", "db")


def db(index: int, born: str, ready: bool) -> Json:
    made = pod(f"db-{index}", {"app": "db", HASH: "db-1"}, ready)
    made["metadata"]["creationTimestamp"] = f"2026-01-02T{born}Z"
    made["spec"]["containers"][0]["readinessProbe"] = {"exec": {"command": ["ask"]}, "periodSeconds": 3}
    made["status"]["conditions"] = [
        {"type": kind, "status": str(ready or kind == "PodScheduled"), "lastTransitionTime": f"2026-01-02T{born}Z"}
        for kind in ("Ready", "PodScheduled")
    ]
    state = {"running": {"startedAt": f"2026-01-02T{born}Z"}}
    made["status"]["containerStatuses"] = [{"name": "app", "ready": ready, "restartCount": 0, "state": state}]
    return made


@pytest.mark.parametrize(("born", "waits"), [("11:59:45", False), ("11:55:00", True)])
def test_one_that_only_starts_is_waited_for(born: str, waits: bool) -> None:
    owner = deployment("db", 2, 1)
    owner["kind"] = "StatefulSet"
    owner["status"] |= {"updatedReplicas": 0, "currentRevision": "db-1", "updateRevision": "db-2"}
    reading = Reading(
        owner, db(0, "11:00:00", True), db(1, born, False), logs={"shop/db-1/app": "", "shop/db-0/app": ""}
    )
    found = reading.see(lambda case: [*stalled(case)], SET)
    assert ["still runs an older template" in one.clause for one in found] == [True] * waits


def test_it_is_down_since_it_says_so_and_not_since_its_newest_pod() -> None:
    owner, late = web(2, 2, 1, 0), web_pod(2, "new11", ready=False)
    owner["status"]["conditions"].append(
        {"type": "Available", "status": "False", "lastTransitionTime": "2026-01-02T09:00:00Z"}
    )
    late["status"]["conditions"][0]["lastTransitionTime"] = "2026-01-02T11:50:00Z"
    reading = Reading(owner, replica_set(1, 1), replica_set(2, 1), web_pod(1, "old11", ready=False), late)
    since = reading.see(health).since
    assert since is not None
    assert since.hour == 9
