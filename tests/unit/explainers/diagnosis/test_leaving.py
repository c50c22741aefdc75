"""Pods that should be gone."""

from datetime import UTC, datetime, timedelta
from typing import Any

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.facts import Facts
from explainers.diagnosis.rules.leaving import stuck
from explainers.kinds import Ref
from explainers.operations.base import Answer
from explainers.operations.reads import Get

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
