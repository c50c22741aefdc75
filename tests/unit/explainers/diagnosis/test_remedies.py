"""Plans that have to fit what is there now, not what a message said when it was written."""

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
    assert '"pods":"7"' in lines(found["plan"])[0]
    assert any("scale deployment/web --replicas=1" in line for line in lines(found["alternatives"]))


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
