"""Sandbox clusters without a server or a thread: time moves only when a test says so.

The past of a cluster is lived through once in a process; each test then works on a copy of its own.
"""

from __future__ import annotations

import copy
import json
import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from bot.sandbox.builder import Cluster, build_cluster
from bot.sandbox.messages import Request, Response
from bot.sandbox.scenarios import load, parse
from bot.sandbox.store import Store

NOW = datetime(2026, 11, 21, 14, 20, tzinfo=UTC)


@dataclass
class Bench:
    """A cluster with a stopped clock, and short ways to ask it."""

    cluster: Cluster
    now: datetime = NOW
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        return self.cluster.api.store

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.cluster.engine.replay(self.now)

    def ask(self, method: str, path: str, body: Any = None, **query: str) -> Response:
        headers = {"content-type": "application/json", **self.headers}
        return self.cluster.api.answer(Request(method, path, query, headers, json.dumps(body or {}).encode()))

    def patch(self, path: str, kind: str, body: Any) -> Response:
        headers = {"content-type": f"application/{kind}+json"}
        response = self.cluster.api.answer(Request("PATCH", path, {}, headers, json.dumps(body).encode()))
        self.cluster.engine.settle()
        return response

    def get(self, path: str, **query: str) -> dict[str, Any]:
        response = self.ask("GET", path, **query)
        assert isinstance(response.body, dict)
        assert response.code == 200, response.body
        return response.body

    def post(self, path: str, body: Any) -> Response:
        response = self.ask("POST", path, body)
        self.cluster.engine.settle()
        return response

    def pods(self, namespace: str, labels: str = "") -> list[dict[str, Any]]:
        items = self.get(f"/api/v1/namespaces/{namespace}/pods", labelSelector=labels)["items"]
        assert isinstance(items, list)
        return items

    def statuses(self, namespace: str) -> dict[str, str]:
        """The STATUS column of every pod, by the name of its first container."""
        request = Request("GET", f"/api/v1/namespaces/{namespace}/pods", {"includeObject": "Object"}, _TABLE)
        body = self.cluster.api.answer(request).body
        assert isinstance(body, dict)
        return {row["object"]["spec"]["containers"][0]["name"]: row["cells"][2] for row in body["rows"]}

    def messages(self, namespace: str, reason: str) -> set[str]:
        """The texts of the events of one reason."""
        items = self.get(f"/api/v1/namespaces/{namespace}/events", fieldSelector=f"reason={reason}")["items"]
        return {item["message"] for item in items}

    def available(self, namespace: str, name: str) -> int:
        found = self.get(f"/apis/apps/v1/namespaces/{namespace}/deployments/{name}")
        return int(found["status"].get("availableReplicas", 0))


_TABLE = {"accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}


def scenario_bench(*names: str) -> Bench:
    """A cluster with scenarios that come with the sandbox."""
    return Bench(apart(_with_scenarios(names)))


def empty_bench(images: str = "") -> Bench:
    """A cluster with an empty namespace `shop`, and images given as YAML of a scenario's `images`."""
    return Bench(apart(_empty(images)))


@cache
def _with_scenarios(names: tuple[str, ...]) -> Cluster:
    return build_cluster([load(name) for name in names], "secret", NOW)


@cache
def _empty(images: str) -> Cluster:
    text = f"""
namespace: shop
images:
{images or "  acme/none: {}"}
timeline:
  - ago: 1d
    apply: [{{apiVersion: v1, kind: Namespace, metadata: {{name: shop}}}}]
"""
    return build_cluster([parse("test", text)], "secret", NOW)


def apart(cluster: Cluster) -> Cluster:
    """A cluster in the same state that goes its own way. Stored objects and images are shared: nothing changes one in
    place. It has locks of its own."""
    store, engine, lock = cluster.api.store, cluster.engine, threading.RLock()
    history = deque(store._history, store._history.maxlen)
    kept: dict[int, Any] = {
        id(store._lock): lock,
        id(store._written): threading.Condition(lock),
        id(engine._woken): threading.Condition(),
        id(store._resources): {kind: dict(table) for kind, table in store._resources.items()},
        id(store._history): history,
    }
    return copy.deepcopy(cluster, kept)


def deployment(name: str, image: str, replicas: int = 1, **container: Any) -> dict[str, Any]:
    """A Deployment's manifest with one container."""
    labels = {"app": name}
    spec = {"containers": [{"name": name, "image": image, **container}]}
    return {
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }


def pod(name: str, image: str, **container: Any) -> dict[str, Any]:
    """A Pod's manifest with one container named `c`."""
    return {"metadata": {"name": name}, "spec": {"containers": [{"name": "c", "image": image, **container}]}}


PODS = "/api/v1/namespaces/shop/pods"
DEPLOYMENTS = "/apis/apps/v1/namespaces/shop/deployments"
