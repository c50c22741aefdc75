"""A memory limit is raised no further than a LimitRange lets pods be made."""

import pytest

from explainers.diagnosis.rules.crashes import crashed
from explainers.plan import Plan
from tests.unit.clusters import Json, deployment, pod, thing
from tests.unit.explainers.diagnosis.reading import WEB, Reading


def limit_range(most: str, kind: str = "Container") -> Json:
    return thing("LimitRange", "bounds", spec={"limits": [{"type": kind, "max": {"memory": most}}]})


def plan(*objects: Json, beside: str = "") -> Plan:
    limits: Json = {"resources": {"limits": {"memory": "60Mi"}}}
    made, one = deployment("web", 1, 0), pod("web-1", {"app": "web"}, ready=False)
    for spec in (made["spec"]["template"]["spec"], one["spec"]):
        spec["containers"] = [{"name": "app", "image": "app:1", **limits}]
        if beside:
            spec["containers"].append({"name": "side", "resources": {"limits": {"memory": beside}}})
    ended = {"exitCode": 137, "reason": "OOMKilled", "finishedAt": "2026-01-02T11:59:50Z"}
    one["status"]["containerStatuses"] = [
        {"name": "app", "restartCount": 2, "state": {"waiting": {"reason": "CrashLoopBackOff"}},
         "lastState": {"terminated": ended}},
    ]  # fmt: skip
    (found,) = Reading(made, one, *objects).see(lambda case: [*crashed(case)], WEB)
    return found.plan


@pytest.mark.parametrize(
    ("bounds", "beside", "most"),
    [
        ([], "", "120Mi"),
        ([limit_range("200Mi")], "", "120Mi"),
        ([limit_range("100Mi")], "", "100Mi"),
        ([limit_range("100Mi"), limit_range("150Mi", "Pod")], "", "100Mi"),
        ([limit_range("150Mi", "Pod")], "50Mi", str(100 * 1024 * 1024)),
    ],
)
def test_as_far_as_the_namespace_allows(bounds: list[Json], beside: str, most: str) -> None:
    step = plan(*bounds, beside=beside).steps[0]
    assert step.operation.line().endswith(f"--limits=memory={most}")


def test_at_the_bound_the_bound_has_to_move_first() -> None:
    found = plan(limit_range("60Mi"))
    assert not found.changes
    assert "limitrange bounds" in found.steps[0].operation.line()
    wider, more = found.alternatives
    assert '"max":{"memory":"120Mi"}' in wider.operation.line()
    assert more.operation.line().endswith("--limits=memory=120Mi")
