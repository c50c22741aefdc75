"""A full quota in which a pod of the workload itself still holds a place, because it ends."""

from datetime import timedelta

import pytest

from explainers.diagnosis.model import Confidence, Finding
from explainers.diagnosis.rules.admission import refused
from explainers.kinds import Ref
from tests.unit.clusters import NOW, Json, deployment, pod, thing
from tests.unit.explainers.diagnosis.reading import Reading

PODS = 'pods "web-x" is forbidden: exceeded quota: team, requested: pods=1, used: pods=3, limited: pods=3'
MEMORY = (
    'pods "web-x" is forbidden: exceeded quota: team, requested: requests.memory=64Mi, used: requests.memory=160Mi, '
    "limited: requests.memory=192Mi"
)


def going(name: str, left: int, memory: str = "64Mi") -> Json:
    made = pod(name, {"app": "web"})
    made["metadata"] |= {
        "deletionTimestamp": (NOW + timedelta(seconds=left)).isoformat(), "deletionGracePeriodSeconds": left + 5,
    }  # fmt: skip
    made["spec"]["containers"][0]["resources"] = {"requests": {"memory": memory}}
    return made


def said(message: str, *pods: Json, wanted: int = 1, hard: Json | None = None, used: Json | None = None) -> Finding:
    web = deployment("web", wanted, 0)
    web["status"] |= {"replicas": 0, "updatedReplicas": 0}
    web["status"]["conditions"] = [{"type": "ReplicaFailure", "status": "True", "message": message}]
    quota = thing("ResourceQuota", "team", status={"hard": hard or {"pods": "3"}, "used": used or {"pods": "3"}})
    (found,) = Reading(web, quota, *pods).see(lambda case: [*refused(case)], Ref("Deployment", "shop", "web"))
    return found


def test_the_place_of_a_pod_that_ends_is_the_one_that_is_missing() -> None:
    found = said(PODS, going("web-1", 20))
    assert (found.number, found.benign) == (125, True)
    assert found.clause.startswith("its pod `web-1`, deleted 5 s ago, still holds its place in the quota `team`")
    assert "(3 of 3 `pods` are used) and has until 12:00:20 UTC to end" in found.clause
    assert not found.plan.changes
    assert found.plan.alternatives[0].why.startswith("only if that is not enough: raise the quota")


@pytest.mark.parametrize(
    ("pods", "wanted"),
    [((), 1), ((going("web-1", 20),), 2), ((going("web-1", -2),), 1)],
    ids=["another holds it", "more are missing", "its time is over"],
)
def test_else_the_quota_is_too_small(pods: tuple[Json, ...], wanted: int) -> None:
    found = said(PODS, *pods, wanted=wanted)
    assert (found.number, found.benign, found.confidence) == (100, False, Confidence.SURE)


def test_one_that_may_take_long_is_a_fault_still() -> None:
    found = said(PODS, going("web-1", 600))
    assert (found.number, found.benign, found.confidence) == (100, False, Confidence.LIKELY)
    assert "still holds its place" in found.clause


@pytest.mark.parametrize(("memory", "benign"), [("64Mi", True), ("16Mi", False)])
def test_what_it_frees_must_be_enough(memory: str, benign: bool) -> None:
    hard, used = {"requests.memory": "192Mi"}, {"requests.memory": "160Mi"}
    assert said(MEMORY, going("web-1", 20, memory), hard=hard, used=used).benign is benign
