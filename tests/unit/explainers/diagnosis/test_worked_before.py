"""Containers that worked on the revision of now before they began to end: that change is not why."""

from typing import Any

import pytest

from tests.unit.clusters import Json
from tests.unit.explainers.diagnosis.test_going_back import ask, made_of, revision, template, workload

MADE = "11:40:00"
OLD, NEW = template(tag="b"), template([{"name": "LEVEL", "value": "info"}], tag="c")
FATAL = "FATAL: out of ideas\n"


def verdict(runs: tuple[str, str], restarts: int, since: str = "", through: str = "11:40:05", log: str = FATAL) -> Any:
    """What is said of `web`, whose last run ended was from and until these times; it runs again since then, or waits.
    Its rollout was through at that time, if ever."""
    begun, done = (f"2026-01-02T{time}Z" for time in runs)
    state: Json = {"running": {"startedAt": f"2026-01-02T{since}Z"}} if since else {
        "waiting": {"reason": "CrashLoopBackOff"}
    }  # fmt: skip
    ended = {"exitCode": 1, "reason": "Error", "startedAt": begun, "finishedAt": done}
    one = made_of("c", MADE, NEW, bool(since), restartCount=restarts, state=state, lastState={"terminated": ended})
    for condition in one["status"]["conditions"]:
        condition["lastTransitionTime"] = f"2026-01-02T{since or runs[1]}Z"
    web = workload(3, NEW, int(bool(since)))
    if through:
        came = {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}
        web["status"]["conditions"] = [{**came, "lastUpdateTime": f"2026-01-02T{through}Z"}]
    sets = revision(2, "b", "11:00:00", 0, OLD), revision(3, "c", MADE, int(bool(since)), NEW)
    return ask(web, one, *sets, logs=log)


def blames(said: Any) -> bool:
    first = said["plan"][0]["kubectl"].startswith("kubectl -n shop rollout undo deployment/web --to-revision=2")
    told = any("revision 3" in row["text"] for row in said["evidence"])
    assert first == told
    return bool(first)


@pytest.mark.parametrize(
    ("told", "runs", "restarts", "through", "blamed"),
    [
        ("a first run of a quarter of an hour", ("11:59:00", "11:59:50"), 3, "11:40:05", False),
        ("the same, and the rollout has never come through", ("11:59:00", "11:59:50"), 3, "", True),
        ("all runs are alike", ("11:44:00", "11:44:50"), 3, "11:40:05", True),
        ("the last run was much the longest", ("11:41:30", "11:59:50"), 1, "11:40:05", False),
        ("the only run was short", ("11:40:02", "11:40:50"), 0, "11:40:05", True),
    ],
)
def test_a_change_with_which_it_worked_is_not_blamed(
    told: str, runs: tuple[str, str], restarts: int, through: str, blamed: bool
) -> None:
    assert blames(verdict(runs, restarts, through=through)) is blamed, told


def test_one_that_worked_before_and_runs_again_is_no_sure_fault() -> None:
    said = verdict(("11:57:00", "11:59:00"), 3, since="11:59:20")
    assert not blames(said)
    assert said["cause"]["confidence"] == "likely"
    assert "crashes with exit code 1: FATAL: out of ideas (3 restarts); it runs again, for 40 s" in said["headline"]


def test_what_it_has_got_over_is_past() -> None:
    said = verdict(("11:58:00", "11:58:30"), 3, since="11:58:50")
    assert "crashed with exit code 1: FATAL: out of ideas (3 restarts, the last 90 s ago)" in said["headline"]
    assert "it runs again, for 70 s" in said["headline"]
    assert said["cause"]["confidence"] == "likely"
    assert said["cause"]["since"] is None, "not since the rollout: it worked after that"
