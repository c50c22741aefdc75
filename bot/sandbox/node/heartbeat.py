"""What nodes report of themselves: when their conditions were last seen, and what they use."""

from __future__ import annotations

from decimal import Decimal

from bot.sandbox.controllers.scheduling import requested
from bot.sandbox.jsonish import Object, copied, dig, timestamp
from bot.sandbox.quantities import format_quantity
from bot.sandbox.store import Store

_METRICS = "metrics.k8s.io"


def report_nodes(store: Store) -> None:
    """Stamp every node's conditions with the current moment, and write its metrics."""
    for node in store.all("", "nodes"):
        status = copied(node["status"])
        for condition in status.get("conditions") or []:
            condition["lastHeartbeatTime"] = timestamp(store.now())
            condition.setdefault("lastTransitionTime", node["metadata"]["creationTimestamp"])
        store.set_status("", "nodes", node, status)
        _measure(store, node)


def _measure(store: Store, node: Object) -> None:
    name = node["metadata"]["name"]
    if store.find(_METRICS, "nodes", "", name):
        store.delete(_METRICS, "nodes", "", name)
    pods = [pod for pod in store.all("", "pods") if dig(pod, "spec", "nodeName") == name]
    # Programs here use a third of what they ask for, which is common.
    totals = [requested(pod) for pod in pods]
    cpu, memory = (sum((total.get(key, Decimal(0)) for total in totals), Decimal(0)) / 3 for key in ("cpu", "memory"))
    body = {
        "metadata": {"name": name, "labels": dict(node["metadata"].get("labels") or {})},
        "timestamp": timestamp(store.now()),
        "window": "15s",
        "usage": {"cpu": format_quantity(round(cpu, 3)), "memory": str(int(memory))},
    }
    store.create(_METRICS, "nodes", body)
