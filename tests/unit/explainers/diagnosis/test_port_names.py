"""Liveness probes that ask a port which their container does not declare: nothing fails, and nothing is watched."""

import pytest

from tests.unit.clusters import Json, deployment, pod
from tests.unit.explainers.diagnosis.test_owners_and_logins import verdict

HTTP, METRICS = {"name": "http", "containerPort": 80}, {"name": "metrics", "containerPort": 9113}


def watched(port: str | int) -> Json:
    owner, one = deployment("web"), pod("web-1", {"app": "web"})
    app = {"name": "app", "image": "app:1", "ports": [HTTP], "livenessProbe": {"httpGet": {"path": "/", "port": port}}}
    spec = {"containers": [app, {"name": "exporter", "image": "exporter:1", "ports": [METRICS]}]}
    owner["spec"]["template"]["spec"] = spec
    one["spec"] |= spec
    one["status"]["containerStatuses"].append({**one["status"]["containerStatuses"][0], "name": "exporter"})
    one["metadata"]["ownerReferences"] = [{"kind": "Deployment", "name": "web", "controller": True}]
    return verdict(owner, one)


def test_a_port_of_another_container_is_told_beside_healthy() -> None:
    said = watched("metrics")
    assert said["verdict"] == "healthy"
    assert "the container has no port of that name (container `exporter` has it)" in said["headline"]
    assert '"port":"http"' in said["plan"][0]["kubectl"]


@pytest.mark.parametrize("port", ["http", 80, 9113])
def test_a_port_that_is_known_is_not_told(port: str | int) -> None:
    assert "liveness" not in watched(port)["headline"]
