"""Webhooks that cannot be asked: outside of the cluster, or where the service behind may not be read."""

from typing import Any

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import deployment, services

Json = dict[str, Any]
CALL = 'Internal error occurred: failed calling webhook "policy.example.com": failed to call webhook: Post "%s": %s'


def told(url: str, problem: str) -> Json:
    web = deployment("web", ready=0)
    web["status"] |= {"replicas": 0, "updatedReplicas": 0}
    web["status"]["conditions"] = [{"type": "ReplicaFailure", "status": "True", "message": CALL % (url, problem)}]
    request = Request("diagnose", "deployment/web", Actor("test"), namespace="shop")
    data = diagnose(request, services(web)).data
    assert isinstance(data, dict)
    return data


@pytest.mark.parametrize(
    ("url", "problem", "number", "blamed"),
    [
        ("https://policy.example.com/pods?timeout=10s", "EOF", 105, "deployment/web"),
        ("https://policy.security.svc:443/pods?timeout=10s", "context deadline exceeded", 105, "service/policy"),
        ("https://policy.security.svc:443/pods", "tls: x509: certificate has expired", 106, "service/policy"),
    ],
)
def test_what_is_known_is_said(url: str, problem: str, number: int, blamed: str) -> None:
    data = told(url, problem)
    assert (data["cause"]["class"], data["cause"]["object"]) == (number, blamed)
    assert "`policy.example.com`" in data["cause"]["sentence"]
    assert problem in data["cause"]["sentence"]
    assert any("webhookconfiguration" in step["kubectl"] for step in data["plan"])
