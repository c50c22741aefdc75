"""Calls that policies stop at a port which nobody meant: the Service leads elsewhere, or the caller errs."""

from typing import Any

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import Json, deployment, pod, services, thing

PODS = {"http": 8080, "metrics": 9090}


def asked(target: str, url: str, leads: dict[str, int | str], opened: list[int | str]) -> Json:
    """The answer where `web` calls `till`, whose Service leads its ports 80 and 9090 so; one policy opens ports."""
    web, one = deployment("web"), pod("web-1", {"app": "web"})
    for spec in (web["spec"]["template"]["spec"], one["spec"]):
        spec["containers"][0]["env"] = [{"name": "TILL_URL", "value": url}]
    one["status"]["podIP"] = "10.0.0.8"
    till, behind = deployment("till"), pod("till-1", {"app": "till"})
    for spec in (till["spec"]["template"]["spec"], behind["spec"]):
        spec["containers"][0]["ports"] = [{"name": name, "containerPort": port} for name, port in PODS.items()]
    offered = [{"name": name, "port": {"http": 80}.get(name, 9090), "targetPort": to} for name, to in leads.items()]
    service = thing("Service", "till", spec={"selector": {"app": "till"}, "clusterIP": "10.96.0.7", "ports": offered})
    service["metadata"]["namespace"] = "shop"
    endpoint = {"addresses": ["10.0.0.9"], "conditions": {"ready": True}, "targetRef": {"name": "till-1"}}
    behind_ports = [{"name": name, "port": PODS.get(str(to), to)} for name, to in leads.items()]
    labels = {"kubernetes.io/service-name": "till"}
    piece = thing("EndpointSlice", "till-x", labels=labels, endpoints=[endpoint], ports=behind_ports)
    rule = {
        "from": [{"podSelector": {"matchLabels": {"app": "web"}}}],
        "ports": [{"port": port, "protocol": "TCP"} for port in opened],
    }
    chosen: Json = {"podSelector": {"matchLabels": {"app": "till"}}, "policyTypes": ["Ingress"], "ingress": [rule]}
    policy = thing("NetworkPolicy", "p", spec=chosen)
    objects = [web, one, till, behind, service, piece, policy]
    log = f"2026-01-02T11:59:58Z Error: connect ETIMEDOUT {url.removeprefix('http://')}\n" * 3
    request = Request("diagnose", target, Actor("test"), namespace="shop")
    data: Any = diagnose(request, services(*objects, logs={"shop/web-1/app": log})).data
    found: Json = data
    return found


@pytest.mark.parametrize(
    ("leads", "opened"),
    [
        ({"http": "metrics", "metrics": "http"}, ["http"]),
        ({"http": "metrics", "metrics": "http"}, [8080]),
        ({"http": 9090, "metrics": 8080}, [8080]),
    ],
)
def test_a_service_whose_ports_are_swapped_is_to_blame(leads: dict[str, int | str], opened: list[int | str]) -> None:
    for target in ("deployment/web", "deployment/till"):
        found = asked(target, "http://till:80", leads, opened)
        assert (found["cause"]["class"], found["cause"]["object"]) == (8, "service/till")
        assert "have a port `http` (8080), and that is what the policies open" in found["cause"]["sentence"]
        patched = [step["kubectl"] for step in found["plan"] if "patch service/till" in step["kubectl"]]
        assert [line.count('"value":"http"') for line in patched] == [1, 0]


def test_the_callers_port_is_likelier_than_that_of_the_policy() -> None:
    found = asked("deployment/web", "http://till:9090", {"http": "http", "metrics": "metrics"}, ["http"])
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (32, "likely")
    assert "what they open is behind port `http` (80)" in found["cause"]["sentence"]
    assert "TILL_URL=http://till:80" in found["plan"][0]["kubectl"]


def test_a_policy_that_opens_another_port_than_any_of_the_service_is_to_blame() -> None:
    found = asked("deployment/web", "http://till:80", {"http": "http"}, [80])
    assert (found["cause"]["class"], found["cause"]["object"]) == (32, "networkpolicy/p")
