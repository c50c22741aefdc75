"""Claims that a StatefulSet makes: it makes a deleted one again as before, so that is no way to another class."""

import pytest

from explainers.diagnosis.plans.claims import recreate, with_one_writer
from explainers.diagnosis.views.claims import Claim
from explainers.kinds import Ref
from explainers.operations.base import Answer
from explainers.plan import Plan
from tests.unit.clusters import Json, deployment
from tests.unit.explainers.diagnosis.reading import Reading

OBJECT: Json = {"spec": {"accessModes": ["ReadWriteMany"], "storageClassName": "fast"}, "status": {"phase": "Pending"}}


def plans(by_template: bool) -> list[Plan]:
    made = deployment("queue", 1, 0)
    made["kind"] = "StatefulSet"
    claim = Claim("data-queue-0", "data", Answer(200, OBJECT), by_template)
    reading, target = Reading(made), Ref("StatefulSet", "shop", "queue")
    return [
        reading.see(lambda case: recreate(case, claim, "local-path"), target),
        reading.see(lambda case: with_one_writer(case, claim), target),
    ]


@pytest.mark.parametrize("plan", plans(by_template=True))
def test_a_claim_that_is_made_again_as_before_is_not_deleted(plan: Plan) -> None:
    assert not plan.changes
    assert plan.steps[0].operation.line().startswith("kubectl -n shop get statefulset queue")


@pytest.mark.parametrize(("name", "kind"), [("data-queue-0", "statefulset"), ("data-queue", ""), ("data-other-0", "")])
def test_a_claim_that_is_asked_about_may_be_one_of_a_set(name: str, kind: str) -> None:
    made = deployment("queue", 1, 0)
    made |= {"kind": "StatefulSet", "spec": made["spec"] | {"volumeClaimTemplates": [{"metadata": {"name": "data"}}]}}
    claim, target = Claim(name, "", Answer(200, OBJECT)), Ref("PersistentVolumeClaim", "shop", name)
    plan = Reading(made).see(lambda case: recreate(case, claim, "local-path"), target)
    assert plan.changes is not bool(kind)


@pytest.mark.parametrize("plan", plans(by_template=False))
def test_a_claim_of_its_own_is(plan: Plan) -> None:
    assert [step.operation.line().split()[3] for step in plan.steps] == ["delete", "apply"]
