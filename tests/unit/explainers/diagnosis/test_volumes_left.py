"""Claims that were deleted, and whether a volume is left with what they held."""

import pytest

from explainers.diagnosis.model import Finding
from explainers.diagnosis.rules.storage import mounted
from explainers.kinds import Ref
from tests.unit.clusters import Json, deployment, pod, thing
from tests.unit.explainers.diagnosis.reading import Reading

SAID = '0/1 nodes are available: persistentvolumeclaim "wiki" not found. not found'


def waits(name: str = "web-1", claim: str = "wiki") -> Json:
    made = pod(name, {"app": "web"}, ready=False)
    made["spec"] = {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": claim}}]}
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": SAID}
    return made | {"status": {"phase": "Pending", "conditions": [condition]}}


def volume(phase: str = "Released", policy: str = "Retain", namespace: str = "shop") -> Json:
    spec = {
        "capacity": {"storage": "8Gi"}, "accessModes": ["ReadWriteOnce"], "storageClassName": "fast",
        "claimRef": {"namespace": namespace, "name": "wiki", "uid": "u"}, "persistentVolumeReclaimPolicy": policy,
    }  # fmt: skip
    return thing("PersistentVolume", "pv-1", "", spec=spec, status={"phase": phase})


def found(*objects: Json, kind: str = "Deployment") -> Finding:
    (one,) = Reading(*objects).see(lambda case: [*mounted(case)], Ref(kind, "shop", "web"))
    return one


def test_a_volume_that_was_released_is_bound_again() -> None:
    one = found(deployment("web", ready=0), waits(), volume())
    assert "which was deleted; its volume `pv-1` is left, Released, with the data on it" in one.clause
    forget, make = (step.operation.line() for step in one.plan.steps)
    assert '{"spec":{"claimRef":null}}' in forget
    assert all(part in make for part in ('"volumeName": "pv-1"', '"storage": "8Gi"', '"storageClassName": "fast"'))


@pytest.mark.parametrize("other", [volume("Bound"), volume(policy="Delete"), volume(namespace="prod")])
def test_no_other_volume_holds_the_data(other: Json) -> None:
    one = found(deployment("web", ready=0), waits(), other)
    (make,) = one.plan.steps
    assert make.why.endswith("(no volume of an earlier one is left)")
    assert '"storage": "1Gi"' in make.operation.line()


def test_the_size_is_that_of_the_template() -> None:
    web = deployment("web", ready=0) | {"kind": "StatefulSet"}
    asked = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "5Gi"}}}
    web["spec"]["volumeClaimTemplates"] = [{"metadata": {"name": "data"}, "spec": asked}]
    one = found(web, waits("web-0", "data-web-0"), kind="StatefulSet")
    assert '"storage": "5Gi"' in one.plan.steps[0].operation.line()


def test_what_the_scheduler_says_twice_is_said_once() -> None:
    one = found(deployment("web", ready=0), waits())
    assert [row.text for row in one.evidence][-1].endswith('persistentvolumeclaim "wiki" not found')
