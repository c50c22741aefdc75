"""A cluster made of plain objects, for tests: the snapshot adapter over a capture built in place."""

from datetime import UTC, datetime
from typing import Any

from bot.cluster.snapshot import SnapshotCluster
from bot.state.memory import MemoryState
from commands.base.ports import Services

NOW = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
Json = dict[str, Any]
RUNNING = {"startedAt": "2026-01-02T10:00:00Z"}


def thing(kind: str, name: str, namespace: str = "shop", labels: Json | None = None, **fields: Any) -> Json:
    """An object with its metadata; further fields (`spec`, `status`) as they are."""
    metadata: Json = {"name": name, "namespace": namespace, "uid": f"uid-{kind}-{name}", "labels": labels or {}}
    return {"kind": kind, "metadata": metadata, **fields}


def deployment(name: str, replicas: int = 1, ready: int | None = None, labels: Json | None = None) -> Json:
    labels = labels or {"app": name}
    count = replicas if ready is None else ready
    return thing(
        "Deployment",
        name,
        spec={
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": name, "image": "app:1"}]}},
        },
        status={"replicas": replicas, "readyReplicas": count, "updatedReplicas": replicas, "observedGeneration": 1},
    )


def pod(name: str, labels: Json, ready: bool = True) -> Json:
    return thing(
        "Pod",
        name,
        labels=labels,
        spec={"containers": [{"name": "app", "image": "app:1"}], "nodeName": "node-1"},
        status={
            "phase": "Running",
            "podIP": "10.0.0.9",
            "conditions": [
                {"type": "Ready", "status": str(ready), "lastTransitionTime": "2026-01-02T10:00:00Z"},
            ],
            "containerStatuses": [{"name": "app", "ready": ready, "restartCount": 0, "state": {"running": RUNNING}}],
        },
    )


def cluster(*objects: Json, **more: Any) -> SnapshotCluster:
    """A cluster with these objects in the namespace `shop`, read at NOW."""
    capture = {"version": 1, "captured_at": NOW.isoformat(), "namespace": "shop", "objects": list(objects), **more}
    return SnapshotCluster(capture)


def services(*objects: Json, **more: Any) -> Services:
    """The ports of a request on such a cluster."""
    made = cluster(*objects, **more)
    return Services(made, made.clock, made.ask, MemoryState())
