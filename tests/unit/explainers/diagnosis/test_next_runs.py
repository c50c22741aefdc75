"""A failed run of a CronJob whose spec is another by now, and deadlines that are too short."""

import pytest

from explainers.diagnosis.model import Confidence, Finding
from explainers.diagnosis.rules.jobs import failed
from explainers.kinds import Ref
from tests.unit.clusters import Json, pod, thing
from tests.unit.explainers.diagnosis.reading import Reading

SYNC = Ref("CronJob", "shop", "sync")


def spec(mode: str, **more: object) -> Json:
    env = [{"name": "MODE", "value": mode}]
    return {"template": {"spec": {"containers": [{"name": "app", "image": "app:1", "env": env}]}}, **more}


def cron(mode: str, generation: int = 2, written: str = "", **more: object) -> Json:
    made = thing("CronJob", "sync", spec={"schedule": "*/5 * * * *", "jobTemplate": {"spec": spec(mode, **more)}})
    made["metadata"]["generation"] = generation
    if written:
        made["metadata"]["managedFields"] = [{"time": written, "fieldsV1": {"f:spec": {}}}]
    return made


def run(name: str, at: str, status: Json, **more: object) -> Json:
    selector = {"selector": {"matchLabels": {"run": name}}}
    made = thing("Job", name, spec={**selector, **spec("bad", **more)}, status={"startTime": at, **status})
    made["metadata"]["creationTimestamp"] = at
    made["metadata"]["ownerReferences"] = [
        {"kind": "CronJob", "name": "sync", "uid": "uid-CronJob-sync", "controller": True}
    ]
    return made


def over(reason: str) -> Json:
    return {"conditions": [{"type": "Failed", "status": "True", "reason": reason}], "failed": 1}


def ended() -> Json:
    one = pod("sync-2-1", {"run": "sync-2"}, ready=False)
    one["metadata"]["ownerReferences"] = [{"kind": "Job", "name": "sync-2", "controller": True}]
    one["metadata"]["creationTimestamp"] = "2026-01-02T11:55:00Z"
    end = {"terminated": {"exitCode": 2, "reason": "Error", "finishedAt": "2026-01-02T11:55:20Z"}}
    one["status"]["phase"] = "Failed"
    one["status"]["containerStatuses"] = [{"name": "app", "ready": False, "restartCount": 0, "state": end}]
    return one


def seen(*objects: Json) -> Finding:
    (one,) = Reading(*objects, logs={"shop/sync-2-1/app": "unknown mode"}).see(lambda case: [*failed(case)], SYNC)
    return one


LAST = run("sync-2", "2026-01-02T11:55:00Z", over("BackoffLimitExceeded"))


def test_a_template_that_was_changed_since_is_not_called_wrong() -> None:
    one = seen(cron("good", written="2026-01-02T11:58:00Z"), LAST, ended())
    told = "its template has been changed since, and the next run, due at 12:05 UTC, is made of the new one"
    assert one.clause.endswith(told)
    assert one.confidence is Confidence.LIKELY
    assert any("env[MODE].value: bad → good" in piece.text for piece in one.evidence)
    assert one.plan.steps[0].why.startswith("what the next run is made of")
    assert not [step for step in one.plan.steps if "to correct" in step.why]


@pytest.mark.parametrize(
    "made", [cron("bad"), cron("good", generation=1), cron("good", written="2026-01-02T11:50:00Z")]
)
def test_what_differs_without_a_change_since_is_no_correction(made: Json) -> None:
    one = seen(made, LAST, ended())
    assert "changed since" not in one.clause
    assert one.confidence is Confidence.SURE


@pytest.mark.parametrize(("limit", "took", "wanted"), [(1, 0, 600), (900, 0, 1800), (60, 50, 150), (60, 10, 120)])
def test_more_time_by_what_earlier_runs_took_or_generously(limit: int, took: int, wanted: int) -> None:
    late = run("sync-2", "2026-01-02T11:55:00Z", over("DeadlineExceeded"), activeDeadlineSeconds=limit)
    done = {"conditions": [{"type": "Complete", "status": "True"}], "completionTime": f"2026-01-02T11:50:{took:02}Z"}
    earlier = [run("sync-1", "2026-01-02T11:50:00Z", done)] if took else []
    one = seen(cron("bad", activeDeadlineSeconds=limit), late, *earlier)
    assert f'"activeDeadlineSeconds":{wanted}' in one.plan.steps[0].operation.line()
    assert one.plan.steps[0].expect == f"the next run is not ended before it has run for {wanted} s"


def test_a_deadline_that_is_another_by_now_is_left() -> None:
    late = run("sync-2", "2026-01-02T11:55:00Z", over("DeadlineExceeded"), activeDeadlineSeconds=5)
    one = seen(cron("bad", activeDeadlineSeconds=500), late)
    assert not one.plan.changes
    assert "its template has been changed since" in one.clause
    assert any("activeDeadlineSeconds: 5 → 500" in piece.text for piece in one.evidence)
