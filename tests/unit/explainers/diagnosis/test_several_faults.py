"""Several faults at once: which of them is the cause, and what a plan for it does not promise."""

from typing import Any

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.remaining import modest
from explainers.kinds import Ref
from explainers.operations.rollouts import Restart
from explainers.plan import Plan, Step
from tests.unit.clusters import NOW, Json, deployment, pod, services, thing

WEB = Ref("Deployment", "shop", "web")
SECRET = Ref("Secret", "shop", "web")
CLASS = thing("IngressClass", "nginx", "")
ADDRESS = {"loadBalancer": {"ingress": [{"ip": "198.51.100.4"}]}}


def ingress(class_name: str = "nginx", port: int = 80, secret: str = "", **fields: Any) -> Json:
    backend = {"service": {"name": "web", "port": {"number": port}}}
    rules = [{"host": "shop.example.com", "http": {"paths": [{"path": "/", "backend": backend}]}}]
    tls = [{"hosts": ["shop.example.com"], "secretName": secret}] if secret else []
    return thing("Ingress", "shop", spec={"ingressClassName": class_name, "rules": rules, "tls": tls}, **fields)


def behind(ready: bool = True) -> list[Json]:
    """The Service `web`, its endpoints, and what runs behind it."""
    web = thing("Service", "web", spec={"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 80}]})
    endpoint = {"conditions": {"ready": ready}, "targetRef": {"kind": "Pod", "name": "web-1"}}
    slices = thing("EndpointSlice", "web-1", labels={"kubernetes.io/service-name": "web"}, endpoints=[endpoint])
    return [web, slices, deployment("web", ready=int(ready)), pod("web-1", {"app": "web"}, ready)]


def verdict(*objects: Json) -> Json:
    reply = diagnose(Request("diagnose", "ingress/shop", Actor("test"), namespace="shop"), services(CLASS, *objects))
    assert isinstance(reply.data, dict)
    return reply.data


def classes(found: Json) -> list[int]:
    return [one["class"] for one in found["consequences"]]


def test_what_nobody_serves_comes_before_all_else_that_is_wrong_with_an_ingress() -> None:
    found = verdict(ingress("ngnix", port=8080, secret="shop-tls"), *behind())
    assert found["cause"]["class"] == 22
    assert classes(found) == [21, 24]
    expected = found["plan"][0]["expect"]
    assert "what else is told of `ingress/shop` and `secret/shop-tls` is then still to be mended" in expected


def test_nor_does_a_fault_of_the_service_behind_explain_that_nobody_serves_it() -> None:
    crashing = thing("Service", "web", spec={"selector": {"app": "wbe"}, "ports": [{"port": 80, "targetPort": 80}]})
    found = verdict(ingress("ngnix"), crashing, *behind()[2:])
    assert found["cause"]["class"] == 22
    assert classes(found) == [2]


def test_a_backend_that_no_request_reaches_comes_before_the_certificate() -> None:
    found = verdict(ingress(port=8080, secret="shop-tls", status=ADDRESS), *behind())
    assert found["cause"]["class"] == 21
    assert classes(found) == [24]
    assert "`secret/shop-tls`" in found["plan"][0]["expect"]


def test_one_fault_alone_promises_what_it_did() -> None:
    found = verdict(ingress("ngnix"), *behind())
    assert found["plan"][0]["expect"] == "it gets an address within a minute"


def routed(*backends: tuple[str, str, int]) -> Json:
    """An Ingress with a path, a Service and its port for each route."""
    made = ingress(status=ADDRESS)
    made["spec"]["rules"][0]["http"]["paths"] = [
        {"path": path, "backend": {"service": {"name": name, "port": {"number": port}}}}
        for path, name, port in backends
    ]
    return made


def test_the_same_fault_on_several_routes_is_one_and_is_mended_on_all() -> None:
    found = verdict(routed(("/", "wbe", 80), ("/api", "wbe", 81), ("/ok", "web", 80)), *behind())
    assert "it sends `shop.example.com/` and 1 other route to service `wbe`, which does not exist" in found["headline"]
    assert found["consequences"] == []
    assert found["plan"][0]["kubectl"].count('"value":"web"') == 2


def test_a_wrong_port_is_found_beside_a_right_one_of_the_same_service() -> None:
    found = verdict(routed(("/", "web", 80), ("/api", "web", 8080)), *behind())
    assert found["cause"]["class"] == 21
    assert "`shop.example.com/api` to port `8080`" in found["headline"]
    assert "/spec/rules/0/http/paths/1/backend/service/port" in found["plan"][0]["kubectl"]


def fault(subject: Ref, layer: Layer, confidence: Confidence = Confidence.SURE, benign: bool = False) -> Finding:
    again = Step(Restart(WEB.type, "shop", "web", NOW), "start anew", "the pods start")
    return Finding(50, subject, layer, "it has a fault", (), Plan((again,)), confidence, benign=benign)


def expected(*others: Finding) -> str:
    cause = modest(fault(WEB, Layer.NEEDS), others, (), WEB)
    assert cause is not None
    return cause.plan.steps[0].expect


def test_of_two_faults_in_one_layer_neither_is_mended_by_the_other_ones_plan() -> None:
    assert expected(fault(SECRET, Layer.NEEDS)) == (
        "the pods start; what else is told of `secret/web` is then still to be mended"
    )


@pytest.mark.parametrize(
    "other",
    [
        fault(WEB, Layer.CONTAINER),
        fault(SECRET, Layer.NEEDS, Confidence.LIKELY),
        fault(SECRET, Layer.NEEDS, benign=True),
    ],
)
def test_what_follows_from_the_cause_is_doubtful_or_no_fault_does_not_remain(other: Finding) -> None:
    assert expected(other) == "the pods start"
