"""A small web server as a Deployment with its Service, for tests and measurements on a real node."""

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from tests.cluster.install import kubectl

PYTHON = "python:3.11"
PAGES = ("python3", "-m", "http.server", "8000")
"""What the image of Python serves until an image of its own is built."""


def web(
    name: str,
    notes: Mapping[str, str] | None = None,
    replicas: int = 1,
    image: str = PYTHON,
    command: Sequence[str] = PAGES,
    port: int = 8000,
) -> str:
    """What `kubectl apply -f -` takes. `notes` are annotations of the Deployment; the Service has port 80."""
    ready = {"tcpSocket": {"port": port}, "periodSeconds": 1}
    container: dict[str, Any] = {"name": name, "image": image, "readinessProbe": ready}
    if command:
        container["command"] = list(command)
    labels = {"app": name}
    pods = {
        "metadata": {"labels": labels},
        "spec": {"terminationGracePeriodSeconds": 1, "containers": [container]},
    }
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "annotations": dict(notes or {})},
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": pods},
    }
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"selector": labels, "ports": [{"port": 80, "targetPort": port}]},
    }
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": [deployment, service]})


def bound(repository: str, image: str) -> dict[str, str]:
    """The annotations that say what a workload is built from."""
    return {"tessera.dev/repository": repository, "tessera.dev/image": image}


def leave_to_image(namespace: str, name: str) -> None:
    """Take the command away: built images have their own."""
    own = json.dumps([{"op": "remove", "path": "/spec/template/spec/containers/0/command"}])
    kubectl("-n", namespace, "patch", "deployment", name, "--type=json", f"--patch={own}")


@contextmanager
def namespace_of(prefix: str, manifests: str, deployment: str = "web") -> Iterator[str]:
    """A namespace of its own with these objects, its name yielded once the deployment is rolled out."""
    name = f"{prefix}-{secrets.token_hex(3)}"
    kubectl("create", "namespace", name)
    try:
        kubectl("-n", name, "apply", "-f", "-", text=manifests)
        kubectl("-n", name, "rollout", "status", f"deployment/{deployment}", "--timeout=170s")
        yield name
    finally:
        kubectl("delete", "namespace", name, "--wait=false")
