"""Whoever is not known to the cluster lacks a login, not a right."""

from dataclasses import replace

import pytest

from commands.base.errors import Unavailable
from commands.base.login import check_login
from explainers.operations.base import Answer
from tests.unit.bot.sandbox.clusters import Bench, empty_bench
from tests.unit.sandboxed import Desk

UNKNOWN = Answer(401, problem="The cluster does not accept the credentials (401): log in again or renew them.")
ANONYMOUS = Answer(403, problem='pods is forbidden: User "system:anonymous" cannot list resource "pods"')
REFUSED = replace(ANONYMOUS, problem='pods is forbidden: User "ada" cannot list resource "pods"')


@pytest.fixture(scope="module")
def bench() -> Bench:
    return empty_bench()


@pytest.mark.parametrize("line", ["diagnose web", "events web", "services", "scale web 2"])
@pytest.mark.parametrize(("answer", "said"), [(UNKNOWN, "does not know who asks"), (ANONYMOUS, "No login was sent")])
def test_no_right_is_asked_for(bench: Bench, line: str, answer: Answer, said: str) -> None:
    desk = Desk(bench)
    desk.cluster.broken = answer
    with pytest.raises(Unavailable, match=said) as caught:
        desk.types(line)
    assert "login" in f"{caught.value.message} {caught.value.hint}"
    assert "grant" not in caught.value.hint


@pytest.mark.parametrize("answers", [[REFUSED], [UNKNOWN, Answer(200, {})], [UNKNOWN, Answer(404)], []])
def test_who_is_known_is_not_told_to_log_in(answers: list[Answer]) -> None:
    check_login("test", answers)
