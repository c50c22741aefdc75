"""Pods of a StatefulSet that are made anew, and rollouts: what is said of each, and of one pod."""

import pytest

from explainers.diagnosis.health import health
from explainers.diagnosis.rules.renewed import made_again
from explainers.diagnosis.rules.workloads import under_way
from explainers.kinds import Ref
from tests.unit.clusters import Json, deployment, pod
from tests.unit.explainers.diagnosis.reading import Reading, web

SET = Ref("StatefulSet", "shop", "db")
ENDING: Json = {"deletionTimestamp": "2026-01-02T12:00:20Z"}


def stateful(updated: int, ready: int, wanted: int = 2, update: str = "db-1") -> Json:
    made = deployment("db", wanted, ready)
    made["kind"] = "StatefulSet"
    made["status"] |= {"updatedReplicas": updated, "currentRevision": "db-1", "updateRevision": update}
    return made


def db(index: int, ready: bool = True, **metadata: str) -> Json:
    made = pod(f"db-{index}", {"app": "db"}, ready)
    made["metadata"] |= {"creationTimestamp": "2026-01-02T11:59:40Z"} | metadata
    return made


def said(*objects: Json, target: Ref = SET) -> list[str]:
    found = Reading(*objects).see(lambda case: [*under_way(case), *made_again(case)], target)
    assert all(one.benign and one.number == 125 for one in found)
    return [one.clause for one in found]


def test_a_pod_that_was_deleted_is_made_anew_and_no_rollout_is_said_to_be_under_way() -> None:
    assert said(stateful(updated=1, ready=1), db(0), db(1, **ENDING)) == [
        "its pod `db-1` was deleted and is made anew once it has ended; 1 of 2 pods is ready"
    ]


def test_so_is_the_only_one() -> None:
    (clause,) = said(stateful(updated=0, ready=0, wanted=1), db(0, ready=False, **ENDING))
    assert clause.endswith("0 of 1 pods are ready")


def test_a_set_that_grows_rolls_nothing_out() -> None:
    (clause,) = said(stateful(updated=2, ready=2, wanted=3), db(0), db(1))
    assert clause == "its other pods are about to be made; 2 of 3 pods are ready"


def test_another_revision_is_a_rollout_and_one_pod_is_one() -> None:
    assert said(stateful(updated=1, ready=1, update="db-2"), db(0), db(1, **ENDING)) == [
        "a rollout is under way: 1 of 2 pods runs the newest template, and 1 pod is ready; 1 that was deleted "
        "has still to end"
    ]
    (clause,) = said(web(2, 3, 2, 2), target=Ref("Deployment", "shop", "web"))
    assert clause.endswith("2 of 3 pods run the newest template, and 2 pods are ready")


@pytest.mark.parametrize(
    "other",
    [db(1, deletionTimestamp="2026-01-02T11:59:00Z"), db(1, ready=False, creationTimestamp="2026-01-02T10:00:00Z")],
)
def test_one_that_does_not_end_or_does_not_get_ready_is_not_called_well(other: Json) -> None:
    assert said(stateful(updated=1, ready=1), db(0), other) == []


@pytest.mark.parametrize(("update", "told"), [("db-1", "made anew once it has ended"), ("db-2", "has still to end")])
def test_a_pod_that_goes_is_not_ready_though_its_set_counts_it(update: str, told: str) -> None:
    """The controller counts its condition Ready until it is gone; no Service sends it anything."""
    updated = 1 if update == "db-1" else 0
    reading = Reading(stateful(updated=updated, ready=1, wanted=1, update=update), db(0, **ENDING))
    state, found = reading.see(lambda case: (health(case), [*under_way(case), *made_again(case)]), SET)
    assert (state.good, state.serving) == (False, "0 of 1 pods ready")
    assert [told in one.clause for one in found] == [True]


def test_beside_one_that_goes_the_others_count() -> None:
    reading = Reading(stateful(updated=0, ready=2, update="db-2"), db(0), db(1, **ENDING))
    state, (found,) = reading.see(lambda case: (health(case), [*under_way(case)]), SET)
    assert state.serving == "1 of 2 pods ready"
    assert "for" not in state.evidence[0].age  # since when it is so is another matter
    assert "and 1 pod is ready" in found.clause
