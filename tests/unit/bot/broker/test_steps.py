"""What the cluster's answers mean for a broker, in words that hold no value."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from bot.broker.steps import Steps, hushed
from commands.base.errors import Denied, NotFound, TesseraError, Unavailable
from explainers.kinds import CONFIG_MAP
from explainers.operations.apply import Create
from explainers.operations.base import Answer, Operation
from explainers.operations.reads import Get
from explainers.redaction import HIDDEN

CANARY = "c4n4ry/pass=1"
CREATE = Create(CONFIG_MAP, "shop", {"metadata": {"name": "web"}})


@dataclass
class Says:
    """A cluster with one answer to everything."""

    answer: Answer
    name: str = "says"
    default_namespace: str = "shop"

    def run(self, operation: Operation) -> Answer:
        return self.answer

    def read(self, operations: Sequence[Operation]) -> list[Answer]:
        return [self.answer for _ in operations]

    def watch(self, operation: Operation, seconds: float) -> Iterable[dict[str, object]]:
        return ()


def refusal(status: int, problem: str, body: Any = None, operation: Operation = CREATE) -> TesseraError:
    with pytest.raises(TesseraError) as refused:
        Steps(Says(Answer(status, body, problem))).hiding([CANARY]).send(operation)
    return refused.value


@pytest.mark.parametrize("status", [0, 429, 500, 503])
def test_what_may_be_tried_again(status: int) -> None:
    assert isinstance(refusal(status, "it is away"), Unavailable)


def test_what_is_there_not_there_or_taken_is_for_the_caller() -> None:
    for answer in (Answer(200, {}), Answer(409, {})):
        assert Steps(Says(answer)).send(CREATE) == answer
    assert Steps(Says(Answer(404))).send(Get(CONFIG_MAP, "shop", "web")).absent


def test_a_missing_right_is_named_with_the_lines_that_grant_it() -> None:
    said = 'configmaps is forbidden: User "system:serviceaccount:data:broker" cannot create resource "configmaps"'
    found = refusal(403, said)
    assert isinstance(found, Denied)
    assert "create configmaps in shop" in found.message
    assert "--serviceaccount=data:broker" in found.hint


def test_a_quota_is_no_missing_right() -> None:
    found = refusal(403, 'configmaps "web" is forbidden: exceeded quota: few')
    assert not isinstance(found, Denied)
    assert "exceeded quota" in found.message


def test_a_namespace_that_goes_or_is_not_there() -> None:
    body = {"details": {"causes": [{"reason": "NamespaceTerminating"}]}}
    assert "shop is being deleted" in refusal(403, "it is being terminated", body).message
    assert isinstance(refusal(404, 'namespaces "shop" not found'), NotFound)
    assert "does not know configmaps" in refusal(404, "404 page not found").message


def test_what_the_api_quotes_is_hidden() -> None:
    found = refusal(422, f'Invalid value: "{CANARY}": must be a number')
    assert CANARY not in found.message
    assert HIDDEN in found.message


def test_every_form_of_a_value_is_hidden() -> None:
    text = f"{CANARY} YzRuNHJ5L3Bhc3M9MQ== c4n4ry%2Fpass%3D1 kept"
    assert hushed(text, [CANARY, "", "a"]) == f"{HIDDEN} {HIDDEN} {HIDDEN} kept"
