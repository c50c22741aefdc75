"""What may not be read is unknown, never absent: no health and no fault is made of a refusal."""

import json
import zlib
from typing import Any

import pytest

from bot.cluster.snapshot import SnapshotCluster
from bot.state.memory import MemoryState
from commands.base.errors import Denied
from commands.base.ports import Services
from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from explainers import kinds
from tests.faults.harness import Fault, faults
from tests.faults.verdicts import CAPTURED_AS, ask, ask_capture, captured
from tests.unit.clusters import Json, deployment, pod, services, thing

SERVICE = thing("Service", "web", spec={"selector": {"app": "web"}, "ports": [{"port": 80}]})
SLICE = thing(
    "EndpointSlice",
    "web-1",
    labels={"kubernetes.io/service-name": "web"},
    endpoints=[{"addresses": ["10.0.0.9"], "conditions": {"ready": True}}],
)
BARE = thing("Service", "bare", spec={"ports": [{"port": 80}]})


def verdict(target: str, *resources: str) -> Json:
    """The verdict while the lists of these resources are refused."""
    unread: list[Json] = [
        {"resource": name, "namespace": "shop", "status": 403, "problem": f"{name} is forbidden"} for name in resources
    ]
    objects: list[Any] = [deployment("web"), pod("web-1", {"app": "web"}), SERVICE, SLICE, BARE]
    reply = diagnose(Request("diagnose", target, Actor("test"), namespace="shop"), services(*objects, unread=unread))
    assert isinstance(reply.data, dict)
    return reply.data | {"fine": reply.document.fine}


@pytest.mark.parametrize(
    ("target", "resource"),
    [("web", "pods"), ("svc/web", "endpointslices.discovery.k8s.io"), ("svc/bare", "endpointslices.discovery.k8s.io")],
)
def test_a_target_that_may_not_be_seen_is_neither_healthy_nor_at_fault(target: str, resource: str) -> None:
    found = verdict(target, resource)
    assert found["verdict"] == "unknown"
    assert found["headline"].startswith("I cannot say how")
    assert any(resource in one["missing"] for one in found["unchecked"])


def test_policies_that_may_not_be_read_are_not_called_absent() -> None:
    assert not [one for one in verdict("web", "networkpolicies.networking.k8s.io")["fine"] if "NetworkPolicy" in one]


REFUSED = (
    kinds.POD, kinds.SERVICE, kinds.ENDPOINT_SLICE, kinds.NETWORK_POLICY, kinds.DEPLOYMENT, kinds.STATEFUL_SET,
    kinds.REPLICA_SET, kinds.JOB, kinds.CONFIG_MAP, kinds.SECRET, kinds.PERSISTENT_VOLUME_CLAIM, kinds.NODE,
    kinds.STORAGE_CLASS, kinds.RESOURCE_QUOTA, kinds.LIMIT_RANGE, kinds.SERVICE_ACCOUNT, kinds.ROLE,
)  # fmt: skip
WEAKER = {(43, 42), (110, 109), (38, 19)}
"""With less to see, a neighbouring class is the honest answer: a login refused instead of a login missing."""


@pytest.mark.parametrize("fault", [one for one in faults() if captured(one).exists()], ids=lambda one: one.name)
def test_a_refusal_invents_no_fault_and_hides_none(fault: Fault) -> None:
    """One right is taken away from each captured scenario: the same classes are found, or the verdict is unknown."""
    kind = REFUSED[zlib.crc32(fault.name.encode()) % len(REFUSED)]
    capture = json.loads(captured(fault).read_text())
    where = CAPTURED_AS if kind.namespaced else ""
    row = {"resource": kind.resource, "namespace": where, "status": 403, "problem": f"{kind.plural} is forbidden"}
    made = SnapshotCluster(capture | {"unread": [*capture.get("unread", []), row]})
    full = ask_capture(fault)
    try:
        less = ask(Services(made, made.clock, made.ask, MemoryState()), fault, CAPTURED_AS)
    except Denied:  # the target itself may not be read
        return
    told = [full["cause"], *full["consequences"]]
    before, now = {one["class"] for one in told if one}, (less["cause"] or {}).get("class")
    assert less["verdict"] in ("unknown", full["verdict"])
    assert now is None or now in before or any((one, now) in WEAKER for one in before)
