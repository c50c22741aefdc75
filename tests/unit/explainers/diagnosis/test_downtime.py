"""Since when a pod is not well whose containers end again and again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from explainers.diagnosis.case import Case
from explainers.diagnosis.facts import Facts
from explainers.diagnosis.views.downtime import down_since
from explainers.diagnosis.views.pods import Pod
from explainers.kinds import Ref

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CASE = Case(Facts(NOW), Ref("Deployment", "shop", "web"))


def at(seconds_ago: float) -> str:
    return (NOW - timedelta(seconds=seconds_ago)).isoformat()


def pod(born: float, flipped: float, restarts: int, ran: float, ended: float, back_off: str = "", **spec: Any) -> Pod:
    """A pod of that age whose only container waits to be started again, all in seconds before now."""
    last = {"exitCode": 1, "reason": "Error", "startedAt": at(ended + ran), "finishedAt": at(ended)}
    message = f"back-off {back_off} restarting failed container=app pod=web" if back_off else ""
    state = {"waiting": {"reason": "CrashLoopBackOff", "message": message}}
    status = {"name": "app", "restartCount": restarts, "state": state, "lastState": {"terminated": last}}
    ready = {"type": "Ready", "status": "False", "lastTransitionTime": at(flipped)}
    return Pod({
        "metadata": {"creationTimestamp": at(born)},
        "spec": {"containers": [{"name": "app", **spec}]},
        "status": {"startTime": at(born), "conditions": [ready], "containerStatuses": [status]},
    })  # fmt: skip


@pytest.mark.parametrize(
    ("told", "made", "began"),
    [
        ("ended all along", pod(256, 34, 6, 0, 34, "5m0s"), 256),
        ("ended all along, on a node that waits a minute at most", pod(318, 30, 7, 0, 30, "1m0s"), 318),
        ("ended all along, and the kubelet does not say how long it waits", pod(850, 12, 15, 0, 12), 850),
        ("never ready since it was made", pod(86400, 86398, 9, 1, 30, "5m0s"), 86398),
        ("ran for a day, then ended twice", pod(86400, 40, 1, 3, 20, "10s"), 40),
        ("ran for a day, then ended often", pod(86400, 40, 5, 3, 40, "2m40s"), None),
        ("ran for a day and ended", pod(86400, 5, 1, 86000, 5), 5),
        ("is not ready for its probe through the last run", pod(86400, 300, 4, 20, 30, readinessProbe={"x": 1}), 300),
        ("turned with a short run", pod(86400, 300, 4, 20, 30), None),
    ],
)
def test_a_crash_loop_is_no_younger_than_its_crashes(told: str, made: Pod, began: float | None) -> None:
    assert down_since(CASE, made) == (None if began is None else NOW - timedelta(seconds=began)), told


def test_without_restarts_the_condition_tells() -> None:
    assert down_since(CASE, pod(86400, 7, 0, 3, 7)) == NOW - timedelta(seconds=7)
