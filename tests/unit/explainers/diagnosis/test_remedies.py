"""Plans that have to fit what is there now, not what a message said when it was written."""

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import Json, deployment, pod, services, thing


def verdict(*objects: Json, target: str = "web") -> Json:
    data = diagnose(Request("diagnose", target, Actor("test"), namespace="shop"), services(*objects)).data
    assert isinstance(data, dict)
    return data


def refused(said: str, replicas: int, have: int, **spec: object) -> list[Json]:
    """A Deployment that lacks pods because the API server refuses them, and the pods that it has."""
    made = deployment("web", replicas, ready=have)
    made["status"]["updatedReplicas"] = min(have, replicas - 1)
    made["status"]["conditions"] = [
        {"type": "ReplicaFailure", "status": "True", "message": said, "lastTransitionTime": "2026-01-02T11:50:00Z"}
    ]
    made["spec"]["template"]["spec"] |= spec
    return [made, *(pod(f"web-{number}", {"app": "web"}) for number in range(have))]


def quota(used: str, hard: str) -> Json:
    return thing("ResourceQuota", "team", status={"hard": {"pods": hard}, "used": {"pods": used}})


FULL = 'pods "web-1" is forbidden: exceeded quota: team, requested: pods=1, used: pods=2, limited: pods=2'
RATIO = 'pods "web-1" is forbidden: cpu max limit to request ratio per Container is 3, but provided ratio is 4.000000'


def lines(rows: list[Json]) -> list[str]:
    return [row["kubectl"] for row in rows]


def test_a_quota_is_raised_by_what_is_used_now() -> None:
    found = verdict(*refused(FULL, 3, 1), quota("5", "5"))
    assert '"pods":"8"' in lines(found["plan"])[0]
    assert len(found["plan"]) == 1, "a new try would replace the pod that runs"
    assert any("scale deployment/web --replicas=1" in line for line in lines(found["alternatives"]))


def test_where_no_pod_runs_another_try_is_made_at_once() -> None:
    found = verdict(*refused(FULL, 2, 0), quota("5", "5"))
    assert [next(w for w in ("patch", "restart") if w in one) for one in lines(found["plan"])] == ["patch", "restart"]


def test_a_quota_that_has_room_again_promises_nothing() -> None:
    found = verdict(*refused(FULL, 1, 0), quota("2", "5"))
    assert found["cause"]["sentence"].endswith("it has room now, so the next try may succeed")
    assert "restart" in lines(found["plan"])[0]
    assert not any("What has to be corrected" in step["why"] for step in found["plan"])


def test_the_numbers_of_an_old_refusal_are_told_from_those_of_today() -> None:
    found = verdict(*refused(FULL, 1, 0), quota("5", "5"))
    rows = [row["source"] + row["text"] for row in found["evidence"]]
    assert any("with the numbers of then" in row for row in rows)
    assert any("pods: 5 of 5 used now" in row for row in rows)


@pytest.mark.parametrize(("used", "rest"), [("170Mi", "10Mi"), ("178Mi", "")])
def test_requests_are_cut_to_what_is_left(used: str, rest: str) -> None:
    said = (
        'pods "web-1" is forbidden: exceeded quota: team, requested: requests.memory=16Mi, '
        f"used: requests.memory={used}, limited: requests.memory=180Mi"
    )
    containers = [{"name": "app", "resources": {"requests": {"memory": "16Mi"}}}]
    status = {"hard": {"requests.memory": "180Mi"}, "used": {"requests.memory": used}}
    found = verdict(*refused(said, 1, 0, containers=containers), thing("ResourceQuota", "team", status=status))
    cut = [line for line in lines(found["alternatives"]) if "set resources" in line]
    assert [line.rpartition("=")[2] for line in cut] == ([rest] if rest else [])


def test_nobody_is_told_to_scale_to_what_is_there() -> None:
    found = verdict(*refused(FULL, 2, 2), quota("2", "2"))
    assert not any("scale" in line for line in lines([*found["plan"], *found["alternatives"]]))


def test_a_request_is_raised_to_the_ratio_that_is_allowed() -> None:
    containers = [
        {"name": "fine", "resources": {"requests": {"cpu": "100m"}, "limits": {"cpu": "200m"}}},
        {"name": "greedy", "resources": {"requests": {"cpu": "100m"}, "limits": {"cpu": "400m"}}},
    ]
    limits = [{"type": "Container", "maxLimitRequestRatio": {"cpu": "3"}}]
    found = verdict(*refused(RATIO, 1, 0, containers=containers), thing("LimitRange", "ratio", spec={"limits": limits}))
    assert lines(found["plan"])[0].endswith("set resources deployment/web -c greedy --requests=cpu=134m")
