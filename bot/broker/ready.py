"""Whether something that was made can be used yet: pure, over an object as the API returns it."""

from explainers.operations.base import Json
from explainers.operations.objects import listed, mapping
from explainers.operations.rollouts import rolled_out

WORKLOADS = frozenset({"Deployment", "StatefulSet", "DaemonSet"})
AWAITED = WORKLOADS | {"ReplicaSet", "Pod", "Job", "PersistentVolumeClaim"}
"""The kinds that take time; a Service waits for endpoints, which it does not hold itself (awaiting.py). Everything else
is ready when it is there."""


class Hopeless(Exception):
    """It has ended badly and will not become ready; the text says how."""


def waits_for(thing: Json) -> str:
    """What is missing until it can be used, such as `1 of 2 pods`; empty when it is ready.

    Raises Hopeless for what will not be ready, however long one waits.
    """
    kind = thing.get("kind")
    if kind in WORKLOADS:
        return "" if rolled_out(thing) else _pods(thing)
    if kind == "ReplicaSet":
        spec, status = mapping(thing, "spec"), mapping(thing, "status")
        seen = (status.get("observedGeneration") or 0) >= (mapping(thing, "metadata").get("generation") or 0)
        enough = int(status.get("readyReplicas") or 0) >= _wanted(spec)
        return "" if seen and enough else _pods(thing)
    if kind == "Pod":
        return _pod(thing)
    if kind == "Job":
        return _job(thing)
    if kind == "PersistentVolumeClaim":
        return "" if mapping(thing, "status").get("phase") == "Bound" else "a volume"
    return ""


def _wanted(spec: Json) -> int:
    replicas = spec.get("replicas")
    return replicas if isinstance(replicas, int) else 1


def _pods(thing: Json) -> str:
    status = mapping(thing, "status")
    daemons = status.get("desiredNumberScheduled")
    wanted = daemons if isinstance(daemons, int) else _wanted(mapping(thing, "spec"))
    ready = status.get("numberReady" if isinstance(daemons, int) else "readyReplicas") or 0
    return f"{ready} of {wanted} pods ready"


def _pod(thing: Json) -> str:
    status = mapping(thing, "status")
    if status.get("phase") == "Failed":
        raise Hopeless(f"the pod has failed: {status.get('message') or status.get('reason') or 'its containers ended'}")
    return "" if status.get("phase") == "Succeeded" or _true(thing, "Ready") else "not ready"


def _job(thing: Json) -> str:
    if failed := _true(thing, "Failed"):
        raise Hopeless(f"the job has failed: {failed.get('message') or failed.get('reason') or 'no reason given'}")
    return "" if _true(thing, "Complete") else "not complete"


def _true(thing: Json, type: str) -> Json | None:
    """The condition of that type where it holds."""
    conditions = listed(mapping(thing, "status").get("conditions"))
    return next((one for one in conditions if one.get("type") == type and one.get("status") == "True"), None)
