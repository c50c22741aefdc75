"""A probe that a server refuses for its Host header."""

from typing import Any

import pytest

from explainers.diagnosis.rules.probes import not_ready
from explainers.plan import Plan
from tests.unit.clusters import Json, deployment, pod, thing
from tests.unit.explainers.diagnosis.reading import WEB, Reading, service

DJANGO = "ERROR django.security.DisallowedHost: Invalid HTTP_HOST header: '10.0.0.9:8000'.\n"
RAILS = "[ActionDispatch::HostAuthorization::DefaultResponseApp] Blocked hosts: 10.0.0.9:8000\n"
INGRESS = thing(
    "Ingress", "web",
    spec={"rules": [{"host": "shop.example.com", "http": {"paths": [{"backend": {"service": {"name": "web"}}}]}}]},
)  # fmt: skip


def plan(log: str, status: int, *objects: Json, headers: Any = None, **env: str) -> Plan:
    probe = {"httpGet": {"path": "/healthz", "port": 8000, **({"httpHeaders": headers} if headers else {})}}
    made, one = deployment("web", 1, 0), pod("web-1", {"app": "web"}, ready=False)
    for spec in (made["spec"]["template"]["spec"], one["spec"]):
        spec["containers"] = [{
            "name": "app", "image": "app:1", "readinessProbe": probe,
            "env": [{"name": name, "value": value} for name, value in env.items()],
        }]  # fmt: skip
    about = {"kind": "Pod", "name": "web-1", "namespace": "shop", "fieldPath": "spec.containers{app}"}
    said = f"Readiness probe failed: HTTP probe failed with statuscode: {status}"
    event = thing("Event", "web-1.1", reason="Unhealthy", message=said, involvedObject=about, count=9)
    event |= {"firstTimestamp": "2026-01-02T11:00:00Z", "lastTimestamp": "2026-01-02T11:59:58Z"}
    reading = Reading(made, one, event, *service("web-1"), *objects, logs={"shop/web-1/app": log})
    (found,) = reading.see(lambda case: [*not_ready(case)], WEB)
    return found.plan


@pytest.mark.parametrize(
    ("log", "status", "objects", "env"),
    [
        (DJANGO, 400, [], {"ALLOWED_HOSTS": "localhost,.shop.example.com"}),
        (DJANGO, 400, [], {"DJANGO_ALLOWED_HOSTS": "['shop.example.com', '*']"}),
        (DJANGO, 400, [INGRESS], {"ALLOWED_HOSTS": "*"}),
        (RAILS, 403, [INGRESS], {}),
    ],
)
def test_it_is_asked_by_a_name_that_it_takes(log: str, status: int, objects: list[Json], env: dict[str, str]) -> None:
    step = plan(log, status, *objects, **env).steps[0]
    assert step.changes
    assert '"httpHeaders":[{"name":"Host","value":"shop.example.com"}]' in step.operation.line()


def test_other_headers_stay() -> None:
    headers = [{"name": "X-Probe", "value": "1"}, {"name": "host", "value": "old"}]
    step = plan(DJANGO, 400, headers=headers, ALLOWED_HOSTS="shop.example.com").steps[0]
    assert step.changes
    assert '[{"name":"X-Probe","value":"1"},{"name":"Host","value":"shop.example.com"}]' in step.operation.line()


def test_where_no_name_is_known_it_is_looked_up() -> None:
    found = plan(DJANGO, 400)
    assert not found.changes
    assert "tcpSocket" in found.alternatives[0].operation.line()


def test_a_path_that_is_not_known_is_none_of_this() -> None:
    step = plan("Not Found: /healthz\n", 404, ALLOWED_HOSTS="shop.example.com").steps[0]
    assert step.changes
    assert "tcpSocket" in step.operation.line()
