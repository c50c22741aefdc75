"""Evictions: history as long as the next pod stays, a fault when that one is evicted too."""

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import Json, deployment, pod, services

DISK = "Pod ephemeral local storage usage exceeds the total limit of containers 10Mi. "
NODE = "The node was low on resource: memory. Threshold quantity: 100Mi, available: 80Mi. "


def evicted(name: str, created: str, gone: str, said: str) -> Json:
    found = pod(name, {"app": "web"}, ready=False)
    found["metadata"]["creationTimestamp"] = f"2026-01-02T{created}Z"
    condition = {"type": "DisruptionTarget", "status": "True", "lastTransitionTime": f"2026-01-02T{gone}Z"}
    found["status"] = {"phase": "Failed", "reason": "Evicted", "message": said, "conditions": [condition]}
    return found


def verdict(*gone: Json) -> Json:
    objects = [deployment("web"), pod("web-9", {"app": "web"}), *gone]
    data = diagnose(Request("diagnose", "web", Actor("test"), namespace="shop"), services(*objects)).data
    assert isinstance(data, dict)
    return data


@pytest.mark.parametrize(("said", "number"), [(DISK, 76), (NODE, 122)])
def test_a_replacement_that_is_evicted_too_is_a_fault_while_the_next_one_is_ready(said: str, number: int) -> None:
    found = verdict(evicted("web-1", "11:58:00", "11:59:00", said), evicted("web-2", "11:59:01", "11:59:50", said))
    assert (found["verdict"], found["cause"]["class"]) == ("fault", number)
    assert "2 so far, the last after 49 s" in found["headline"]


def test_pods_that_were_evicted_together_are_history() -> None:
    gone = [evicted(f"web-{n}", "11:00:00", f"11:59:0{n}", NODE) for n in (1, 2)]
    assert verdict(*gone)["verdict"] == "healthy"


def test_a_replacement_that_outlasts_them_is_well() -> None:
    gone = [evicted("web-1", "11:53:00", "11:53:30", DISK), evicted("web-2", "11:53:31", "11:54:00", DISK)]
    assert verdict(*gone)["verdict"] == "healthy"
