"""Policies that would open the way and have no effect: by `policyTypes`, or by a slip in their selector."""

from typing import Any

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import Json, deployment, pod, services, thing

LABELS = {"app": "till", "tier": "data"}
RULE = {"from": [{"podSelector": {"matchLabels": {"app": "web"}}}], "ports": [{"port": 8080, "protocol": "TCP"}]}
OUT = {"to": [{"podSelector": {"matchLabels": {"app": "till"}}}]}


def policy(name: str, labels: Json, types: list[str], **rules: Any) -> Json:
    return thing("NetworkPolicy", name, spec={"podSelector": {"matchLabels": labels}, "policyTypes": types, **rules})


def asked(*policies: Json, target: str = "web", others: tuple[Json, ...] = ()) -> Json:
    web, one = deployment("web"), pod("web-1", {"app": "web"})
    for spec in (web["spec"]["template"]["spec"], one["spec"]):
        spec["containers"][0]["env"] = [{"name": "TILL_URL", "value": "http://till"}]
    one["status"]["podIP"] = "10.0.0.8"
    offer = {"selector": {"app": "till"}, "clusterIP": "10.96.0.7", "ports": [{"port": 80, "targetPort": 8080}]}
    endpoint = {"addresses": ["10.0.0.9"], "conditions": {"ready": True}, "targetRef": {"name": "till-1"}}
    labels = {"kubernetes.io/service-name": "till"}
    piece = thing("EndpointSlice", "till-x", labels=labels, endpoints=[endpoint], ports=[{"port": 8080}])
    till = deployment("till", labels=LABELS)
    objects = [web, one, till, pod("till-1", LABELS), thing("Service", "till", spec=offer), piece]
    fails = "2026-01-02T11:59:58Z Error: connect ETIMEDOUT till:80\n" * 3
    request = Request("diagnose", f"deployment/{target}", Actor("test"), namespace="shop")
    data: Any = diagnose(request, services(*objects, *policies, *others, logs={"shop/web-1/app": fails})).data
    found: Json = data
    return found


DENY = thing("NetworkPolicy", "deny", spec={"podSelector": {}, "policyTypes": ["Ingress"]})
DENY_OUT = thing("NetworkPolicy", "deny", spec={"podSelector": {}, "policyTypes": ["Egress"]})


def test_rules_of_a_direction_that_is_left_out_are_let_count() -> None:
    meant = policy("allow", {"app": "till"}, ["Egress"], ingress=[RULE])
    for target in ("web", "till"):
        found = asked(DENY, meant, target=target)
        assert (found["cause"]["class"], found["cause"]["object"]) == (30, "networkpolicy/allow")
        assert "its `policyTypes` are `Egress` only, so its ingress rules have no effect" in found["headline"]
        assert '"path":"/spec/policyTypes/-","value":"Ingress"' in found["plan"][0]["kubectl"]


def test_a_selector_that_misses_the_pods_by_a_slip_is_corrected() -> None:
    meant = policy("allow", {"app": "tills"}, ["Ingress"], ingress=[RULE])
    for target in ("web", "till"):
        found = asked(DENY, meant, target=target)
        assert (found["cause"]["object"], found["cause"]["confidence"]) == ("networkpolicy/allow", "likely")
        assert "it selects the pods `app=tills`, of which there are none" in found["headline"]
        assert '"path":"/spec/podSelector","value":{"matchLabels":{"app":"till"}}' in found["plan"][0]["kubectl"]


def test_a_slip_in_the_key_of_a_label_is_one_too() -> None:
    found = asked(DENY, policy("allow", {"ap": "till"}, ["Ingress"], ingress=[RULE]))
    assert '"value":{"matchLabels":{"app":"till"}}' in found["plan"][0]["kubectl"]


def test_so_for_the_way_out() -> None:
    dns = policy("dns", {"app": "web"}, ["Egress"], egress=[{"ports": [{"port": 53, "protocol": "UDP"}]}])
    found = asked(DENY_OUT, dns, policy("allow", {"app": "webb"}, ["Egress"], egress=[OUT]))
    assert (found["cause"]["class"], found["cause"]["object"]) == (34, "networkpolicy/allow")
    assert '"value":{"matchLabels":{"app":"web"}}' in found["plan"][0]["kubectl"]


def test_a_policy_about_other_pods_or_for_other_callers_is_not_meant() -> None:
    other = pod("tills-1", {"app": "tills"})
    near = policy("allow", {"app": "tills"}, ["Ingress"], ingress=[RULE])
    assert asked(DENY, near, others=(other,))["cause"]["object"] == "networkpolicy/deny"
    strange = policy(
        "allow", {"app": "tills"}, ["Ingress"], ingress=[{"from": [{"podSelector": {"matchLabels": {"a": "b"}}}]}]
    )
    assert asked(DENY, strange)["cause"]["object"] == "networkpolicy/deny"
    assert (
        asked(DENY, policy("allow", {"app": "mail"}, ["Ingress"], ingress=[RULE]))["cause"]["object"]
        == "networkpolicy/deny"
    )
