"""A rollout whose new pods do not become ready beside those of the revision before."""

import pytest

from explainers.diagnosis.model import Finding
from explainers.diagnosis.rules.endpoints import not_ready
from explainers.diagnosis.rules.workloads import stuck
from tests.unit.clusters import Json, thing
from tests.unit.explainers.diagnosis.reading import HASHES, Reading, replica_set, service, web, web_pod

PROBE = {"exec": {"command": ["sh", "-c", "ask"]}}
SAID = "Readiness probe failed: nobody at home"


def unready(release: int, name: str) -> list[Json]:
    """A pod that has run for minutes, and what its readiness probe hears."""
    made = web_pod(release, name)
    made["spec"]["containers"] = [{"name": "app", "image": "app:1", "readinessProbe": PROBE}]
    made["status"]["conditions"][0]["status"] = "False"
    state = {"running": {"startedAt": "2026-01-02T11:50:01Z"}}
    made["status"]["containerStatuses"] = [{"name": "app", "ready": False, "restartCount": 0, "state": state}]
    about = {"kind": "Pod", "name": made["metadata"]["name"], "namespace": "shop", "fieldPath": "spec.containers{app}"}
    said = thing("Event", f"{name}.1", reason="Unhealthy", message=SAID, involvedObject=about)
    return [made, said | {"lastTimestamp": "2026-01-02T11:59:58Z"}]


def found(late: bool = False) -> list[Finding]:
    owner = web(2, 2, 1, 1)
    owner["spec"]["replicas"] = 1
    if late:
        owner["status"]["conditions"][0] |= {"status": "False", "reason": "ProgressDeadlineExceeded"}
    sets = (replica_set(1, 1, 1), replica_set(2, 1))
    pods = (web_pod(1, "old11"), *unready(2, "new11"), *service(f"web-{HASHES[0]}-old11"))
    logs = {f"shop/web-{HASHES[1]}-new11/app": ""}
    return Reading(owner, *sets, *pods, logs=logs).see(lambda case: [*stuck(case), *not_ready(case)])


@pytest.mark.parametrize("late", [False, True])
def test_the_change_is_told_and_no_fresh_pod_of_the_same_template_asked_for(late: bool) -> None:
    (one,) = found(late)
    assert one.number == 112
    assert "nobody at home" in one.clause
    assert one.clause.endswith("revision 1 still serves")
    assert one.plan.steps[0].operation.line().endswith("rollout undo deployment/web --to-revision=1")
    assert not any(" delete " in step.operation.line() for step in one.plan.steps)
    assert any("nobody at home" in row.text for row in one.evidence)


def test_the_change_stands_in_the_evidence() -> None:
    (one,) = found()
    assert any(row.text.startswith("revision 2: containers[app].image") for row in one.evidence)


def test_a_pod_beside_ready_ones_of_its_own_template_is_made_anew() -> None:
    owner = web(1, 2, 2, 1)
    pods = (web_pod(1, "old11"), *unready(1, "new11"), *service(f"web-{HASHES[0]}-old11"))
    logs = {f"shop/web-{HASHES[0]}-new11/app": ""}
    (one,) = Reading(owner, replica_set(1, 2, 1), *pods, logs=logs).see(lambda case: [*not_ready(case)])
    assert one.number == 6
    assert " delete " in one.plan.steps[-1].operation.line()
