"""What is said not to have been looked at where an Ingress is healthy."""

from typing import Any

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import Json, deployment, pod, services, thing
from tests.unit.explainers.diagnosis.reading import service


def unchecked(peers: list[Json] | None = None, tls: bool = True, target: str = "ingress/i") -> list[str]:
    """What the verdict says was not looked at; `peers` None is no policy."""
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    spec: Json = {"rules": [{"host": "shop.example.com", "http": {"paths": [{"path": "/", "backend": backend}]}}]}
    spec |= {"tls": [{"hosts": ["shop.example.com"], "secretName": "shop-tls"}]} if tls else {}
    objects = [thing("Ingress", "i", spec=spec), deployment("web"), *service("web-1")]
    objects += [pod("web-1", {"app": "web"})]
    objects += [thing("Secret", "shop-tls", data={"tls.crt": "(9 characters)", "tls.key": "(9 characters)"})]
    if peers is not None:
        rule = {"from": peers} if peers else {}
        policy = {"podSelector": {"matchLabels": {"app": "web"}}, "policyTypes": ["Ingress"], "ingress": [rule]}
        objects += [thing("NetworkPolicy", "allow-web", spec=policy)]
    data: Any = diagnose(Request("diagnose", target, Actor("test"), namespace="shop"), services(*objects)).data
    rows: list[Json] = data["unchecked"]
    return [one["what"] for one in rows if not one["what"].startswith("live probes")]


def test_a_certificate_is_not_read_and_its_command_is_told() -> None:
    (row,) = unchecked()
    assert row.startswith(
        "hosts and dates of the certificate in secret `shop-tls`; `kubectl -n shop get secret shop-tls"
    )
    assert "openssl x509" in row


def test_of_other_targets_and_without_a_certificate_nothing_is_said() -> None:
    assert unchecked(tls=False) == []
    assert unchecked(target="web") == []


@pytest.mark.parametrize(
    ("peers", "said"),
    [
        ([{"podSelector": {}}], ["whether policy `allow-web` lets the ingress controller in to `web`"]),
        ([{"namespaceSelector": {}}], []),
        ([], []),
    ],
    ids=["some", "all namespaces", "everybody"],
)
def test_whether_the_controller_gets_in_is_not_known(peers: list[Json], said: list[str]) -> None:
    assert unchecked(peers, tls=False) == said
