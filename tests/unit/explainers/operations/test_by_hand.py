"""What holds for every line that people run themselves: shown, quotable, never sent, proven on a real cluster."""

import shlex

import pytest

from commands.base.change import sendable
from explainers.operations.base import Operation
from explainers.operations.byhand import ByHand, EnvFromSecret
from explainers.plan import Step, plan
from tests.contract.test_by_hand import CASES

MADE = {name: make("shop") for name, (make, _) in CASES.items()}


def test_each_is_proven_on_a_real_cluster() -> None:
    assert {type(one) for one in MADE.values()} == set(ByHand.__subclasses__())


@pytest.mark.parametrize("name", MADE)
def test_it_is_shown_and_never_sent(name: str) -> None:
    step = MADE[name]
    assert shlex.split(step.line()) == step.kubectl()
    assert step.kubectl()[:3] == ["kubectl", "-n", "shop"]
    assert not isinstance(step, Operation)
    assert step.changes == isinstance(step, EnvFromSecret)
    assert step.sent() == []
    assert hash(step) == hash(CASES[name][0]("shop"))


def test_a_plan_of_such_lines_has_nothing_to_send() -> None:
    assert sendable(plan(*(Step(one, "look") for one in MADE.values()))) == []
