"""What may not be read is unknown, never absent: no health and no fault is made of a refusal."""

from typing import Any

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
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
