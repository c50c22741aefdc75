"""Pods that were deleted and take the time that they are granted."""

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from explainers.diagnosis.model import Finding
from explainers.diagnosis.rules.slow_ends import still_ends
from explainers.kinds import Ref
from tests.unit.clusters import Json, deployment, pod, services
from tests.unit.explainers.diagnosis.reading import Reading

POD = Ref("Pod", "shop", "web-0")


def leaving(last: str, grace: int, **lifecycle: Json) -> Json:
    made = pod("web-0", {"app": "web"}, ready=False)
    made["spec"]["containers"][0]["lifecycle"] = lifecycle
    made["metadata"] |= {"deletionTimestamp": f"2026-01-02T{last}Z", "deletionGracePeriodSeconds": grace}
    return made


def found(target: Ref, *objects: Json) -> list[Finding]:
    return Reading(*objects).see(lambda case: [*still_ends(case)], target)


def test_till_when_it_may_take_and_what_it_waits_for() -> None:
    (one,) = found(POD, leaving("12:50:00", 3600, preStop={"exec": {"command": ["wait"]}}))
    assert (one.number, one.benign) == (77, True)
    assert one.clause == (
        "pod `web-0` was deleted 10 min ago and has up to 60 min to end, till 12:50 UTC at the latest; container `app` "
        "has a preStop hook, and is told to end only when that is done"
    )
    assert not one.plan.changes
    assert one.plan.alternatives[0].operation.line().endswith("--grace-period=0 --force")


def test_nobody_is_to_write_beside_it() -> None:
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    writes = leaving("12:50:00", 3600)
    writes["spec"]["volumes"] = volumes
    (one,) = found(POD, writes)
    assert not one.plan.alternatives


def test_in_its_first_minute_that_is_no_fault() -> None:
    (one,) = found(POD, leaving("12:00:20", 30))
    assert one.benign
    assert not one.plan.alternatives


def test_one_whose_time_has_just_passed_is_about_to_go() -> None:
    (one,) = found(POD, leaving("11:59:58", 90))
    assert one.benign
    assert one.clause == "pod `web-0` was deleted 92 s ago and had 90 s to end: it is about to go"


def test_what_is_over_is_told_elsewhere() -> None:
    assert found(POD, leaving("11:59:00", 30)) == []


@pytest.mark.parametrize(("last", "grace", "verdict"), [("12:00:07", 90, "healthy"), ("11:59:58", 90, "healthy"),
                                                        ("11:59:30", 90, "fault")])  # fmt: skip
def test_within_its_grace_a_pod_has_no_fault(last: str, grace: int, verdict: str) -> None:
    one = leaving(last, grace)
    one["status"]["conditions"][0]["status"] = "True"
    said = diagnose(Request("diagnose", "pod/web-0", Actor("test"), namespace="shop"), services(one)).data
    assert isinstance(said, dict)
    assert said["verdict"] == verdict
    assert "'source': 'pod/web-0', 'age': '', 'text': 'phase Running, terminating'" in str(said["evidence"])


@pytest.mark.parametrize(
    ("kind", "strategy", "others", "told"),
    [
        ("StatefulSet", {}, [], True),
        ("Deployment", {"strategy": {"type": "Recreate"}}, [], True),
        ("Deployment", {}, [], False),
        ("Deployment", {"strategy": {"type": "Recreate"}}, [pod("web-1", {"app": "web"})], False),
    ],
)
def test_of_a_workload_only_what_is_awaited(kind: str, strategy: Json, others: list[Json], told: bool) -> None:
    made = deployment("web", 1, 0)
    made |= {"kind": kind, "spec": made["spec"] | strategy}
    assert bool(found(Ref(kind, "shop", "web"), made, leaving("12:50:00", 3600), *others)) is told
