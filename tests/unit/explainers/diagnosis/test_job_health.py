"""How a Job stands while it has no pod that runs."""

import pytest

from explainers.diagnosis.health import health
from explainers.diagnosis.rules.jobs import kept_alive
from explainers.diagnosis.views.named import some_of
from explainers.kinds import Ref
from tests.unit.clusters import Json, pod, thing
from tests.unit.explainers.diagnosis.reading import Reading

ENDED = {"terminated": {"exitCode": 1, "reason": "Error", "startedAt": "2026-01-02T11:50:00Z"}}


def job(status: Json, *pods: Json) -> str:
    made = thing("Job", "load", spec={"selector": {"matchLabels": {"run": "load"}}}, status=status)
    return Reading(made, *pods).see(lambda case: health(case).state, Ref("Job", "shop", "load"))


@pytest.mark.parametrize("condition", ["Failed", "FailureTarget"])
def test_one_that_is_over_has_failed(condition: str) -> None:
    assert job({"conditions": [{"type": condition, "status": "True"}], "failed": 1}) == "has failed"


def test_one_whose_tries_failed_has_started() -> None:
    again = pod("load-1", {"run": "load"}, ready=False)
    again["status"]["phase"] = "Pending"
    again["status"]["containerStatuses"][0] |= {
        "state": {"waiting": {"reason": "CrashLoopBackOff"}},
        "lastState": ENDED,
    }
    assert job({"active": 1}, again) == "does not get through"
    assert job({"failed": 2}) == "does not get through"


def test_one_without_a_try_has_not_started() -> None:
    assert job({}) == "has not started"


@pytest.mark.parametrize(
    ("helper", "ended", "told"),
    [
        ("istio-proxy", "2026-01-02T11:50:00Z", [False]),
        ("second", "2026-01-02T11:50:00Z", [True]),
        ("istio-proxy", "2026-01-02T11:59:50Z", []),
    ],
)
def test_a_program_that_ended_while_another_container_goes_on(helper: str, ended: str, told: list[bool]) -> None:
    """It is a fault where that is a helper, which never ends by itself."""
    one = pod("load-1", {"run": "load"}, ready=False)
    one["metadata"]["ownerReferences"] = [{"kind": "Job", "name": "load", "controller": True}]
    one["spec"]["containers"] = [{"name": "load"}, {"name": helper}]
    done = {"terminated": {"exitCode": 0, "finishedAt": ended}}
    goes = {"running": {"startedAt": "2026-01-02T11:40:00Z"}}
    one["status"]["containerStatuses"] = [
        {"name": name, "ready": state is goes, "restartCount": 0, "state": state}
        for name, state in (("load", done), (helper, goes))
    ]
    made = thing("Job", "load", spec={"selector": {"matchLabels": {"run": "load"}}}, status={"active": 1})
    found = Reading(made, one).see(lambda case: [*kept_alive(case)], Ref("Job", "shop", "load"))
    assert [each.benign for each in found] == told
    assert all(f"only when `{helper}`" in each.clause for each in found)


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ({}, "no scheduled run yet"),
        ({"lastScheduleTime": "2026-01-02T11:59:00Z"}, "last scheduled 60 s ago, no success yet"),
        ({"lastSuccessfulTime": "2026-01-02T11:59:00Z"}, "no scheduled run yet, last success 60 s ago"),
    ],
)
def test_a_cron_job_that_has_not_run_yet(status: Json, told: str) -> None:
    made = thing("CronJob", "nightly", spec={"schedule": "@daily", "timeZone": "Asia/Tokyo"}, status=status)
    assert Reading(made).see(lambda case: health(case).serving, Ref("CronJob", "shop", "nightly")) == told


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"schedule": "30 12 * * *"}, "not due yet since it was made, next at 12:30 UTC (in 30 min)"),
        ({"schedule": "30 11 * * *"}, "no scheduled run yet, next at 11:30 UTC on 3 January (in 24 h)"),
        ({"schedule": "30 12 * * *", "timeZone": "Europe/Zurich"}, "no scheduled run yet"),
        ({"schedule": "30 12 * * *", "suspend": True}, "no scheduled run yet"),
        ({"schedule": "0 2 31 2 *"}, "no scheduled run yet"),
    ],
)
def test_what_is_not_due_yet_says_when_it_is(spec: Json, told: str) -> None:
    made = thing("CronJob", "nightly", spec=spec)
    made["metadata"]["creationTimestamp"] = "2026-01-02T11:00:00Z"
    due = f" by its schedule `{spec['schedule']}`" if "next" in told else ""
    assert Reading(made).see(lambda case: health(case).serving, Ref("CronJob", "shop", "nightly")) == told + due


def test_a_long_list_says_that_it_goes_on() -> None:
    assert some_of([]) == "none"
    assert some_of("abcdef") == "a, b, c, d, e, f"
    assert some_of("abcdefgh") == "a, b, c, d, e, f and 2 more"
