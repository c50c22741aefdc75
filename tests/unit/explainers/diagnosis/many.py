"""Captures grown: every pod of a ReplicaSet has brothers that look like it, as when it is scaled up; or the namespace
has many strangers in it.

Events, probes and whatever else was asked are about the first of them, so that it comes first by every order: by its
name, as the oldest of those that are ready, as the newest of those that are not.
"""

import copy
from datetime import datetime, timedelta
from functools import cache
from typing import Any

Json = dict[str, Any]
TIMES = 3
COUNTS = (
    "replicas",
    "readyReplicas",
    "updatedReplicas",
    "availableReplicas",
    "unavailableReplicas",
    "fullyLabeledReplicas",
)


def many(capture: Json) -> Json:
    """The same capture with `TIMES` pods for each one that a Deployment made."""
    grown = [each for thing in capture["objects"] for each in _grown(copy.deepcopy(thing))]
    logs = {name: log for key, log in capture["logs"].items() for name in _keys(key)}
    return {**capture, "objects": grown, "logs": logs}


def crowded(capture: Json) -> Json:
    """The same capture in a namespace with a dozen other Deployments and all that goes with them, first by their
    names."""
    return {**capture, "objects": [*_strangers(capture["namespace"]), *capture["objects"]]}


@cache
def _strangers(namespace: str) -> list[Json]:
    made: list[Json] = []
    for index in range(12):
        labels = {"app": f"a0-stranger-{index}"}
        about = {"name": labels["app"], "namespace": namespace, "creationTimestamp": "2026-01-01T00:00:00Z"}
        template = {
            "metadata": {"labels": labels},
            "spec": {"containers": [{"name": "main", "image": "registry.example.com/stranger:1"}]},
        }
        spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
        status = {"replicas": 1, "readyReplicas": 1, "updatedReplicas": 1, "availableReplicas": 1}
        ports = [{"port": 4711, "targetPort": 4711, "protocol": "TCP"}]
        sends = {"selector": labels, "ports": ports, "clusterIP": f"10.254.0.{index}", "type": "ClusterIP"}
        made[:0] = [
            _stranger(about, labels),
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": about, "spec": spec, "status": status},
            {"apiVersion": "v1", "kind": "Service", "metadata": about, "spec": sends, "status": {}},
            *(
                {"apiVersion": "v1", "kind": kind, "metadata": about}
                for kind in ("ConfigMap", "Secret", "ServiceAccount")
            ),
        ]
    return made


def _stranger(about: Json, labels: Json) -> Json:
    """A pod of another Deployment, ready."""
    owner = {"kind": "ReplicaSet", "name": f"{about['name']}-5d9c7b", "controller": True}
    own = {**about, "name": f"{owner['name']}-x2x9k", "labels": {**labels, "pod-template-hash": "5d9c7b"}}
    status = {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:09Z"}],
        "containerStatuses": [
            {
                "name": "main",
                "ready": True,
                "restartCount": 0,
                "state": {"running": {"startedAt": "2026-01-01T00:00:05Z"}},
            }
        ],
    }
    spec = {"containers": [{"name": "main", "image": "registry.example.com/stranger:1"}], "nodeName": "node-1"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {**own, "ownerReferences": [owner]},
        "spec": spec,
        "status": status,
    }


def brother(name: str, index: int) -> str:
    """`web-5d9c7b-x2x9k` → `web-5d9c7b-x2xz8`: as the ReplicaSet could name it."""
    return f"{name[:-2]}z{index + 7}" if index else name


def _grown(thing: Json) -> list[Json]:
    if thing["kind"] in ("Deployment", "ReplicaSet"):
        status = thing.get("status") or {}
        thing["status"] = {key: value * TIMES if key in COUNTS else value for key, value in status.items()}
        if isinstance(thing["spec"].get("replicas"), int):
            thing["spec"]["replicas"] *= TIMES
    if thing["kind"] == "Pod" and _of_a_set(thing):
        return [_copied(thing, index) for index in range(TIMES)]
    if thing["kind"] == "EndpointSlice" and thing.get("endpoints"):
        thing["endpoints"] = [each for one in thing["endpoints"] for each in _endpoints(one)]
    return [thing]


def _of_a_set(pod: Json) -> bool:
    return any(owner.get("kind") == "ReplicaSet" for owner in pod["metadata"].get("ownerReferences") or [])


def _copied(pod: Json, index: int) -> Json:
    made: Json = copy.deepcopy(pod)
    made["metadata"]["name"] = brother(pod["metadata"]["name"], index)
    if not index:
        return made
    made["metadata"]["uid"] = f"{pod['metadata'].get('uid')}-{index}"
    if made["status"].get("podIP"):
        made["status"]["podIP"] += f"{index}"
    born = datetime.fromisoformat(pod["metadata"]["creationTimestamp"])
    late = timedelta(seconds=index if _ready(pod) else -index)
    made["metadata"]["creationTimestamp"] = (born + late).isoformat().replace("+00:00", "Z")
    return made


def _ready(pod: Json) -> bool:
    conditions = pod["status"].get("conditions") or []
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def _endpoints(endpoint: Json) -> list[Json]:
    target = endpoint.get("targetRef") or {}
    if "pod-template-hash" not in str(target) and target.get("name", "").count("-") < 2:
        return [endpoint]
    return [{**endpoint, "targetRef": {**target, "name": brother(target["name"], index)}} for index in range(TIMES)]


def _keys(key: str) -> list[str]:
    namespace, pod, *rest = key.split("/")
    return ["/".join((namespace, brother(pod, index), *rest)) for index in range(TIMES)]
