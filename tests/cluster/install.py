"""Install Tessera on the real cluster as its README says: image built, pushed, Kustomize folder applied."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
BASE = ROOT / "manifests" / "base"
NAMESPACE = "tessera"


def kubectl(*words: str, text: str | None = None, seconds: float = 180) -> str:
    """Run kubectl to its end and return what it printed; an error fails the test with kubectl's own words."""
    done = subprocess.run(["kubectl", *words], input=text, capture_output=True, text=True, timeout=seconds, check=False)
    assert done.returncode == 0, f"kubectl {' '.join(words)}: {done.stderr}"
    return done.stdout


def node_address() -> str:
    """The address of a node, where pods reach programs of this machine when the node is this machine."""
    node = json.loads(kubectl("get", "nodes", "-o", "json"))["items"][0]
    return next(str(one["address"]) for one in node["status"]["addresses"] if one["type"] == "InternalIP")


def image_pushed() -> str:
    """Build the Dockerfile with the Docker Engine, push it to the tests' registry, and return the reference.

    The tag is that of this very image: a node does not pull again what it has under the same name.
    """
    repository = f"{os.environ['TESSERA_REGISTRY'].replace('127.0.0.1', 'localhost')}/tessera/tessera"
    built = _docker("build", "-q", str(ROOT)).strip()
    reference = f"{repository}:{built.removeprefix('sha256:')[:16]}"
    _docker("tag", built, reference)
    _docker("push", "-q", reference)
    return reference


def _docker(*words: str) -> str:
    done = subprocess.run(["docker", *words], capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def overlay(folder: Path, image: str, policy: str, environment: dict[str, str]) -> None:
    """An overlay of the base: this image, this policy, these settings; nothing else differs."""
    (folder / "policy.yaml").write_text(policy)
    name, _, tag = image.rpartition(":")
    added = [
        {"op": "add", "path": "/spec/template/spec/containers/0/env/-", "value": {"name": key, "value": value}}
        for key, value in environment.items()
    ]
    kustomization = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [os.path.relpath(BASE, folder.resolve())],
        "images": [{"name": "tessera/tessera", "newName": name, "newTag": tag}],
        "configMapGenerator": [{"name": "tessera-policy", "namespace": NAMESPACE, "behavior": "replace",
                                "files": ["policy.yaml"]}],
        "patches": [{"target": {"kind": "Deployment"}, "patch": yaml.safe_dump(added)}],
    }  # fmt: skip
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))


@contextmanager
def installed(folder: Path, secrets: dict[str, str]) -> Iterator[None]:
    """Apply an overlay, wait until everything is ready, and remove it all at the end."""
    kubectl("create", "namespace", NAMESPACE)
    try:
        literals = [f"--from-literal={key}={value}" for key, value in secrets.items()]
        kubectl("-n", NAMESPACE, "create", "secret", "generic", "tessera-slack", *literals)
        kubectl("apply", "-k", str(folder))
        for part in ("statefulset/redis", "deployment/bot", "deployment/worker"):
            kubectl("-n", NAMESPACE, "rollout", "status", part, "--timeout=170s")
        yield
    finally:
        kubectl("delete", "-k", str(folder), "--ignore-not-found", "--wait=true")
