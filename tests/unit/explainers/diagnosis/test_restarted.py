"""What ended with its node is no crash; what a signal ended says which."""

import pytest

from tests.unit.clusters import Json, deployment, pod
from tests.unit.explainers.diagnosis.test_owners_and_logins import crashed, made, verdict

UNKNOWN = {"exitCode": 255, "reason": "Unknown"}


def again(ready: bool, last: Json, since: str = "2026-01-02T11:59:30Z") -> Json:
    """The verdict about a pod that runs again since half a minute, after a run of a day."""
    ended = {"startedAt": "2026-01-01T11:59:00Z", "finishedAt": "2026-01-02T11:59:20Z", **last}
    owner, one = made({}, {"running": {"startedAt": since}}, ended)
    (status,) = one["status"]["containerStatuses"]
    status |= {"ready": ready, "restartCount": 1}
    if ready:
        one["status"]["conditions"] = pod("web-1", {"app": "web"})["status"]["conditions"]
        owner["status"] = deployment("web")["status"]
    return verdict(owner, one, log="serving\n")


def test_what_runs_again_after_its_node_was_restarted_is_well() -> None:
    said = again(True, UNKNOWN)
    assert said["verdict"] == "healthy"
    assert "because its node `node-1` or the node's container runtime was restarted" in said["headline"]
    assert again(True, {"exitCode": 1, "reason": "Error"})["cause"]["class"] == 57


def test_what_is_not_ready_yet_after_its_node_was_restarted_did_not_crash() -> None:
    said = again(False, UNKNOWN)
    assert (said["cause"]["class"], said["cause"]["confidence"]) == (61, "likely")
    assert "not because of an error of its own; it is not ready yet" in said["headline"]
    assert [step["kubectl"] for step in said["plan"]] == ["kubectl get node node-1 -o yaml"]


@pytest.mark.parametrize("last", [UNKNOWN, {"exitCode": 137, "reason": "ContainerStatusUnknown"}])
def test_what_does_not_run_since_its_node_was_restarted(last: Json) -> None:
    said = crashed({"resources": {"limits": {"memory": "64Mi"}}}, "serving\n", last)
    assert said["cause"]["class"] == 61
    assert "did not end by itself: its node `node-1`" in said["headline"]
    assert not any(step["changes"] for step in said["plan"])


def test_a_crash_says_which_signal() -> None:
    said = crashed({}, "", {"exitCode": 139})
    assert "ends with exit code 139 (SIGSEGV, invalid memory access) and writes nothing" in said["headline"]
    assert "app` crashes with exit code 134 (SIGABRT" in crashed({}, "ERROR boom\n", {"exitCode": 134})["headline"]
    assert "app` ends with exit code 143 (SIGTERM" in crashed({}, "ERROR boom\n", {"exitCode": 143})["headline"]
