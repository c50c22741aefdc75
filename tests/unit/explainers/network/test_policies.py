"""What NetworkPolicies let through: the semantics of networking.k8s.io/v1, case by case."""

from typing import Any

import pytest

from explainers.network.policies import Gap, Party, blocking, container_ports, gap, governs

WEB = Party("shop", {"app": "web"}, ip="10.1.0.7")
API = Party("shop", {"app": "api"}, {"team": "shop"}, "10.1.0.8", {("http", "TCP"): 8080})


def policy(name: str = "p", pods: Any = None, **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "shop"}, "spec": {"podSelector": pods or {}, **spec}}


def ingress(*rules: dict[str, Any], name: str = "p") -> dict[str, Any]:
    return policy(name, policyTypes=["Ingress"], ingress=list(rules))


def pods(**labels: str) -> dict[str, Any]:
    return {"podSelector": {"matchLabels": labels}}


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([], Gap.NO_RULE),
        ([{}], None),
        ([{"from": [pods(app="web")]}], None),
        ([{"from": [pods(app="frontend")]}], Gap.PEER),
        ([{"from": [pods(app="web")], "ports": [{"port": 80}]}], Gap.PORT),
        ([{"from": [pods(app="web")], "ports": [{"port": 8080, "protocol": "UDP"}]}], Gap.PORT),
        ([{"from": [pods(app="web")], "ports": [{"port": "http"}]}], None),
        ([{"from": [pods(app="web")], "ports": [{"port": "web"}]}], Gap.PORT),
        ([{"from": [pods(app="web")], "ports": [{"port": 8000, "endPort": 8100}]}], None),
        ([{"from": [pods(app="other")], "ports": [{"port": 1}]}], Gap.BOTH),
        ([{"from": [pods(app="other")], "ports": [{"port": 1}]}, {"from": [pods(app="web")]}], None),
        ([{"from": [{"ipBlock": {"cidr": "10.1.0.0/16"}}]}], None),
        ([{"from": [{"ipBlock": {"cidr": "10.1.0.0/16", "except": ["10.1.0.7/32"]}}]}], Gap.PEER),
        ([{"from": [{"ipBlock": {"cidr": "192.168.0.0/16"}}]}], Gap.PEER),
        ([{"from": [{"namespaceSelector": {}, **pods(app="web")}]}], None),
        ([{"from": [{"namespaceSelector": {"matchLabels": {"team": "shop"}}}]}], Gap.PEER),
        ([{"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}}]}], None),
    ],
)
def test_what_keeps_a_client_out(rules: list[dict[str, Any]], expected: Gap | None) -> None:
    assert gap(ingress(*rules), "ingress", WEB, API, 8080) is expected


def test_policies_add_up() -> None:
    deny, allow = ingress(name="deny"), ingress({"from": [pods(app="web")]}, name="allow")
    assert blocking([deny], "ingress", WEB, API, 8080) == [(deny, Gap.NO_RULE)]
    assert blocking([deny, allow], "ingress", WEB, API, 8080) == []


def test_a_policy_of_other_pods_or_another_namespace_does_not_count() -> None:
    other_pods = policy(pods={"matchLabels": {"app": "pg"}}, policyTypes=["Ingress"])
    elsewhere = {**ingress(), "metadata": {"name": "p", "namespace": "data"}}
    assert blocking([other_pods, elsewhere], "ingress", WEB, API, 8080) == []


def test_egress_restricts_the_client() -> None:
    out = policy(pods={"matchLabels": {"app": "web"}}, policyTypes=["Egress"], egress=[{"to": [pods(app="cache")]}])
    assert blocking([out], "egress", WEB, API, 8080) == [(out, Gap.PEER)]
    assert blocking([out], "ingress", WEB, API, 8080) == []


def test_directions_by_default() -> None:
    assert governs(policy(), "ingress")
    assert not governs(policy(), "egress")
    assert governs(policy(egress=[{}]), "egress")


def test_broken_shapes_are_no_rules() -> None:
    broken = {"metadata": None, "spec": {"podSelector": None, "ingress": [None, "x", {"from": "y", "ports": [3]}]}}
    assert blocking([broken], "ingress", WEB, API, 8080) == []
    assert container_ports({"containers": [{"ports": [{"name": "a", "containerPort": None}, None]}, 7]}) == {}
