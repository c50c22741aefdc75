"""The first pod of an ordered StatefulSet: its start is no stall, and later the stall says what the pod says."""

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import Json, deployment, pod, services, thing
from tests.unit.explainers.diagnosis.test_warming import at

STARTUP = {"startupProbe": {"tcpSocket": {"port": 7000}, "periodSeconds": 2, "failureThreshold": 15}}
COMMAND = {"readinessProbe": {"exec": {"command": ["joined"]}, "periodSeconds": 3}}


def verdict(ran: int, probes: Json, said: str = "", target: str = "statefulset/ring") -> Json:
    """Of a StatefulSet of two of which only the first pod exists, which has run for `ran` seconds."""
    made, only = deployment("ring", 2, 0), pod("ring-0", {"app": "ring"}, ready=False)
    made["kind"] = "StatefulSet"
    made["status"] = {"replicas": 1, "updatedReplicas": 1, "currentRevision": "ring-1", "updateRevision": "ring-1"}
    container = {"name": "app", "image": "app:1", **probes}
    made["spec"]["template"]["spec"]["containers"] = only["spec"]["containers"] = [container]
    only["metadata"] |= {
        "creationTimestamp": at(ran + 1),
        "ownerReferences": [{"kind": "StatefulSet", "name": "ring", "controller": True}],
    }
    only["status"]["conditions"] = [
        {"type": "Ready", "status": "False", "lastTransitionTime": at(ran + 1)},
        {"type": "PodScheduled", "status": "True", "lastTransitionTime": at(ran + 1)},
    ]
    state = only["status"]["containerStatuses"][0]
    state |= {"state": {"running": {"startedAt": at(ran)}}, "started": "startupProbe" not in probes}
    about = {"kind": "Pod", "name": "ring-0", "namespace": "shop", "uid": only["metadata"].setdefault("uid", "u-1")}
    about |= {"fieldPath": "spec.containers{app}"}
    event = thing("Event", "ring-0.x", reason="Unhealthy", message=said, involvedObject=about, lastTimestamp=at(0))
    logs = {"shop/ring-0/app": "loading snapshot\n"}
    made_of = services(made, only, *([event] if said else []), logs=logs)
    data = diagnose(Request("diagnose", target, Actor("test"), namespace="shop"), made_of).data
    assert isinstance(data, dict)
    return data


@pytest.mark.parametrize(
    ("ran", "probes", "said"),
    [(14, STARTUP, ""), (20, COMMAND, "Readiness probe failed: not joined yet")],
)
def test_its_start_is_no_stall(ran: int, probes: Json, said: str) -> None:
    found = verdict(ran, probes, said)
    assert found["verdict"] == "healthy"
    assert "it is starting" in found["headline"]
    assert found["headline"].endswith("; `ring-1` is made once `ring-0` is ready.")
    alone = verdict(ran, probes, said, target="pod/ring-0")
    assert (alone["verdict"], "ring-1" in alone["headline"]) == ("healthy", False)


def test_later_it_stalls_and_says_once_what_it_lacks() -> None:
    found = verdict(90, COMMAND, "Readiness probe failed: not joined yet")
    assert found["cause"]["class"] == 113
    assert "`joined` and fails: `not joined yet`), and a StatefulSet makes `ring-1` only after it" in found["headline"]
    assert found["consequences"] == []


def test_a_startup_that_takes_too_long_is_a_stall() -> None:
    assert verdict(40, STARTUP)["verdict"] == "fault"
