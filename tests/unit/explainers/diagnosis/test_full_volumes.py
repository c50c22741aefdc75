"""A disk that is full under a program that goes on."""

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import Json, deployment, pod, services, thing
from tests.unit.explainers.diagnosis.test_not_begun import event

FULL = "ERROR writing the log: [Errno 28] No space left on device\n"
MEMORY = {"name": "data", "emptyDir": {"medium": "Memory", "sizeLimit": "24Mi"}}
CLAIM = {"name": "data", "persistentVolumeClaim": {"claimName": "spool"}}


def verdict(volume: Json, log: str = FULL) -> Json:
    web, one = deployment("web", ready=0), pod("web-1", {"app": "web"}, ready=False)
    for spec in (web["spec"]["template"]["spec"], one["spec"]):
        spec["volumes"] = [volume]
        spec["containers"] = [{
            "name": "app", "image": "app:1", "volumeMounts": [{"name": "data", "mountPath": "/data"}],
            "readinessProbe": {"httpGet": {"path": "/healthz", "port": 8080}},
        }]  # fmt: skip
    failing = event("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", "web-1", count=9)
    failing["involvedObject"]["fieldPath"] = "spec.containers{app}"
    claim = thing("PersistentVolumeClaim", "spool", spec={}, status={"phase": "Bound"})
    made = services(web, one, failing, claim, logs={"shop/web-1/app": log})
    data = diagnose(Request("diagnose", "web", Actor("test"), namespace="shop"), made).data
    assert isinstance(data, dict)
    return data


@pytest.mark.parametrize(
    ("volume", "number", "says"),
    [
        (MEMORY, 76, "in volume `data`, which has a limit of 24Mi"),
        (CLAIM, 98, "the volume of claim `spool` is full"),
        ({"name": "data", "emptyDir": {}}, 76, "finds no space left at its disk"),
    ],
)
def test_the_volume_is_the_cause_and_the_probe_what_comes_of_it(volume: Json, number: int, says: str) -> None:
    found = verdict(volume)
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (number, "likely")
    assert says in found["cause"]["sentence"]
    assert [one["class"] for one in found["consequences"]] == [65]


def test_another_trouble_is_no_full_disk() -> None:
    assert verdict(MEMORY, "ERROR cannot reach the store\n")["cause"]["class"] not in (76, 98)
