"""A pod whose own time was over: what its containers ended with is the kubelet's doing."""

import pytest

from explainers.diagnosis.rules.crashes import crashed
from explainers.diagnosis.rules.deadlines import past_deadline
from explainers.kinds import Ref
from tests.unit.clusters import Json, pod
from tests.unit.explainers.diagnosis.reading import Reading


def export(code: int, reason: str = "DeadlineExceeded") -> Json:
    made = pod("export", {}, ready=False)
    made["spec"] |= {"activeDeadlineSeconds": 20, "restartPolicy": "Never"}
    made["spec"]["containers"][0]["resources"] = {"limits": {"memory": "32Mi"}}
    end = {"exitCode": code, "reason": "Error", "finishedAt": "2026-01-02T11:59:00Z"}
    made["status"] |= {"phase": "Failed", "reason": reason}
    made["status"]["containerStatuses"] = [{"name": "app", "restartCount": 0, "state": {"terminated": end}}]
    return made


@pytest.mark.parametrize("code", [137, 143, 0])
def test_a_deadline_is_no_lack_of_memory(code: int) -> None:
    reading = Reading(export(code))
    found = reading.see(lambda case: {*crashed(case), *past_deadline(case)}, Ref("Pod", "shop", "export"))
    (one,) = found
    assert one.number == 61
    assert "longer than its deadline of 20 s" in one.clause


def test_without_one_a_kill_below_a_limit_counts_as_memory() -> None:
    reading = Reading(export(137, reason=""))
    (one,) = reading.see(lambda case: {*crashed(case), *past_deadline(case)}, Ref("Pod", "shop", "export"))
    assert one.number == 60
