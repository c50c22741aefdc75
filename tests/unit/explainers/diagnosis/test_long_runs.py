"""Runs that forbid the next one, and schedules that are suspended: on purpose, or not."""

from datetime import timedelta

import pytest

from explainers.diagnosis.logs.progress import at_work
from explainers.diagnosis.logs.stamps import Stamped
from explainers.diagnosis.model import Confidence, Finding
from explainers.diagnosis.rules.jobs import cron_job_rests
from explainers.diagnosis.rules.long_runs import piling_up
from explainers.diagnosis.rules.past_tries import overcome
from explainers.kinds import Ref
from tests.unit.clusters import NOW, Json, pod, thing
from tests.unit.explainers.diagnosis.reading import Reading
from tests.unit.explainers.diagnosis.test_runs_that_fail import DONE, ended, job

SYNC = Ref("CronJob", "shop", "sync")
OF_SYNC = [{"kind": "CronJob", "name": "sync", "uid": "uid-CronJob-sync", "controller": True}]
CHUNKS = [f"INFO chunk {n} of 200" for n in range(9)]
WAITS = ["waiting for lock stock.lock"]
SAME = ["asking once more"] * 9
FAILS = [f"ERROR chunk {n} failed" for n in range(9)]


def log(lines: list[str], last: int = 2, apart: int = 5) -> str:
    """A log whose last line was written so many seconds ago, the others before."""
    ages = [last + apart * back for back in range(len(lines))][::-1]
    return "".join(
        f"{NOW - timedelta(seconds=age):%Y-%m-%dT%H:%M:%S.000000000Z} {line}\n"
        for age, line in zip(ages, lines, strict=True)
    )


def run(lines: str, began: str = "11:58:00", earlier: int = 0, phase: str = "Running") -> Finding:
    """What is said of a CronJob whose run goes on, and whose last run took so many seconds."""
    spec = {"schedule": "* * * * *", "concurrencyPolicy": "Forbid", "jobTemplate": {}}
    cron = thing("CronJob", "sync", spec=spec, status={"lastScheduleTime": "2026-01-02T11:58:00Z"})
    now, one = job("sync-2", began, {"active": 1}), pod("sync-2-1", {"run": "sync-2"})
    one["metadata"]["ownerReferences"] = [{"kind": "Job", "name": "sync-2", "controller": True}]
    one["status"]["phase"] = phase
    ends = f"{NOW - timedelta(hours=1) + timedelta(seconds=earlier):%Y-%m-%dT%H:%M:%SZ}"
    before = [job("sync-1", "11:00:00", {"conditions": DONE, "completionTime": ends})] if earlier else []
    for each in (now, *before):
        each["metadata"]["ownerReferences"] = OF_SYNC
    about = {"kind": "CronJob", "name": "sync", "namespace": "shop"}
    event = thing("Event", "sync.1", reason="JobAlreadyActive", message="not starting", involvedObject=about)
    event["lastTimestamp"] = "2026-01-02T11:59:58Z"
    reading = Reading(cron, now, one, *before, event, logs={"shop/sync-2-1/app": lines})
    (found,) = reading.see(lambda case: [*cron_job_rests(case)], SYNC)
    return found


@pytest.mark.parametrize(
    ("lines", "began", "earlier", "benign"),
    [
        (log(CHUNKS), "11:48:00", 0, True),
        (log(CHUNKS), "11:58:00", 80, True),
        (log(WAITS), "11:58:00", 80, True),
        (log(WAITS, last=90), "11:48:00", 0, False),
        (log(SAME), "11:48:00", 0, False),
        (log(FAILS), "11:48:00", 0, False),
        (log(CHUNKS, last=200), "11:48:00", 0, False),
        (log(CHUNKS), "11:30:00", 80, False),
        ("", "11:48:00", 0, False),
    ],
)
def test_a_run_at_work_is_no_fault(lines: str, began: str, earlier: int, benign: bool) -> None:
    found = run(lines, began, earlier)
    assert found.benign is benign
    assert bool([step for step in found.plan.steps if step.changes]) is not benign


def test_a_run_that_is_surely_not_at_work() -> None:
    assert run(log(CHUNKS), phase="Pending", earlier=80).benign is False
    assert run(log(CHUNKS), "11:30:00", 80).confidence is Confidence.LIKELY
    assert run(log(WAITS, last=90), "11:48:00").confidence is Confidence.SURE


def test_without_times_nothing_is_known_of_progress() -> None:
    assert not at_work(Stamped("\n".join(CHUNKS)), NOW)


@pytest.mark.parametrize(
    ("note", "generation", "status", "benign", "sure"),
    [
        ({"note": "suspended on purpose until January"}, 1, {}, True, Confidence.SURE),
        ({"owner": "team-a"}, 1, {}, False, Confidence.LIKELY),
        ({"note": "suspended on purpose"}, 2, {"lastScheduleTime": "2026-01-02T03:00:00Z"}, False, Confidence.SURE),
        ({}, 1, {"lastSuccessfulTime": "2026-01-02T03:00:00Z"}, False, Confidence.SURE),
    ],
)
def test_a_schedule_that_was_made_suspended(
    note: Json, generation: int, status: Json, benign: bool, sure: Confidence
) -> None:
    cron = thing("CronJob", "sync", spec={"schedule": "0 3 * * *", "suspend": True, "jobTemplate": {}}, status=status)
    cron["metadata"] |= {"annotations": note, "generation": generation}
    (found,) = Reading(cron).see(lambda case: [*cron_job_rests(case)], SYNC)
    assert (found.benign, found.confidence) == (benign, sure)
    assert ("on purpose until January" in found.clause) is benign
    assert bool(found.plan.steps) is not benign


@pytest.mark.parametrize("done", [True, False])
def test_a_try_that_failed_is_history_once_its_job_has_completed(done: bool) -> None:
    made = job("load", "11:58:00", {"failed": 1, "conditions": DONE if done else []})
    reading = Reading(made, ended("load"), logs={"shop/load-1/app": "FATAL no such table"})
    found = reading.see(lambda case: [*overcome(case)], Ref("Pod", "shop", "load-1"))
    assert [("exit code 2: FATAL no such table" in one.clause, one.benign) for one in found] == [(True, True)] * done


def piled(lines: str, count: int, won: str = "", policy: str = "Allow", earlier: int = 0) -> list[Finding]:
    """What is said of so many runs that go on at once, a minute apart, the last begun a minute ago."""
    starts = [f"11:{60 - back:02}:00" for back in range(count, 0, -1)]
    going = [job(f"sync-{at}", start, {"active": 1}) for at, start in enumerate(starts)]
    status: Json = {"active": [{"kind": "Job", "name": f"sync-{at}"} for at in range(count)]}
    status |= {"lastSuccessfulTime": f"2026-01-02T{won}Z"} if won else {}
    cron = thing("CronJob", "sync", spec={"schedule": "* * * * *", "concurrencyPolicy": policy}, status=status)
    done = {"conditions": DONE, "completionTime": f"{NOW - timedelta(hours=1) + timedelta(seconds=earlier):%FT%TZ}"}
    before = [job("sync-before", "11:00:00", done)] if earlier else []
    pods = [pod(f"sync-{at}-1", {"run": f"sync-{at}"}) for at in range(count)]
    for each in (*going, *before):
        each["metadata"]["ownerReferences"] = OF_SYNC
    logs = {f"shop/sync-{at}-1/app": lines for at in range(count)}
    return Reading(cron, *going, *before, *pods, logs=logs).see(lambda case: [*piling_up(case)], SYNC)


def test_runs_that_never_end_pile_up() -> None:
    (one,) = piled(log(WAITS, last=400), 7)
    assert (one.number, one.benign, one.confidence) == (120, False, Confidence.LIKELY)
    assert "7 of its runs go on at once, the oldest for 7 min, and none has ever ended well" in one.clause
    assert one.clause.endswith("its log ends with: waiting for lock stock.lock")
    look, only, end = one.plan.steps
    assert '"Forbid"' in only.operation.line()
    assert (look.changes, end.operation.line().endswith("delete job sync-0")) == (False, True)


def test_runs_that_take_far_longer_than_those_before_surely_hang() -> None:
    (one,) = piled(log(CHUNKS), 7, won="11:01:00", earlier=60)
    assert (one.benign, one.confidence) == (False, Confidence.SURE)
    assert "the last success is 59 min ago" in one.clause


@pytest.mark.parametrize(
    ("count", "won", "policy", "earlier"),
    [
        (2, "", "Allow", 0),
        (4, "", "Allow", 0),
        (7, "11:59:00", "Allow", 0),
        (7, "11:05:00", "Allow", 300),
        (7, "", "Replace", 0),
    ],
)
def test_runs_that_overlap_are_no_fault(count: int, won: str, policy: str, earlier: int) -> None:
    assert not piled(log(WAITS, last=100), count, won, policy, earlier)


def test_runs_that_tell_of_their_work_are_no_fault() -> None:
    (one,) = piled(log(CHUNKS), 7)
    assert (one.benign, one.plan.steps) == (True, ())
