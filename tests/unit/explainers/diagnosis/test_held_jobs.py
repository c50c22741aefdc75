"""Jobs that make no pods because one of their own fields says so."""

import pytest

from explainers.diagnosis.model import Confidence, Finding
from explainers.diagnosis.rules.jobs import job_waits
from explainers.kinds import Ref
from tests.unit.clusters import Json, thing
from tests.unit.explainers.diagnosis.reading import Reading
from tests.unit.explainers.diagnosis.test_runs_that_fail import DONE

LOAD, SYNC = Ref("Job", "shop", "load"), Ref("CronJob", "shop", "sync")
KUEUE = "kueue.example.com/x"


def job(spec: Json, status: Json, name: str = "load") -> Json:
    template = {"spec": {"containers": [{"name": "load", "image": "load:1"}]}}
    made = thing("Job", name, spec={"parallelism": 1, "template": template, **spec}, status=status)
    made["metadata"]["creationTimestamp"] = "2026-01-02T11:50:00Z"
    return made


def told(spec: Json, status: Json) -> list[Finding]:
    return Reading(job(spec, status)).see(lambda case: [*job_waits(case)], LOAD)


def of_schedule(spec: Json) -> Finding:
    run = job(spec, {}, "sync-1")
    run["metadata"]["ownerReferences"] = [{"kind": "CronJob", "name": "sync", "uid": "uid-CronJob-sync"}]
    cron = thing("CronJob", "sync", spec={"schedule": "* * * * *", "jobTemplate": {"spec": spec}}, status={})
    (one,) = Reading(cron, run).see(lambda case: [*job_waits(case)], SYNC)
    return one


def test_none_at_a_time_is_raised_to_one() -> None:
    (one,) = told({"parallelism": 0}, {"startTime": "2026-01-02T11:50:00Z"})
    assert (one.number, one.confidence, one.benign) == (120, Confidence.LIKELY, False)
    assert one.clause == "it has `spec.parallelism: 0`, so it runs nothing until that is raised"
    (step,) = one.plan.steps
    assert '{"spec":{"parallelism":1}}' in step.operation.line()


@pytest.mark.parametrize(
    ("spec", "status"),
    [
        ({}, {}),
        ({"parallelism": 0}, {"conditions": DONE}),
        ({"parallelism": 0}, {"active": 1}),
        ({"managedBy": KUEUE}, {"startTime": "2026-01-02T11:50:00Z"}),
        ({"managedBy": "kubernetes.io/job-controller"}, {}),
    ],
)
def test_one_that_ends_or_is_under_way_is_not_held(spec: Json, status: Json) -> None:
    assert not told(spec, status)


def test_one_that_is_suspended_too_only_says_so() -> None:
    (one,) = told({"parallelism": 0, "suspend": True}, {})
    assert "spec.suspend" in one.clause


def test_one_that_no_controller_takes_up() -> None:
    (one,) = told({"managedBy": KUEUE}, {})
    assert (one.number, one.confidence) == (119, Confidence.LIKELY)
    assert f"left to the controller `{KUEUE}`" in one.clause
    assert not one.plan.changes
    remove, make = one.plan.alternatives
    assert remove.operation.line().endswith("delete job load")
    assert "managedBy" not in make.operation.line()


@pytest.mark.parametrize("spec", [{"parallelism": 0}, {"managedBy": KUEUE}])
def test_of_a_schedule_its_template_is_corrected(spec: Json) -> None:
    one = of_schedule(spec)
    assert "its run `sync-1`" in one.clause
    step = next(each for each in (*one.plan.steps, *one.plan.alternatives) if each.changes)
    assert "patch cronjob/sync" in step.operation.line()
    assert '"jobTemplate"' in step.operation.line()


def born(labels: Json, status: Json, made: str = "11:50:00") -> list[Finding]:
    run = job({"suspend": True}, {"conditions": [{"type": "Suspended", "status": "True"}]}, "sync-1")
    run["metadata"]["creationTimestamp"] = f"2026-01-02T{made}Z"
    run["metadata"]["ownerReferences"] = [{"kind": "CronJob", "name": "sync", "uid": "uid-CronJob-sync"}]
    template = {"metadata": {"labels": labels}, "spec": {"suspend": True}}
    cron = thing("CronJob", "sync", spec={"schedule": "* * * * *", "jobTemplate": template}, status=status)
    return Reading(cron, run).see(lambda case: [*job_waits(case)], SYNC)


def test_runs_that_are_made_suspended_are_let_go() -> None:
    (one,) = born({}, {})
    assert (one.number, one.confidence, one.benign) == (120, Confidence.LIKELY, False)
    assert "each of its runs is made suspended (`spec.jobTemplate.spec.suspend: true`)" in one.clause
    runs, this = (step.operation.line() for step in one.plan.steps)
    assert "patch cronjob/sync" in runs
    assert '{"spec":{"jobTemplate":{"spec":{"suspend":false}}}}' in runs
    assert "patch job/sync-1" in this


def test_those_of_a_queue_are_asked_after_first() -> None:
    (one,) = born({"kueue.x-k8s.io/queue-name": "night"}, {})
    assert "a queue is to resume it" in one.clause
    assert not one.plan.changes


@pytest.mark.parametrize(
    ("status", "made"), [({"lastSuccessfulTime": "2026-01-02T11:00:00Z"}, "11:50:00"), ({}, "11:59:50")]
)
def test_those_that_somebody_resumes_are_well(status: Json, made: str) -> None:
    assert not born({}, status, made)
