"""Policies whose peers are namespaces that no namespace is."""

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import Json, deployment, pod, services, thing
from tests.unit.explainers.diagnosis.reading import service

SPACES = [thing("Namespace", name, "", labels={"kubernetes.io/metadata.name": name}) for name in ("shop", "edge", "ci")]
OWN: Json = {"podSelector": {}}


def edge(label: str = "name", value: str = "edge") -> Json:
    return {"namespaceSelector": {"matchLabels": {label: value}}}


def verdict(*peers: Json, target: str = "web", others: tuple[Json, ...] = ()) -> Json:
    """The verdict of a ready web whose policy lets these peers in."""
    spec = {"podSelector": {"matchLabels": {"app": "web"}}, "policyTypes": ["Ingress"], "ingress": [{"from": [*peers]}]}
    objects = [deployment("web"), pod("web-1", {"app": "web"}), *service("web-1"), *SPACES, *others]
    made = services(*objects, thing("NetworkPolicy", "allow-web", spec=spec))
    data = diagnose(Request("diagnose", target, Actor("test"), namespace="shop"), made).data
    assert isinstance(data, dict)
    return data


@pytest.mark.parametrize("value", ["edge", "edgee"])
def test_a_label_that_no_namespace_carries_beside_peers_that_are_there(value: str) -> None:
    found = verdict(edge(value=value), OWN)
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (31, "likely")
    assert f"lets namespaces with `name={value}` in, and none carries that; `edge`" in found["cause"]["sentence"]
    (step,) = found["plan"]
    assert '"kubernetes.io/metadata.name":"edge"' in step["kubectl"]
    assert "/spec/ingress/0/from/0/namespaceSelector" in step["kubectl"]
    assert any(one["kubectl"].startswith("kubectl label namespace/edge") for one in found["alternatives"])


def test_an_ingress_tells_it_of_its_service() -> None:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    rules = [{"host": "shop.example.com", "http": {"paths": [{"path": "/", "backend": backend}]}}]
    entry = thing("Ingress", "shop", spec={"rules": rules})
    found = verdict(edge(), OWN, target="ingress/shop", others=(entry,))
    assert found["cause"]["class"] == 31


def test_alone_it_closes_the_pods_and_the_same_namespace_is_named() -> None:
    found = verdict(edge())
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (31, "sure")
    assert found["cause"]["sentence"].endswith("the namespace `edge` is probably meant")
    assert '"kubernetes.io/metadata.name":"edge"' in found["plan"][0]["kubectl"]


@pytest.mark.parametrize(
    "peers",
    [
        (edge("kubernetes.io/metadata.name"), OWN),
        (edge(), edge("kubernetes.io/metadata.name"), OWN),
        (edge(), {"ipBlock": {"cidr": "10.0.0.0/8"}}),
    ],
    ids=["fits", "let in by another entry", "perhaps let in by its address"],
)
def test_what_gets_in_all_the_same_is_no_fault(peers: tuple[Json, ...]) -> None:
    assert verdict(*peers)["verdict"] == "healthy"


def test_where_nothing_near_is_there_it_is_a_remark() -> None:
    found = verdict(edge("team", "monitoring"), OWN)
    assert found["verdict"] == "healthy"
    assert "lets namespaces with `team=monitoring` in, and there is none" in found["headline"]
