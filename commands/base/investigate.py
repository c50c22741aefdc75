"""Drive a question to its answer: read what it asks for, wave by wave, until it has all it needs."""

from collections.abc import Callable
from typing import TypeVar

from commands.base.errors import Unavailable
from commands.base.login import check_login
from commands.base.ports import Cluster, Progress, silent
from explainers.diagnosis.facts import Facts, Missing, Question
from explainers.operations.base import Answer, Operation

T = TypeVar("T")
WAVES = 40
"""More than any path is deep; a rule that keeps asking for new facts is a defect, not a loop for ever."""

Ask = Callable[[Question], Answer]


def investigate(
    question: Callable[[Facts], T], facts: Facts, cluster: Cluster, ask: Ask, progress: Progress = silent
) -> T:
    """The question's answer; `ask` answers live probes. Raises Unavailable when the cluster does not answer."""
    for _ in range(WAVES):
        try:
            return question(facts)
        except Missing:
            _read(facts, cluster, ask, progress)
    raise Unavailable("The diagnosis did not come to an end.")


def _read(facts: Facts, cluster: Cluster, ask: Ask, progress: Progress) -> None:
    wanted = facts.take_wanted()
    operations = [fact for fact in wanted if isinstance(fact, Operation)]
    if operations:
        progress(f"reading {_summary(operations)}")
    answers = cluster.read(operations) if operations else []
    for operation, answer in zip(operations, answers, strict=True):
        facts.learn(operation, answer)
    if operations and all(answer.status == 0 for answer in answers):
        raise Unavailable(
            answers[0].problem or "The cluster's API did not answer.",
            "check the connection to the cluster, then ask again",
        )
    check_login(cluster.name, [answer for fact, answer in facts.answers.items() if isinstance(fact, Operation)])
    for fact in wanted:
        if isinstance(fact, Question):
            progress(f"probing: {fact.line()}")
            facts.learn(fact, ask(fact))


def _summary(operations: list[Operation]) -> str:
    resources = dict.fromkeys(operation.permission().resource.split(".")[0] for operation in operations)
    return ", ".join(resources)
