"""A capture in which every pod of a ReplicaSet has brothers that look like it, as when it is scaled up.

Events, probes and whatever else was asked are about the first of them, so that it comes first by every order: by its
name, as the oldest of those that are ready, as the newest of those that are not.
"""

import copy
from datetime import datetime, timedelta
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
    grown: Json = copy.deepcopy(capture)
    grown["objects"] = [each for thing in grown["objects"] for each in _grown(thing)]
    grown["logs"] = {name: log for key, log in grown["logs"].items() for name in _keys(key)}
    return grown


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
