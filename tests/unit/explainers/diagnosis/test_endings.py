"""Containers that end: what counts as trouble now, and what is history."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from explainers.diagnosis.case import Case
from explainers.diagnosis.facts import Facts
from explainers.diagnosis.plans.remedies import twice
from explainers.diagnosis.views.endings import coded, in_trouble, meaning, unsettled
from explainers.diagnosis.views.pods import Pod
from explainers.kinds import Ref

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CASE = Case(Facts(NOW), Ref("Deployment", "shop", "web"))


def at(seconds_ago: float) -> str:
    return (NOW - timedelta(seconds=seconds_ago)).isoformat()


def pod(status: dict[str, Any], **spec: Any) -> Pod:
    status = {"name": "app", **status}
    return Pod({"spec": {"containers": [{"name": "app"}], **spec}, "status": {"containerStatuses": [status]}})


def running(now_for: float, ran: float, ended: float, restarts: int = 1, reason: str = "Error") -> Pod:
    last = {"exitCode": 1, "reason": reason, "startedAt": at(ended + ran), "finishedAt": at(ended)}
    state = {"running": {"startedAt": at(now_for)}}
    return pod({"restartCount": restarts, "state": state, "lastState": {"terminated": last}})


@pytest.mark.parametrize(
    ("told", "made", "restless"),
    [
        ("between two crashes", running(now_for=5, ran=12, ended=20), True),
        ("slow crashes, one after another", running(now_for=200, ran=240, ended=210), True),
        ("restarted long ago", running(now_for=7200, ran=30, ended=7210), False),
        ("got over its first crash", running(now_for=90, ran=4, ended=100), False),
        ("could not start a minute ago", running(now_for=10, ran=1e9, ended=20, reason="StartError"), True),
        ("restarted with its node", running(now_for=5, ran=12, ended=20, reason="Unknown"), False),
        ("never restarted", running(now_for=5, ran=1, ended=6, restarts=0), False),
    ],
)
def test_a_loop_between_two_crashes_looks_running(told: str, made: Pod, restless: bool) -> None:
    assert unsettled(CASE, made.main_containers[0]) is restless, told


def test_what_ends_is_trouble_where_it_is_started_again() -> None:
    done = {"restartCount": 0, "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}
    assert in_trouble(CASE, pod(done).main_containers[0])
    assert not in_trouble(CASE, pod(done, restartPolicy="Never").main_containers[0])


def test_exit_codes_in_words() -> None:
    assert meaning({"exitCode": 139}) == "exit code 139: SIGSEGV, invalid memory access"
    assert meaning({"exitCode": 137, "reason": "OOMKilled"}) == "exit code 137, OOMKilled: over its memory limit"
    assert meaning({"exitCode": 3}) == "exit code 3"
    assert meaning({"exitCode": 255}) == "exit code 255"
    assert meaning({"exitCode": None, "reason": 5}) == "exit code 0: ended without an error"
    assert meaning({"exitCode": 128}) == "exit code 128"  # a program's own: git says so of every fatal error
    assert "could not start" in meaning({"exitCode": 128, "reason": "StartError"})
    assert "library" in meaning({"exitCode": 127})
    assert "its node" in meaning({"exitCode": 255, "reason": "Unknown"})
    assert "its node" in meaning({"exitCode": 137, "reason": "ContainerStatusUnknown"})


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (1, "exit code 1"),
        (126, "exit code 126 (a command that may not be executed)"),
        (132, "exit code 132 (SIGILL, an instruction that this CPU lacks)"),
        (134, "exit code 134 (SIGABRT, the program aborted itself)"),
        (136, "exit code 136 (SIGFPE, arithmetic error)"),
        (139, "exit code 139 (SIGSEGV, invalid memory access)"),
        (143, "exit code 143 (SIGTERM, asked to stop)"),
        (159, "exit code 159 (SIGSYS, a system call that its seccomp profile forbids)"),
        (255, "exit code 255"),
    ],
)
def test_exit_codes_in_the_middle_of_a_sentence(code: int, said: str) -> None:
    assert coded(code) == said


@pytest.mark.parametrize(
    ("quantity", "double"),
    [("32Mi", "64Mi"), ("1Gi", "2Gi"), ("0.5Gi", "1Gi"), ("128974848", "257949696"), ("", ""), ("lots", ""), (".", "")],
)
def test_twice_a_quantity(quantity: str, double: str) -> None:
    assert twice(quantity) == double
