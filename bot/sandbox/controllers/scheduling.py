"""The scheduler: binds a pod to the first node that fits, or says why none does.

Source: https://kubernetes.io/docs/concepts/scheduling-eviction/; messages compared with a 1.34 scheduler.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from bot.sandbox.events import Source
from bot.sandbox.jsonish import Object, Objects, copied, dig
from bot.sandbox.node.podstatus import quality_class
from bot.sandbox.quantities import parse_quantity
from bot.sandbox.selectors import matches_label_selector
from bot.sandbox.store import Store
from bot.sandbox.world import World, after, earliest, set_condition

_SCHEDULER = Source("default-scheduler")
_AGAIN = 300.0
_RESOURCES = ("cpu", "memory", "ephemeral-storage")


@dataclass
class Scheduler:
    """Binds pods that name no node."""

    world: World
    _tried: dict[str, datetime] = field(default_factory=dict)

    def sync(self, namespace: str) -> datetime | None:
        """Try every pod of a namespace that waits for a node."""
        wakes = []
        for pod in self.world.store.all("", "pods", namespace):
            if dig(pod, "status", "phase") is None:
                status = {"phase": "Pending", "qosClass": quality_class(pod["spec"])}
                self.world.set_status("", "pods", pod, status)
            elif not dig(pod, "spec", "nodeName") and not dig(pod, "metadata", "deletionTimestamp"):
                wakes.append(self._schedule(pod))
        return earliest(*wakes)

    def _schedule(self, pod: Object) -> datetime | None:
        if dig(pod, "spec", "schedulerName") != "default-scheduler":
            return None
        if gates := dig(pod, "spec", "schedulingGates"):
            text = f"Scheduling is blocked due to non-empty scheduling gates: {[gate['name'] for gate in gates]}"
            return self._refuse(pod, text.replace("'", ""), "SchedulingGated")
        nodes = self.world.store.all("", "nodes")
        if fault := claim_fault(self.world.store, pod):
            return self._refuse(pod, f"0/{len(nodes)} nodes are available: {fault}. not found")
        reasons: Counter[str] = Counter()
        for node in sorted(nodes, key=self._crowd):
            found = self._misfits(pod, node)
            if not found:
                self._bind(pod, node["metadata"]["name"])
                return None
            reasons.update(found)
        return self._refuse(pod, _unavailable(reasons, len(nodes)))

    def _crowd(self, node: Object) -> int:
        return sum(1 for pod in self.world.store.all("", "pods") if dig(pod, "spec", "nodeName") == _name(node))

    def _bind(self, pod: Object, node: str) -> None:
        body = copied(pod)
        body["spec"]["nodeName"] = node
        new = {"type": "PodScheduled", "status": "True"}
        conditions = set_condition(dig(body, "status", "conditions", default=[]), new, self.world.stamp())
        for item in conditions:
            item.setdefault("lastProbeTime", None)
        body["status"]["conditions"] = conditions
        self.world.store.update("", "pods", body)
        self._tried.pop(pod["metadata"]["uid"], None)
        meta = pod["metadata"]
        text = f"Successfully assigned {meta['namespace']}/{meta['name']} to {node}"
        self.world.recorder.record(pod, "Normal", "Scheduled", text, _SCHEDULER)

    def _refuse(self, pod: Object, message: str, reason: str = "Unschedulable") -> datetime | None:
        now, uid = self.world.now(), pod["metadata"]["uid"]
        new = {"type": "PodScheduled", "status": "False", "reason": reason, "message": message}
        conditions = set_condition(dig(pod, "status", "conditions", default=[]), new, self.world.stamp())
        for item in conditions:
            item.setdefault("lastProbeTime", None)
            item.setdefault("observedGeneration", pod["metadata"].get("generation", 1))
        changed = dig(pod, "status", "conditions") != conditions
        self.world.set_status("", "pods", pod, pod["status"] | {"conditions": conditions})
        if reason == "SchedulingGated":
            return None
        if changed or self._tried.get(uid, now) <= now:
            self._tried[uid] = after(now, _AGAIN)
            self.world.recorder.record(pod, "Warning", "FailedScheduling", message, _SCHEDULER)
        return self._tried[uid]

    def _misfits(self, pod: Object, node: Object) -> list[str]:
        spec = pod["spec"]
        if dig(node, "spec", "unschedulable") and not _tolerates(
            spec, "node.kubernetes.io/unschedulable", "NoSchedule"
        ):
            return ["node(s) were unschedulable"]
        for taint in dig(node, "spec", "taints", default=[]):
            if taint["effect"] != "PreferNoSchedule" and not _tolerates(spec, taint["key"], taint["effect"]):
                return [f"node(s) had untolerated taint(s) {{{taint['key']}: {taint.get('value', '')}}}"]
        if not _selected(spec, dig(node, "metadata", "labels", default={})):
            return ["node(s) didn't match Pod's node affinity/selector"]
        return self._short(pod, node)

    def _short(self, pod: Object, node: Object) -> list[str]:
        free = {name: parse_quantity(dig(node, "status", "allocatable", name, default="0")) for name in _RESOURCES}
        others = [
            item
            for item in self.world.store.all("", "pods")
            if dig(item, "spec", "nodeName") == node["metadata"]["name"]
            and dig(item, "status", "phase") not in ("Succeeded", "Failed")
        ]
        for other in others:
            for name, amount in requested(other).items():
                free[name] = free.get(name, Decimal(0)) - amount
        short = [f"Insufficient {name}" for name, amount in requested(pod).items() if amount > free.get(name, 0)]
        most = int(dig(node, "status", "allocatable", "pods", default="110"))
        return short + (["Too many pods"] if len(others) >= most else [])


def _name(node: Object) -> str:
    return str(node["metadata"]["name"])


def requested(pod: Object) -> dict[str, Decimal]:
    """Sum what a pod's containers request."""
    total: dict[str, Decimal] = {}
    for container in dig(pod, "spec", "containers", default=[]):
        for name, amount in dig(container, "resources", "requests", default={}).items():
            total[name] = total.get(name, Decimal(0)) + parse_quantity(amount)
    return total


def claim_fault(store: Store, pod: Object) -> str:
    """Say which claim keeps a pod from being scheduled, in the scheduler's words, or ""."""
    for volume in dig(pod, "spec", "volumes", default=[]):
        name = dig(volume, "persistentVolumeClaim", "claimName")
        if not name:
            continue
        claim = store.find("", "persistentvolumeclaims", pod["metadata"]["namespace"], name)
        if claim is None:
            return f'persistentvolumeclaim "{name}" not found'
        if not dig(claim, "spec", "volumeName") and not waits_for_consumer(store, claim):
            return "pod has unbound immediate PersistentVolumeClaims"
    return ""


def waits_for_consumer(store: Store, claim: Object) -> bool:
    """Whether a claim's class binds only when a pod uses it."""
    name = dig(claim, "spec", "storageClassName", default="")
    found = store.find("storage.k8s.io", "storageclasses", "", name)
    return bool(found and found.get("volumeBindingMode") == "WaitForFirstConsumer")


def _unavailable(reasons: Counter[str], nodes: int) -> str:
    if not nodes:
        return "no nodes available to schedule pods"
    parts = sorted(f"{count} {reason}" for reason, count in reasons.items())
    head = f"0/{nodes} nodes are available: {', '.join(parts)}."
    tail = f"preemption: 0/{nodes} nodes are available: "
    return f"{head} no new claims to deallocate, {tail}{nodes} Preemption is not helpful for scheduling."


def _tolerates(spec: Object, key: str, effect: str) -> bool:
    return any(
        item.get("key") in (None, "", key) and item.get("effect") in (None, "", effect)
        for item in spec.get("tolerations") or []
    )


def _selected(spec: Object, labels: Object) -> bool:
    if any(labels.get(key) != value for key, value in (spec.get("nodeSelector") or {}).items()):
        return False
    required = dig(spec, "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
    if not required:
        return True
    return any(_term(term.get("matchExpressions") or [], labels) for term in required.get("nodeSelectorTerms") or [])


def _term(expressions: Objects, labels: Object) -> bool:
    return matches_label_selector({"matchExpressions": expressions}, labels)
