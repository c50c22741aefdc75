"""Init containers that wait in silence for what is well: another address for its name, or a NetworkPolicy."""

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import Json, deployment, pod, services, thing

LOOP = "until nc -z -w 2 cache 6379; do echo waiting for cache:6379; sleep 2; done"
EARLY = "2026-01-02T11:58:50Z nc: getaddrinfo for host cache port 6379: Name or service not known\n"
WAITS = "".join(f"2026-01-02T11:59:{second:02}Z waiting for cache:6379\n" for second in range(0, 60, 2))


def verdict(
    *others: Json, aliased: str = "", headless: bool = True, script: str = LOOP, log: str = EARLY + WAITS,
) -> Json:  # fmt: skip
    """What is said of `api`, whose pods wait for `cache`, which is well."""
    api, one = deployment("api", 1, 0), pod("api-1", {"app": "api"}, False)
    spec = api["spec"]["template"]["spec"]
    spec["initContainers"] = [{"name": "wait", "image": "busybox", "command": ["sh", "-c", script]}]
    if aliased:
        spec["hostAliases"] = [{"ip": aliased, "hostnames": ["cache"]}]
    one["spec"] = {**spec, "nodeName": "node-1"}
    one["status"] |= {
        "phase": "Pending",
        "initContainerStatuses": [{"name": "wait", "state": {"running": {"startedAt": "2026-01-02T11:58:48Z"}}}],
        "containerStatuses": [{"name": "app", "ready": False, "state": {"waiting": {"reason": "PodInitializing"}}}],
    }
    cache, behind = deployment("cache", 1, 1), pod("cache-1", {"app": "cache"})
    address = "None" if headless else "10.1.0.5"
    ports = [{"port": 6379, "targetPort": 6379}]
    service = thing("Service", "cache", spec={"selector": {"app": "cache"}, "ports": ports, "clusterIP": address})
    endpoint = {"addresses": ["10.0.0.9"], "conditions": {"ready": True}, "targetRef": {"name": "cache-1"}}
    piece = thing(
        "EndpointSlice", "cache-x", labels={"kubernetes.io/service-name": "cache"}, endpoints=[endpoint],
        ports=[{"port": 6379}],
    )  # fmt: skip
    made = services(api, one, cache, behind, service, piece, *others, logs={"shop/api-1/wait": log})
    data = diagnose(Request("diagnose", "deployment/api", Actor("test"), namespace="shop"), made).data
    assert isinstance(data, dict)
    return data


def egress(protocol: str) -> Json:
    rule = {"to": [{"podSelector": {"matchLabels": {"app": "cache"}}}], "ports": [{"port": 6379, "protocol": protocol}]}
    dns = {"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]}
    spec = {"podSelector": {"matchLabels": {"app": "api"}}, "policyTypes": ["Egress"], "egress": [rule, dns]}
    return thing("NetworkPolicy", "api", spec=spec)


def test_a_policy_that_keeps_an_init_container_from_what_it_waits_for_is_the_cause() -> None:
    """What its log said in the beginning is past: the name has been found since."""
    cause = verdict(egress("UDP"))["cause"]
    assert cause["object"] == "networkpolicy/api"
    assert cause["confidence"] == "sure"
    assert cause["sentence"].startswith(
        "init container `wait` waits for `cache:6379` in vain: policy `api` lets it out"
    )


def test_a_policy_that_lets_it_out_is_not() -> None:
    assert verdict(egress("TCP"))["cause"]["class"] == 71


def test_a_look_up_needs_no_way_to_the_pods() -> None:
    said = verdict(egress("UDP"), script="until nslookup cache; do sleep 2; done", log=WAITS.replace(":6379", ""))
    assert said["cause"]["class"] == 71


@pytest.mark.parametrize(
    ("aliased", "headless", "own"), [("127.0.0.1", True, "10.0.0.9"), ("10.9.9.9", False, "10.1.0.5")]
)
def test_another_address_for_the_name_that_it_waits_for_is_the_cause(aliased: str, headless: bool, own: str) -> None:
    cause = verdict(aliased=aliased, headless=headless)["cause"]
    assert cause["class"] == 37
    assert f"says that it is {aliased}, and service `cache` has {own}" in cause["sentence"]


@pytest.mark.parametrize(("aliased", "headless"), [("10.0.0.9", True), ("10.1.0.5", False), ("", True)])
def test_the_address_of_the_service_or_of_a_pod_behind_it_is_not(aliased: str, headless: bool) -> None:
    assert verdict(aliased=aliased, headless=headless)["cause"]["class"] == 71
