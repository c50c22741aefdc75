"""What policies allow, in words: each rule by itself."""

from collections.abc import Sequence
from typing import Any

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import deployment, pod, services, thing

Json = dict[str, Any]
DNS = {"ports": [{"port": 53, "protocol": "UDP"}]}
FAILS = "2026-01-02T11:59:58Z Error: connect ETIMEDOUT till:80\n" * 3


def cause(direction: str, *rules: Json, beside: Sequence[Json] = ()) -> Json:
    """The cause where `web` calls `till`, and one policy has these rules, beside others."""
    web, one = deployment("web"), pod("web-1", {"app": "web"})
    env = [{"name": "TILL_URL", "value": "http://till"}]
    for spec in (web["spec"]["template"]["spec"], one["spec"]):
        spec["containers"][0]["env"] = env
    one["status"]["podIP"] = "10.0.0.8"
    till, behind = deployment("till"), pod("till-1", {"app": "till"})
    offer = {"selector": {"app": "till"}, "clusterIP": "10.96.0.7", "ports": [{"port": 80, "targetPort": 8080}]}
    endpoint = {"addresses": ["10.0.0.9"], "conditions": {"ready": True}, "targetRef": {"name": "till-1"}}
    labels = {"kubernetes.io/service-name": "till"}
    piece = thing("EndpointSlice", "till-x", labels=labels, endpoints=[endpoint], ports=[{"port": 8080}])
    chosen: Json = {"podSelector": {"matchLabels": {"app": "web" if direction == "egress" else "till"}}}
    spec = {**chosen, "policyTypes": [direction.capitalize()], direction: list(rules)}
    objects = [
        web,
        one,
        till,
        behind,
        thing("Service", "till", spec=offer),
        piece,
        thing("NetworkPolicy", "p", spec=spec),
        *beside,
    ]
    request = Request("diagnose", "deployment/web", Actor("test"), namespace="shop")
    data: Any = diagnose(request, services(*objects, logs={"shop/web-1/app": FAILS})).data
    found: Json = {"seen": [one["text"] for one in data["evidence"]], "plan": data["plan"], **data["cause"]}
    return found


def test_the_port_of_one_rule_does_not_limit_another() -> None:
    found = cause("egress", DNS, {"to": [{"ipBlock": {"cidr": "203.0.113.0/24"}}]})
    assert found["sentence"].endswith("; it allows everything on port 53/UDP; addresses 203.0.113.0/24")
    assert "egress: everything on port 53/UDP; addresses 203.0.113.0/24 on any port" in found["seen"]


def test_a_block_does_not_match_the_address_of_a_service() -> None:
    found = cause("egress", DNS, {"to": [{"ipBlock": {"cidr": "10.96.0.7/32"}}]})
    told = (
        "`10.96.0.7/32` holds the address of service `till`, which most networks replace by a pod's before they judge "
        "a policy"
    )
    assert (found["class"], found["sentence"].endswith(f"; {told}")) == (34, True)


def test_only_the_ports_of_a_rule_that_names_the_caller_are_told() -> None:
    other, own = ({"podSelector": {"matchLabels": {"app": name}}} for name in ("other", "web"))
    found = cause("ingress", {"from": [other], "ports": [{"port": 9}]}, {"from": [own], "ports": [{"port": 80}]})
    assert found["sentence"] == "policy `p` lets it in to port 80 only, but the pods of `till` listen on 8080"


def for_everybody(name: str, *rules: Json) -> Json:
    return thing("NetworkPolicy", name, spec={"podSelector": {}, "policyTypes": ["Egress"], "egress": list(rules)})


def test_of_several_policies_the_one_that_names_what_is_called_gets_the_port() -> None:
    to = {"to": [{"podSelector": {"matchLabels": {"app": "till"}}}], "ports": [{"port": 9090}]}
    found = cause("egress", to, beside=(for_everybody("allow-dns", DNS), for_everybody("deny")))
    assert (found["class"], found["object"]) == (32, "networkpolicy/p")
    assert "lets it out to `till` on port 9090 only, but the pods of `till` listen on 8080" in found["sentence"]
    assert '"/spec/egress/0/ports/-","value":{"port":8080,"protocol":"TCP"}' in found["plan"][0]["kubectl"]


def test_a_rule_for_any_address_is_not_about_what_is_called() -> None:
    found = cause("egress", DNS, {"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}], "ports": [{"port": 443}]})
    assert found["class"] == 34
    assert "/spec/egress/-" in found["plan"][0]["kubectl"]
