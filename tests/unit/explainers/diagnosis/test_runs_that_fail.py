"""Runs that failed: with tries left, of a CronJob, and what was changed since the last that succeeded."""

import pytest

from explainers.diagnosis.model import Finding
from explainers.diagnosis.rules.jobs import failed
from explainers.kinds import Ref
from tests.unit.clusters import Json, pod, thing
from tests.unit.explainers.diagnosis.reading import Reading

OVER = [
    {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "lastTransitionTime": "2026-01-02T11:59:30Z"}
]
DONE = [{"type": "Complete", "status": "True"}]


def job(name: str, at: str, status: Json, most: int = 4) -> Json:
    env = [{"name": "MODE", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "mode"}}}]
    template = {"spec": {"containers": [{"name": "app", "image": "app:1", "env": env}]}}
    spec = {"selector": {"matchLabels": {"run": name}}, "backoffLimit": most, "template": template}
    made = thing("Job", name, spec=spec, status={"startTime": f"2026-01-02T{at}Z", **status})
    made["metadata"]["creationTimestamp"] = f"2026-01-02T{at}Z"
    return made


def ended(of: str) -> Json:
    one = pod(f"{of}-1", {"run": of}, ready=False)
    one["metadata"] |= {
        "ownerReferences": [{"kind": "Job", "name": of, "controller": True}],
        "creationTimestamp": "2026-01-02T11:59:00Z",
    }
    end = {"terminated": {"exitCode": 2, "reason": "Error", "finishedAt": "2026-01-02T11:59:20Z"}}
    one["status"]["phase"] = "Failed"
    one["status"]["containerStatuses"] = [{"name": "app", "ready": False, "restartCount": 0, "state": end}]
    return one


def seen(target: Ref, *objects: Json) -> Finding:
    reading = Reading(*objects, logs={f"shop/{target.name}-1/app": "unknown mode", "shop/sync-2-1/app": "unknown mode"})
    (one,) = reading.see(lambda case: [*failed(case)], target)
    return one


@pytest.mark.parametrize(("tries", "most", "benign"), [(1, 4, True), (2, 4, False), (1, 0, False)])
def test_no_job_is_deleted_while_tries_are_left(tries: int, most: int, benign: bool) -> None:
    one = seen(Ref("Job", "shop", "load"), job("load", "11:58:00", {"failed": tries}, most), ended("load"))
    assert one.benign is benign
    assert not one.plan.changes
    assert not [step for step in one.plan.alternatives if step.changes]


@pytest.mark.parametrize(
    ("before", "told", "benign"),
    [
        ("0", "1 of 4 tries of index 7 failed so far, and it tries again", True),
        ("2", "3 of 4 tries of index 7 failed so far, and it tries again", False),
        ("3", "4 of 4 tries of index 7 failed so far, container", False),
    ],
)
def test_where_each_index_has_its_own_tries_they_are_counted(before: str, told: str, benign: bool) -> None:
    made, one = job("load", "11:58:00", {"failed": 9}, 2147483647), ended("load")
    made["spec"] |= {"backoffLimitPerIndex": 3, "completionMode": "Indexed", "completions": 8}
    one["metadata"]["annotations"] = {
        "batch.kubernetes.io/job-completion-index": "7", "batch.kubernetes.io/job-index-failure-count": before,
    }  # fmt: skip
    found = seen(Ref("Job", "shop", "load"), made, one)
    assert found.clause.startswith(told)
    assert found.benign is benign


def test_one_that_is_over_may_be_made_again() -> None:
    over = job("load", "11:58:00", {"failed": 5, "conditions": OVER})
    one = seen(Ref("Job", "shop", "load"), over, ended("load"))
    assert [step.operation.line().split(" delete ")[-1] for step in one.plan.alternatives] == ["job load"]


@pytest.mark.parametrize(("changed", "named"), [("11:56:00", True), ("11:40:00", False), ("11:59:00", False)])
def test_what_was_changed_between_the_last_success_and_the_failure(changed: str, named: bool) -> None:
    status = {"lastSuccessfulTime": "2026-01-02T11:55:00Z", "lastScheduleTime": "2026-01-02T11:58:00Z"}
    cron = thing("CronJob", "sync", spec={"schedule": "* * * * *", "jobTemplate": {}}, status=status)
    runs = [
        job("sync-1", "11:54:00", {"conditions": DONE}),
        job("sync-2", "11:58:00", {"failed": 5, "conditions": OVER}),
    ]
    for run in runs:
        run["metadata"]["ownerReferences"] = [
            {"kind": "CronJob", "name": "sync", "uid": "uid-CronJob-sync", "controller": True}
        ]
    settings = thing("ConfigMap", "settings", data={"mode": "fats"})
    settings["metadata"]["managedFields"] = [{"time": f"2026-01-02T{changed}Z", "fieldsV1": {"f:data": {"f:mode": {}}}}]
    one = seen(Ref("CronJob", "shop", "sync"), cron, *runs, ended("sync-2"), settings)
    assert ("the ConfigMap `settings` was changed 4 min ago, after the last success" in one.clause) is named
    assert not one.plan.alternatives


@pytest.mark.parametrize("suspended", [True, False])
def test_a_suspended_schedule_is_resumed_once_the_runs_are_corrected(suspended: bool) -> None:
    run = job("sync-2", "11:58:00", {"failed": 1, "conditions": OVER})
    run["metadata"]["ownerReferences"] = [
        {"kind": "CronJob", "name": "sync", "uid": "uid-CronJob-sync", "controller": True}
    ]
    status = {"lastScheduleTime": "2026-01-02T11:58:00Z"}
    spec = {"schedule": "*/5 * * * *", "suspend": suspended, "jobTemplate": {"spec": run["spec"]}}
    one = seen(Ref("CronJob", "shop", "sync"), thing("CronJob", "sync", spec=spec, status=status), run, ended("sync-2"))
    last = one.plan.steps[-1].operation.line()
    assert ('{"spec":{"suspend":false}}' in last) is suspended
