"""Two teams' own brokers on a real cluster, each from the manifests: HTTPS, its own catalog, rights and Redis.

What a team's people would do: create a namespace and a Secret, apply one folder, put ConfigMaps beside it. What a
platform would do: read the catalog, provision, poll, bind, unbind, deprovision, over the API from outside.
"""

import base64
import json
import os
import secrets
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from bot.secrets.keys import new_key
from tests.certificates import for_localhost
from tests.cluster.install import ROOT, image_pushed, kubectl
from tests.cluster.test_install import wait_for_port
from tests.ports import free_port

Json = dict[str, Any]
pytestmark = [
    pytest.mark.cluster,
    pytest.mark.docker,
    pytest.mark.registry,
    pytest.mark.timeout(900),
    pytest.mark.xdist_group("tessera-namespace"),
]
MANIFESTS = ROOT / "manifests"
CANARY = "canary-a7c1"


@dataclass
class Team:
    """A team with its broker: `url` is where its API is reached, `login` for whom."""

    namespace: str
    consumer: str
    url: str = ""
    login: tuple[str, str] = ("platform", "")
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"X-Broker-API-Version": "2.17"}
        with httpx.Client(verify=self.tls, auth=self.login, headers=headers, timeout=60) as client:
            return client.request(method, f"{self.url}{path}", **more)


@pytest.fixture(scope="module")
def teams(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Team]]:
    image = image_pushed()
    kubectl("apply", "-k", str(MANIFESTS / "consumers"))
    with ExitStack() as held:
        made = []
        for name in ("pay", "geo"):
            tail = secrets.token_hex(3)
            team = Team(f"{name}-{tail}", f"{name}-shop-{tail}", login=("platform", secrets.token_urlsafe(16)))
            held.enter_context(_installed(team, image, tmp_path_factory.mktemp(name)))
            made.append(team)
        for team in made:
            kubectl("-n", team.namespace, "rollout", "status", "deployment/tessera-broker", "--timeout=170s")
            team.url = held.enter_context(_forwarded(team))
        yield made


@contextmanager
def _installed(team: Team, image: str, folder: Path) -> Iterator[None]:
    """The folder applied as its README says, with this image and namespace."""
    certificate, key = for_localhost()
    (folder / "tls.crt").write_bytes(certificate)
    (folder / "tls.key").write_bytes(key)
    (folder / "keys").write_text(new_key() + "\n")
    (folder / "users").write_text(":".join(team.login) + "\n")
    team.tls = ssl.create_default_context(cadata=certificate.decode())
    repository, _, tag = image.rpartition(":")
    (folder / "kustomization.yaml").write_text(
        yaml.safe_dump(
            {
                "apiVersion": "kustomize.config.k8s.io/v1beta1",
                "kind": "Kustomization",
                "namespace": team.namespace,
                "resources": [os.path.relpath(MANIFESTS / "broker", folder.resolve())],
                "images": [{"name": "tessera/tessera", "newName": repository, "newTag": tag}],
            }
        )
    )
    for namespace in (team.namespace, team.consumer):
        kubectl("create", "namespace", namespace)
    try:
        here = ["-n", team.namespace, "create", "secret"]
        files = [f"--from-file={folder / name}" for name in ("keys", "users")]
        kubectl(*here, "generic", "tessera-broker", *files)
        kubectl(*here, "tls", "tessera-broker-tls", f"--cert={folder / 'tls.crt'}", f"--key={folder / 'tls.key'}")
        kubectl(
            "-n",
            team.consumer,
            "create",
            "rolebinding",
            "tessera-broker",
            "--clusterrole=tessera-broker-consumer",
            f"--serviceaccount={team.namespace}:tessera-broker",
        )
        kubectl("apply", "-f", "-", text=yaml.safe_dump_all(_catalog(team)))
        kubectl("apply", "-k", str(folder))
        yield
    finally:
        for namespace in (team.namespace, team.consumer):
            kubectl("delete", "namespace", namespace, "--wait=false", "--ignore-not-found")


def _catalog(team: Team) -> list[Json]:
    name = team.namespace.split("-")[0]
    database = {
        "team": name,
        "offering": "echo",
        "version": "1",
        "uuid": f"{name}-echo-1",
        "description": "A server of your own",
        "whitelist": [team.consumer],
        "ProvisionNewClusterObjects": {
            "namespace": team.namespace,
            "name": "{{ instance.name }}",
            "labelselector": "mesitis/offering=echo",
        },
        "CredentialGenerated": {"username": "app"},
    }
    address = {
        "team": name,
        "offering": "outside",
        "version": "1",
        "uuid": f"{name}-outside-1",
        "description": "Something outside",
        "whitelist": [team.consumer],
        "provisionkind": "ProvisionNonClusterURL",
        "provisiondata": {"url": "https://outside.example.com/v1"},
        "credentialkind": "CredentialFromCatalog",
        "credentialdata": {"username": "shop", "password": CANARY},
    }
    mark = {"app": "{{ instance.name }}"}
    container = {
        "name": "web",
        "image": "nginx:1.25",
        "ports": [{"containerPort": 80}],
        "env": [{"name": "PASSWORD", "value": "{{ credentials.password }}"}],
        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "64Mi"}},
    }
    template = {"metadata": {"labels": mark}, "spec": {"containers": [container]}}
    meta = {"name": "{{ instance.name }}"}
    server = {"selector": {"matchLabels": mark}, "template": template, "replicas": 1}
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": server}
    ports = {"selector": mark, "ports": [{"name": "http", "port": 80}]}
    service = {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": ports}
    entry, object = {"mesitis/kind": "catalog-entry"}, {"mesitis/offering": "echo"}
    return [
        _configmap(team, "entry-echo", entry, "entry", database),
        _configmap(team, "entry-outside", entry, "wrapped-resource", address),
        _configmap(team, "echo-deployment", {**object, "mesitis/order": "1"}, "wrapped-resource", deployment),
        _configmap(team, "echo-service", {**object, "mesitis/order": "2"}, "wrapped-resource", service),
    ]


def _configmap(team: Team, name: str, labels: Json, key: str, value: Json) -> Json:
    metadata = {"name": name, "namespace": team.namespace, "labels": {"mesitis/enabled": "true", **labels}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {key: json.dumps(value)}}


@contextmanager
def _forwarded(team: Team) -> Iterator[str]:
    port = free_port()
    words = ["kubectl", "-n", team.namespace, "port-forward", "service/tessera-broker", f"{port}:443"]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as forward:
        try:
            wait_for_port(port)
            yield f"https://localhost:{port}"
        finally:
            forward.terminate()


def offered(team: Team, name: str) -> tuple[str, str]:
    services = team.ask("GET", "/v2/catalog").json()["services"]
    found = next(one for one in services if one["name"].endswith(name))
    return found["id"], found["plans"][0]["id"]


def provisioned(team: Team, name: str) -> tuple[str, Json]:
    """An instance that is ready: its id, and what the API says of it."""
    id, (service, plan) = f"i-{secrets.token_hex(6)}", offered(team, name)
    body = {
        "service_id": service,
        "plan_id": plan,
        "organization_guid": "org",
        "space_guid": "space",
        "context": {"platform": "kubernetes", "namespace": team.consumer},
    }
    answer = team.ask("PUT", f"/v2/service_instances/{id}?accepts_incomplete=true", json=body)
    assert answer.status_code in (201, 202), answer.text
    for _ in range(300):
        polled = team.ask("GET", f"/v2/service_instances/{id}/last_operation").json()
        if polled["state"] != "in progress":
            break
        time.sleep(0.5)
    assert polled["state"] == "succeeded", polled
    return id, {"service_id": service, "plan_id": plan}


def removed(team: Team, id: str, ids: Json) -> None:
    answer = team.ask("DELETE", f"/v2/service_instances/{id}", params={**ids, "accepts_incomplete": "true"})
    assert answer.status_code in (200, 202), answer.text
    for _ in range(300):
        if team.ask("GET", f"/v2/service_instances/{id}/last_operation").status_code == 410:
            return
        time.sleep(0.5)
    raise AssertionError("it is still there")


def labelled(namespace: str, instance: str) -> list[str]:
    kinds = "deployments,services,secrets,pods"
    found = kubectl("-n", namespace, "get", kinds, "-l", f"tessera.dev/instance={instance}", "-o", "name")
    return found.split()


def called(namespace: str, url: str) -> str:
    """The HTTP status that a pod gets. Read from its log: what a pod prints before one is attached to it is lost."""
    name = f"caller-{secrets.token_hex(3)}"
    kubectl(
        "-n", namespace, "run", name, "--restart=Never", "--image=curlimages/curl", "--command", "--",
        "curl", "-sS", "--retry", "30", "--retry-delay", "1", "--retry-connrefused",
        "-o", "/dev/null", "-w", "%{http_code}", url,
    )  # fmt: skip
    kubectl("-n", namespace, "wait", f"pod/{name}", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=120s")
    status = kubectl("-n", namespace, "logs", name)
    kubectl("-n", namespace, "delete", "pod", name, "--wait=false")
    return status


def finished(team: Team, job: str) -> str:
    """What a job printed, once it has ended, well or not."""
    for _ in range(300):
        status = json.loads(kubectl("-n", team.namespace, "get", job, "-o", "json"))["status"]
        if any(one["type"] in ("Complete", "Failed") for one in status.get("conditions", ())):
            break
        time.sleep(0.5)
    return kubectl("-n", team.namespace, "logs", job)


def test_each_serves_its_own_catalog_to_its_own_platform(teams: list[Team]) -> None:
    one, other = teams
    names = [{service["name"] for service in team.ask("GET", "/v2/catalog").json()["services"]} for team in teams]
    assert names == [{"pay-echo", "pay-outside"}, {"geo-echo", "geo-outside"}]
    stranger = Team(one.namespace, one.consumer, one.url, other.login, one.tls)
    assert stranger.ask("GET", "/v2/catalog").status_code == 401


def test_an_instance_is_made_bound_used_and_removed(teams: list[Team]) -> None:
    team = teams[0]
    id, ids = provisioned(team, "echo")
    assert {one.partition("/")[0] for one in labelled(team.namespace, id)} >= {"deployment.apps", "service"}
    path = f"/v2/service_instances/{id}/service_bindings/b-{id}"
    bound = team.ask("PUT", path, json=ids)
    assert bound.status_code == 201
    given = bound.json()["credentials"]
    assert given["host"].endswith(f".{team.namespace}.svc.cluster.local")
    assert (given["username"], given["port"], len(given["password"])) == ("app", "80", 32)
    assert called(team.consumer, f"http://{given['host']}") == "200"
    assert team.ask("DELETE", path, params=ids).status_code == 200
    removed(team, id, ids)
    assert labelled(team.namespace, id) == []


def test_neither_may_touch_what_is_the_others(teams: list[Team]) -> None:
    one, other = teams
    account = f"--as=system:serviceaccount:{one.namespace}:tessera-broker"
    for verb, kind in (("get", "secrets"), ("list", "configmaps"), ("create", "deployments.apps"), ("delete", "pods")):
        for namespace in (other.namespace, other.consumer, "default"):
            words = ["kubectl", "auth", "can-i", verb, kind, "-n", namespace, account]
            said = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
            assert said.stdout.strip() == "no", (verb, kind, namespace)
    id, ids = provisioned(one, "outside")
    assert other.ask("GET", f"/v2/service_instances/{id}").status_code == 404
    removed(one, id, ids)


def test_what_was_deleted_by_hand_is_made_again_every_hour(teams: list[Team]) -> None:
    team = teams[1]
    id, ids = provisioned(team, "echo")
    kubectl("-n", team.namespace, "delete", "deployments.apps", "-l", f"tessera.dev/instance={id}")
    kubectl("-n", team.namespace, "create", "job", "now", "--from=cronjob/tessera-reconcile")
    logs = finished(team, "job/now")
    assert "made again" in " ".join(logs.split()), logs
    for _ in range(300):
        if any(name.startswith("deployment.apps/") for name in labelled(team.namespace, id)):
            break
        time.sleep(0.5)
    kubectl("-n", team.namespace, "wait", "deployments.apps", "-l", f"tessera.dev/instance={id}",
            "--for=condition=Available", "--timeout=120s")  # fmt: skip
    removed(team, id, ids)


def test_no_credential_is_in_a_log_or_in_redis(teams: list[Team]) -> None:
    team = teams[0]
    id, ids = provisioned(team, "outside")
    path = f"/v2/service_instances/{id}/service_bindings/b-2"
    assert team.ask("PUT", path, json=ids).json()["credentials"]["password"] == CANARY
    logs = kubectl("-n", team.namespace, "logs", "deployment/tessera-broker", "--tail=-1")
    encoded = kubectl("-n", team.namespace, "exec", "redis-0", "--", "sh", "-c", "cat /data/appendonlydir/* | base64")
    dump = base64.b64decode(encoded).decode("latin-1")
    assert id in dump
    assert CANARY not in logs + dump
    assert team.ask("DELETE", path, params=ids).status_code == 200
    removed(team, id, ids)
