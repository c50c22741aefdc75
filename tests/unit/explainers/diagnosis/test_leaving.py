"""Pods that should be gone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.facts import Facts
from explainers.diagnosis.rules.leaving import going, stuck
from explainers.diagnosis.rules.services import only_ended_pods
from explainers.kinds import Ref
from explainers.operations.base import Answer
from explainers.operations.reads import Get
from tests.unit.clusters import deployment, pod, thing
from tests.unit.explainers.diagnosis.reading import SERVICE, Reading, service, web_pod

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def case(overdue: float, **metadata: Any) -> Case:
    gone = (NOW - timedelta(seconds=overdue)).isoformat()
    pod = {"metadata": {"name": "web-0", "namespace": "shop", "deletionTimestamp": gone, **metadata}}
    facts = Facts(NOW)
    facts.learn(Get(kinds.POD, "shop", "web-0"), Answer(200, pod | {"spec": {"nodeName": "node-1"}}))
    return Case(facts, Ref("Pod", "shop", "web-0"))


def test_a_finalizer_that_nobody_takes_off() -> None:
    (found,) = stuck(case(300, finalizers=["example.com/backup"]))
    assert found.number == 77
    assert "example.com/backup" in found.clause
    assert "5 min" in found.clause
    assert [step.changes for step in found.plan.steps] == [False]
    assert found.plan.alternatives[0].changes


def test_a_node_that_does_not_answer() -> None:
    (found,) = stuck(case(300))
    assert "node-1" in found.clause


def test_a_pod_on_its_way_out_is_no_fault() -> None:
    assert list(stuck(case(-20))) == []
    assert list(stuck(case(5))) == []


@pytest.mark.parametrize(("kind", "benign"), [("StatefulSet", False), ("Deployment", True)])
def test_a_name_that_is_still_taken_keeps_the_next_pod_of_a_set_out(kind: str, benign: bool) -> None:
    made = deployment("web", 2, 1)
    made["kind"] = kind
    there, going = pod("web-0", {"app": "web"}), pod("web-1", {"app": "web"}, ready=False)
    going["metadata"] |= {"deletionTimestamp": "2026-01-02T11:50:00Z", "finalizers": ["example.com/backup"]}
    (found,) = Reading(made, there, going).see(lambda case: [*stuck(case)], Ref(kind, "shop", "web"))
    assert found.benign is benign


def test_a_pod_that_a_finalizer_holds_is_not_one_that_nobody_makes_anew() -> None:
    made, going = deployment("web", 1, 0), pod("web-0", {"app": "web"}, ready=False)
    made["kind"] = "StatefulSet"
    going["metadata"] |= {
        "deletionTimestamp": "2026-01-02T11:50:00Z", "finalizers": ["example.com/backup"],
        "ownerReferences": [{"kind": "StatefulSet", "name": "web", "controller": True}],
    }  # fmt: skip
    reading = Reading(made, going)
    found = reading.see(lambda case: [*stuck(case), *only_ended_pods(case)], Ref("StatefulSet", "shop", "web"))
    assert [one.number for one in found] == [77]


@pytest.mark.parametrize(
    ("mounted", "benign", "told"), [(True, False, "still mounts it"), (False, True, "about to go")]
)
def test_a_claim_that_was_just_deleted_is_not_simply_bound(mounted: bool, benign: bool, told: str) -> None:
    claim = thing("PersistentVolumeClaim", "data", status={"phase": "Bound"})
    claim["metadata"] |= {"deletionTimestamp": "2026-01-02T11:59:49Z", "finalizers": ["kubernetes.io/pvc-protection"]}
    user = pod("web-0", {"app": "web"})
    user["spec"]["volumes"] = [{"persistentVolumeClaim": {"claimName": "data"}}] if mounted else []
    found = Reading(claim, user).see(lambda case: [*going(case)], Ref("PersistentVolumeClaim", "shop", "data"))
    assert [one.benign for one in found] == [benign]
    assert told in found[0].clause


def test_a_pod_that_goes_with_its_deployment_may_still_run() -> None:
    going = web_pod(1, "old11")
    going["metadata"]["deletionTimestamp"] = "2026-01-02T12:00:40Z"
    (found,) = Reading(going, *service()).see(lambda case: [*only_ended_pods(case)], SERVICE)
    assert "is on its way out and nothing starts a new one" in found.clause
    assert found.clause.endswith("was deleted and has until 12:00:40 UTC to end")
    assert [step.operation.line() for step in found.plan.steps] == ["kubectl -n shop get deployment -o wide"]
    assert "whether `web`, which had it made, is among them" in found.plan.steps[0].why
