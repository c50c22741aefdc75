"""ReplicaSets: as many pods as asked for, the least useful ones deleted first."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.sandbox.jsonish import Object, Objects, dig, parse_timestamp
from bot.sandbox.refusals import RefusalError
from bot.sandbox.world import World, after, condition, earliest, is_active, is_ready, pod_from, set_condition

_COMPONENT = "replicaset-controller"
# The most pods that one pass creates.
_BURST = 500
_FIRST_RETRY, _LAST_RETRY = 1.0, 600.0


@dataclass
class ReplicaSets:
    """Creates and deletes the pods of ReplicaSets and counts them."""

    world: World
    _retry: dict[str, tuple[datetime, float]] = field(default_factory=dict)

    def sync(self, namespace: str) -> datetime | None:
        """Sync every ReplicaSet of a namespace."""
        sets = self.world.store.all("apps", "replicasets", namespace)
        return earliest(*(self._sync_one(item) for item in sets if not item["metadata"].get("deletionTimestamp")))

    def _sync_one(self, owner: Object) -> datetime | None:
        pods = [pod for pod in self.world.owned("", "pods", owner) if is_active(pod)]
        missing = dig(owner, "spec", "replicas", default=0) - len(pods)
        failure = ""
        if missing < 0:
            self._delete(owner, pods, -missing)
        elif missing > 0:
            failure = self._create(owner, missing)
        wake = self._count(owner, failure)
        return earliest(wake, self._retry.get(owner["metadata"]["uid"], (None, 0.0))[0])

    def _create(self, owner: Object, missing: int) -> str:
        uid, now = owner["metadata"]["uid"], self.world.now()
        moment, pause = self._retry.get(uid, (now, _FIRST_RETRY / 2))
        if moment > now:
            return _failure(owner)
        if missing > _BURST:
            self._retry[uid] = (after(now, 1.0), pause)
        for _ in range(min(missing, _BURST)):
            try:
                pod = self.world.create("", "pods", pod_from(dig(owner, "spec", "template"), owner))
            except RefusalError as refusal:
                self._retry[uid] = (after(now, min(pause * 2, _LAST_RETRY)), min(pause * 2, _LAST_RETRY))
                text = f"Error creating: {refusal.message}"
                self.world.tell(owner, "FailedCreate", text, _COMPONENT, warning=True)
                return refusal.message
            self.world.tell(owner, "SuccessfulCreate", f"Created pod: {pod['metadata']['name']}", _COMPONENT)
        if missing <= _BURST:
            self._retry.pop(uid, None)
        return ""

    def _delete(self, owner: Object, pods: Objects, surplus: int) -> None:
        self._retry.pop(owner["metadata"]["uid"], None)
        for pod in sorted(pods, key=_usefulness)[:surplus]:
            self.world.delete(pod)
            self.world.tell(owner, "SuccessfulDelete", f"Deleted pod: {pod['metadata']['name']}", _COMPONENT)

    def _count(self, owner: Object, failure: str) -> datetime | None:
        pods = [pod for pod in self.world.owned("", "pods", owner) if is_active(pod)]
        ready = [pod for pod in pods if is_ready(pod)]
        settle = dig(owner, "spec", "minReadySeconds", default=0)
        times = [after(ready_since(pod), settle) for pod in ready]
        available = sum(1 for time in times if time <= self.world.now())
        counts = {
            "replicas": len(pods),
            "fullyLabeledReplicas": len(pods),
            "readyReplicas": len(ready),
            "availableReplicas": available,
        }
        status: Object = {key: value for key, value in counts.items() if value or key == "replicas"}
        status["observedGeneration"] = owner["metadata"].get("generation", 1)
        if failure:
            new = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": failure}
            old = dig(owner, "status", "conditions", default=[])
            same = condition(old, "ReplicaFailure")
            status["conditions"] = old if same else set_condition(old, new, self.world.stamp())
        self.world.set_status("apps", "replicasets", owner, status)
        return earliest(*(time for time in times if time > self.world.now()))


def _failure(owner: Object) -> str:
    found = condition(dig(owner, "status", "conditions", default=[]), "ReplicaFailure")
    return str(found.get("message", ""))


def ready_since(pod: Object) -> datetime:
    """The moment at which a pod became ready."""
    return parse_timestamp(condition(dig(pod, "status", "conditions", default=[]), "Ready")["lastTransitionTime"])


def _usefulness(pod: Object) -> tuple[bool, int, bool, float]:
    phases = {"Pending": 0, "Unknown": 1, "Running": 2}
    age = parse_timestamp(pod["metadata"]["creationTimestamp"]).timestamp()
    scheduled = bool(dig(pod, "spec", "nodeName"))
    return scheduled, phases.get(dig(pod, "status", "phase", default="Pending"), 0), is_ready(pod), -age
