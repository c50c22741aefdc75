"""A plan's hash covers everything that will be sent and what would take it back, and nothing else."""

from dataclasses import replace

import pytest

from explainers.kinds import DEPLOYMENT, POD
from explainers.operations.base import Operation
from explainers.operations.config import CreateConfigMap, CreateSecret
from explainers.operations.pods import Delete
from explainers.operations.reads import Get, List
from explainers.operations.workloads import Scale, SetImage
from explainers.plan import Plan, Step, plan

SCALE = Scale(DEPLOYMENT, "shop", "web", 2, was=1)
LOOK = Get(DEPLOYMENT, "shop", "web")


def hash_of(*operations: Operation) -> str:
    return plan(*(Step(operation, "why") for operation in operations)).hash


def test_the_same_steps_have_the_same_hash() -> None:
    assert hash_of(SCALE, LOOK) == hash_of(replace(SCALE), replace(LOOK))
    assert len(hash_of(SCALE)) == 64


@pytest.mark.parametrize(
    "other",
    [
        replace(SCALE, replicas=3),
        replace(SCALE, name="api"),
        replace(SCALE, namespace="other"),
        SetImage(DEPLOYMENT, "shop", "web", "main", "nginx"),
        Delete(DEPLOYMENT, "shop", "web"),
    ],
)
def test_another_request_has_another_hash(other: Operation) -> None:
    assert hash_of(SCALE) != hash_of(other)


def test_values_that_are_not_shown_are_covered() -> None:
    one, two = (CreateSecret("shop", "pg", (("PASSWORD", value),)) for value in ("a", "b"))
    assert one.line() == two.line()
    assert hash_of(one) != hash_of(two)


def test_order_and_number_matter() -> None:
    assert hash_of(SCALE, LOOK) != hash_of(LOOK, SCALE)
    assert hash_of(SCALE) != hash_of(SCALE, SCALE)
    assert hash_of() != hash_of(SCALE)
    assert hash_of(List(POD, "shop", labels="a=b")) != hash_of(List(POD, "shop"))


def test_words_and_alternatives_are_not_sent() -> None:
    bare = plan(Step(SCALE, "why"))
    told = plan(Step(SCALE, "because", "two pods"), alternatives=[Step(LOOK, "look")])
    assert bare.hash == told.hash


def test_a_yes_to_one_way_back_is_none_to_another() -> None:
    assert hash_of(SCALE) != hash_of(replace(SCALE, was=5))


def test_reversible_says_how() -> None:
    assert Step(LOOK, "why").reversible == "reads"
    assert Step(Delete(POD, "shop", "web-1"), "why").reversible == "irreversible"
    assert Step(SCALE, "why").reversible == "kubectl -n shop scale deployment/web --replicas=1"


def test_a_plan_changes_when_one_step_does() -> None:
    assert not Plan()
    assert not plan(Step(LOOK, "why")).changes
    assert plan(Step(LOOK, "why"), Step(CreateConfigMap("shop", "web"), "why")).changes
