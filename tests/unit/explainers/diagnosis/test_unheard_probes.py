"""Rollouts that are over their time, while no event tells what a readiness probe hears."""

import pytest

from explainers.diagnosis.model import Confidence, Finding
from explainers.diagnosis.rules.endpoints import not_ready
from explainers.diagnosis.rules.workloads import stuck
from tests.unit.clusters import Json, thing
from tests.unit.explainers.diagnosis.reading import HASHES, Reading, replica_set, web, web_pod

PROBE = {"httpGet": {"path": "/healthz", "port": 8000}, "timeoutSeconds": 1}
LATE = "Readiness probe failed: HTTP probe failed with statuscode: 503"


def late(began: str, probe: Json | None = PROBE, *more: Json) -> Finding:
    """What is said of a rollout whose only pod runs since then and is not ready."""
    owner, one = web(1, 1, 1, 0), web_pod(1, "aa111", ready=False)
    owner["status"]["conditions"][0] |= {"status": "False", "reason": "ProgressDeadlineExceeded"}
    owner["spec"]["progressDeadlineSeconds"] = 40
    one["spec"]["containers"] = [{"name": "app", "image": "app:1", **({"readinessProbe": probe} if probe else {})}]
    runs = {"running": {"startedAt": f"2026-01-02T{began}Z"}}
    one["status"] |= {"phase": "Running"}
    one["status"]["containerStatuses"] = [{"name": "app", "ready": False, "restartCount": 0, "state": runs}]
    reading = Reading(owner, replica_set(1, 1), one, *more, logs={f"shop/web-{HASHES[0]}-aa111/app": ""})
    (found,) = reading.see(lambda case: [*stuck(case), *not_ready(case)])
    return found


def unhealthy() -> Json:
    about = {"kind": "Pod", "name": f"web-{HASHES[0]}-aa111", "namespace": "shop"}
    about["fieldPath"] = "spec.containers{app}"
    made = thing("Event", "web.1", reason="Unhealthy", message=LATE, involvedObject=about)
    return made | {"lastTimestamp": "2026-01-02T11:59:58Z"}


def test_a_probe_that_no_event_tells_of_is_no_sure_cause() -> None:
    found = late("11:50:00")
    assert found.confidence is Confidence.LIKELY
    assert found.clause.endswith(
        "its new pod is not ready after 40 s: its readiness probe asks `/healthz` on port 8000 and has not passed, and "
        "no event tells why"
    )
    look, told = found.plan.steps
    assert (look.changes, told.changes) == (False, False)
    assert "within the 1 s (timeoutSeconds)" in look.why


@pytest.mark.parametrize(("probe", "more"), [(PROBE, [unhealthy()]), (None, [])])
def test_one_that_is_heard_of_or_that_is_not_there_is_not_named(probe: Json | None, more: list[Json]) -> None:
    found = late("11:50:00", probe, *more)
    assert "no event tells" not in found.clause
    assert found.number == (5 if more else 112)  # what it hears says more than that the time is over
    assert found.confidence is Confidence.SURE
