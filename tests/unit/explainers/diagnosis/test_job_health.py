"""How a Job stands while it has no pod that runs."""

import pytest

from explainers.diagnosis.health import health
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
