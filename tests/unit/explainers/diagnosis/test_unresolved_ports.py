"""Service ports that lead nowhere on their pods: no policy is to blame for that, and nothing opens port 0."""

from typing import Any

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import Json, deployment, pod, services, thing

ONLY_CALLER = {"podSelector": {"matchLabels": {"app": "api"}}}


def verdict(target: str, **port: Any) -> Json:
    """The verdict about a cache with a policy that opens its port, and a Service with this port."""
    cache, one = deployment("cache"), pod("cache-1", {"app": "cache"})
    container: Json = {"name": "app", "image": "redis:7", "ports": [{"name": "redis", "containerPort": 6379}]}
    cache["spec"]["template"]["spec"]["containers"] = one["spec"]["containers"] = [container]
    caller = pod("api-1", {"app": "api"})
    spec = {"selector": {"app": "cache"}, "clusterIP": "10.96.0.7", "ports": [{"name": "redis", "port": 6379, **port}]}
    endpoint = {"addresses": ["10.0.0.9"], "conditions": {"ready": True}, "targetRef": {"name": "cache-1"}}
    labels = {"kubernetes.io/service-name": "cache"}
    piece = thing("EndpointSlice", "cache-x", labels=labels, endpoints=[endpoint], ports=[{"name": "redis"}])
    rule = {"from": [ONLY_CALLER], "ports": [{"port": 6379, "protocol": "TCP"}]}
    shut = {"podSelector": {"matchLabels": {"app": "cache"}}, "policyTypes": ["Ingress"], "ingress": [rule]}
    objects = [cache, one, caller, thing("Service", "cache", spec=spec), piece, thing("NetworkPolicy", "p", spec=shut)]
    data = diagnose(Request("diagnose", target, Actor("test"), namespace="shop"), services(*objects)).data
    assert isinstance(data, dict)
    return data


@pytest.mark.parametrize("target", ["svc/cache", "deployment/cache"])
@pytest.mark.parametrize(
    ("port", "number"),
    [
        ({"targetPort": "rediss"}, 9),
        ({"targetPort": "redis", "protocol": "UDP"}, 10),
        ({"targetPort": 6379, "protocol": "UDP"}, 10),
    ],
    ids=["unknown name", "named, of the other protocol", "of the other protocol"],
)
def test_the_service_is_to_blame_and_not_the_policy(target: str, port: Json, number: int) -> None:
    found = verdict(target, **port)
    assert (found["cause"]["class"], found["cause"]["object"]) == (number, "service/cache")
    assert not any(one["class"] == 32 for one in found["consequences"])
    assert not any('"port":0' in row["kubectl"] for row in [*found["plan"], *found["alternatives"]])


def test_a_policy_that_opens_another_port_is_still_told() -> None:
    found = verdict("svc/cache", name="other", port=6380, targetPort=6380)
    assert found["cause"]["class"] == 32
    assert '"port":6380' in found["plan"][0]["kubectl"]


def test_where_the_pods_have_the_port_by_its_name_the_service_is_to_blame() -> None:
    found = verdict("svc/cache", port=6380, targetPort=6380)
    assert (found["cause"]["class"], found["cause"]["object"]) == (8, "service/cache")
    assert '"value":"redis"' in found["plan"][0]["kubectl"]
