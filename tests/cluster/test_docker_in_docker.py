"""The overlay docker-in-docker on the real node: its certificates, a build through it, and who cannot reach it."""

import base64
import json
import re
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from bot.builds.address import Address, Certificates
from bot.builds.docker import DockerEngine
from commands.base.errors import Unavailable
from explainers.builds.model import Order
from tests.cluster.install import ROOT, kubectl, node_address
from tests.contract.build_places import BASE, context, never

pytestmark = [pytest.mark.cluster, pytest.mark.registry, pytest.mark.timeout(900)]

ENGINE = ROOT / "manifests" / "overlays" / "docker-in-docker" / "engine"
IMAGES = {"docker": "docker:dind", "tessera/tessera": "python:3.11-slim"}  # what this test needs of them


def rendered(engine: str, client: str, registry: str) -> list[dict[str, Any]]:
    """The manifests in namespaces of our own, with an engine that may use the tests' registry; else as they are."""
    text = kubectl("kustomize", str(ENGINE)).replace("tessera-builds", engine)
    text = re.sub(r"(namespace: |kubernetes.io/metadata.name: )tessera$", rf"\g<1>{client}", text, flags=re.MULTILINE)
    documents = [document for document in yaml.safe_load_all(text) if document]
    for document in documents:
        if document["kind"] in ("StatefulSet", "Job"):
            adapt(document["spec"]["template"]["spec"]["containers"], client, registry)
        if document["kind"] == "NetworkPolicy" and document["metadata"]["name"] == "docker":
            to = {"ipBlock": {"cidr": f"{registry.partition(':')[0]}/32"}}
            document["spec"]["egress"].append({"to": [to], "ports": [{"port": int(registry.rpartition(":")[2])}]})
    return documents


def adapt(containers: list[dict[str, Any]], client: str, registry: str) -> None:
    for container in containers:
        container["image"] = IMAGES[container["image"].rpartition(":")[0]]
        if container["name"] == "docker":
            container["args"] += [f"--registry-mirror=http://{registry}", f"--insecure-registry={registry}"]
        for variable in container.get("env", []):
            if variable["name"] == "CLIENT_NAMESPACE":
                variable["value"] = client


@contextmanager
def forwarded(namespace: str) -> Iterator[int]:
    """A local port to the engine."""
    command = ["kubectl", "-n", namespace, "port-forward", "service/docker", ":2376", "--address", "127.0.0.1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as forward:
        assert forward.stdout is not None
        try:
            said = forward.stdout.readline()
            found = re.search(r"127\.0\.0\.1:(\d+)", said)
            assert found, said
            yield int(found[1])
        finally:
            forward.terminate()


@pytest.fixture(scope="module")
def registry() -> str:
    """The tests' registry, as pods reach it."""
    return f"{node_address()}:5000"


@pytest.fixture(scope="module")
def namespaces(registry: str) -> Iterator[tuple[str, str]]:
    """The namespaces of the engine and of its client, with the engine running."""
    word = secrets.token_hex(3)
    engine, client = f"engine-{word}", f"client-{word}"
    kubectl("create", "namespace", client)
    try:
        documents = rendered(engine, client, registry)
        kubectl("apply", "-f", "-", text=yaml.safe_dump_all(documents))
        kubectl("-n", engine, "rollout", "status", "statefulset/docker", "--timeout=240s", seconds=250)
        yield engine, client
    finally:
        kubectl("delete", "namespace", engine, client, "--ignore-not-found", "--wait=true")


@pytest.fixture(scope="module")
def certificates(namespaces: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """What the bot is given."""
    engine, client = namespaces
    folder: Path = tmp_path_factory.mktemp("certificates")
    held = json.loads(kubectl("-n", client, "get", "secret", "docker-client", "-o", "json"))["data"]
    for name, value in held.items():
        (folder / name).write_bytes(base64.b64decode(value))
    return Certificates.folder(folder, f"docker.{engine}.svc")


@pytest.fixture(scope="module")
def port(namespaces: tuple[str, str]) -> Iterator[int]:
    with forwarded(namespaces[0]) as running:
        yield running


def test_a_build_goes_through_it(port: int, certificates: Certificates, registry: str) -> None:
    engine = DockerEngine(Address(f"tcp://127.0.0.1:{port}", certificates))
    engine.check()
    name = f"test-{secrets.token_hex(5)}"
    order = Order(f"{registry}/{name}:v1", labels={"test": name})
    events = list(engine.build(order, context(f"FROM {BASE}\nRUN echo hello from the pod\n"), [], never))
    assert "hello from the pod" in [event.text for event in events]
    accept = {"Accept": "application/vnd.docker.distribution.manifest.v2+json"}
    stored = httpx.head(f"http://localhost:5000/v2/{name}/manifests/v1", headers=accept)
    assert events[-1].digest == stored.headers["Docker-Content-Digest"]


def test_who_has_no_certificate_is_refused(port: int, certificates: Certificates) -> None:
    with pytest.raises(Unavailable):
        DockerEngine(Address(f"tcp://127.0.0.1:{port}")).check()
    with pytest.raises(Unavailable) as caught:
        DockerEngine(Address(f"tcp://127.0.0.1:{port}", replace(certificates, server_name="other.svc"))).check()
    assert "other.svc" in caught.value.message


@pytest.mark.usefixtures("turn")
def test_only_the_bot_and_its_workers_reach_it(namespaces: tuple[str, str]) -> None:
    engine, client = namespaces
    probe = f"import socket; socket.create_connection(('docker.{engine}.svc', 2376), 4); print('reached')"
    for labels, reached in (("app.kubernetes.io/component=worker", True), ("app.kubernetes.io/component=other", False)):
        done = subprocess.run(
            ["kubectl", "-n", client, "run", f"probe-{secrets.token_hex(3)}", "--image=python:3.11-slim",
             "--restart=Never", "--rm", "--attach", "--quiet", f"--labels={labels}",
             "--command", "--", "python", "-c", probe],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert ("reached" in done.stdout) == reached, done.stdout + done.stderr


def test_the_job_leaves_good_certificates_as_they_are(namespaces: tuple[str, str], registry: str) -> None:
    engine, client = namespaces
    before = kubectl("-n", client, "get", "secret", "docker-client", "-o", "jsonpath={.data}")
    kubectl("-n", engine, "delete", "job", "certificates", "--wait=true")
    kubectl("apply", "-f", "-", text=yaml.safe_dump_all(rendered(engine, client, registry)))
    kubectl("-n", engine, "wait", "--for=condition=complete", "job/certificates", "--timeout=170s")
    assert "good" in kubectl("-n", engine, "logs", "job/certificates")
    assert kubectl("-n", client, "get", "secret", "docker-client", "-o", "jsonpath={.data}") == before


def test_its_account_may_touch_the_two_secrets_and_nothing_else(namespaces: tuple[str, str]) -> None:
    engine, client = namespaces
    account = f"--as=system:serviceaccount:{engine}:certificates"
    for namespace, words, allowed in (
        (engine, ("patch", "secret/docker-server"), "yes"),
        (client, ("patch", "secret/docker-client"), "yes"),
        (client, ("get", "secret/tessera-slack"), "no"),
        (engine, ("list", "secrets"), "no"),
        (client, ("create", "secrets"), "no"),
        (engine, ("create", "pods"), "no"),
    ):
        done = subprocess.run(
            ["kubectl", "-n", namespace, "auth", "can-i", *words, account], capture_output=True, text=True, check=False
        )
        assert done.stdout.strip() == allowed, (namespace, words)
