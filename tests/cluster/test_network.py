"""The network wizard on a real cluster: live probes, their removal, and what is said without the right to probe."""

import json
from collections.abc import Iterator

import pytest

import commands.network
from bot import wiring
from commands.base import dispatch
from commands.base.request import Actor, Identity, Reply, Request
from tests.cluster.install import kubectl
from tests.cluster.workloads import namespace_of
from tests.faults.verdicts import PROBE_IMAGE

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("turn"), pytest.mark.timeout(900)]

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{name: nginx, image: "nginx:1.25", readinessProbe: {httpGet: {port: 80}, periodSeconds: 1}}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: elsewhere}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8081}]}
---
apiVersion: v1
kind: Service
metadata: {name: nobody}
spec: {selector: {app: wbe}, ports: [{port: 80}]}
"""
DENY = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: only-checkout}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress: [{from: [{podSelector: {matchLabels: {app: checkout}}}]}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: checkout}
spec:
  replicas: 0
  selector: {matchLabels: {app: checkout}}
  template:
    metadata: {labels: {app: checkout}}
    spec: {containers: [{name: app, image: "busybox:1.36"}]}
"""


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    """A namespace with a web server and three services in front of it."""
    with namespace_of("wizard", WEB) as name:
        yield name


def ask(text: str, namespace: str, who: Identity | None = None) -> Reply:
    services = wiring.live_services(wiring.live_clusters(), who or Identity(), PROBE_IMAGE)
    request = Request("network", text, Actor("test"), namespace=namespace)
    return dispatch.run(commands.network.network, request, services)


def eventually(outcome: str, text: str, namespace: str) -> Reply:
    """Ask until the answer is that: what enforces NetworkPolicies on a busy node takes its time."""
    for _ in range(10):
        reply = ask(text, namespace)
        if reply.outcome == outcome:
            break
    return reply


def probe_pods(namespace: str) -> list[str]:
    """Probe pods that are left and not about to go."""
    found = json.loads(kubectl("-n", namespace, "get", "pods", "-l", "tessera.dev/probe", "-o", "json"))
    return [one["metadata"]["name"] for one in found["items"] if "deletionTimestamp" not in one["metadata"]]


def test_a_service_that_works(shop: str) -> None:
    reply = ask("web", shop)
    assert reply.outcome == "healthy"
    assert "200" in reply.document.headline
    assert probe_pods(shop) == []


def test_a_wrong_target_port_is_seen_at_the_pods(shop: str) -> None:
    reply = ask("svc/elsewhere", shop)
    assert reply.outcome == "fault"
    assert "do not accept connections on the target port" in reply.document.headline
    assert "they listen on 80" in reply.document.headline
    assert reply.document.plan.steps[0].operation.line().startswith(f"kubectl -n {shop} patch service/elsewhere")


def test_a_selector_that_matches_nothing(shop: str) -> None:
    assert "matches no pod" in ask("svc/nobody", shop).document.headline


def test_a_policy_judges_the_caller_by_its_labels(shop: str) -> None:
    kubectl("-n", shop, "apply", "-f", "-", text=DENY)
    try:
        stranger, caller = eventually("fault", "web", shop), eventually("healthy", "web --as checkout", shop)
    finally:
        kubectl("-n", shop, "delete", "networkpolicy", "only-checkout")
    assert caller.outcome == "healthy"
    assert stranger.outcome == "fault"
    assert probe_pods(shop) == []


def test_without_the_right_to_make_pods(shop: str) -> None:
    kubectl("-n", shop, "create", "rolebinding", "reader", "--clusterrole=view", "--user=reader@example.com")
    reply = ask("svc/elsewhere", shop, Identity("reader@example.com"))
    assert reply.outcome == "unknown"
    assert "create pods" in str(reply.document.unchecked)
    assert "create rolebinding" in str(reply.document.unchecked[0].grant)
