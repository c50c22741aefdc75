"""What every controller holds, and the small steps that they share."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.sandbox.events import Recorder, Source
from bot.sandbox.jsonish import Object, Objects, copied, dig, timestamp
from bot.sandbox.paths import Target
from bot.sandbox.resources import by_kind, by_plural
from bot.sandbox.store import Store
from bot.sandbox.writing import Writer

_METRICS = "metrics.k8s.io"
_SAFE = "bcdfghjklmnpqrstvwxz2456789"


@dataclass(frozen=True)
class World:
    """Store, writer and recorder; time is the store's."""

    store: Store
    writer: Writer
    recorder: Recorder

    def now(self) -> datetime:
        """The current moment."""
        return self.store.now()

    def stamp(self) -> str:
        """The current moment as the API writes it."""
        return timestamp(self.store.now())

    def owned(self, group: str, resource: str, owner: Object) -> Objects:
        """List the objects that `owner` controls."""
        namespace, uid = owner["metadata"].get("namespace", ""), owner["metadata"]["uid"]
        found = self.store.all(group, resource, namespace)
        return [item for item in found if controller_of(item).get("uid") == uid]

    def create(self, group: str, resource: str, body: Object) -> Object:
        """Create an object through admission, as a controller. Raises RefusalError."""
        return self.writer.create(self._target(group, resource, body), body)

    def update(self, group: str, resource: str, body: Object) -> Object:
        """Replace an object's content but its status, as a controller. Raises RefusalError."""
        return self.writer.replace(self._target(group, resource, body), body)

    def delete(self, obj: Object, **options: Any) -> None:
        """Delete an object as a controller. Raises RefusalError."""
        resource = by_kind(obj["apiVersion"], obj["kind"])
        if resource:
            meta = obj["metadata"]
            self.writer.delete(Target(resource, meta.get("namespace", ""), meta["name"]), options)

    def set_status(self, group: str, resource: str, obj: Object, status: Object) -> None:
        """Write an object's status if it differs."""
        self.store.set_status(group, resource, obj, status)

    def set_usage(self, pod: Object, usages: Objects) -> None:
        """Write a pod's metrics, as metrics-server would; none for a pod in which nothing runs."""
        meta = pod["metadata"]
        place = (_METRICS, "pods", meta["namespace"], meta["name"])
        found = self.store.find(*place)
        if (found or {}).get("containers", []) == usages:
            return
        if found:
            self.store.delete(*place)
        if usages:
            own = {"name": meta["name"], "namespace": meta["namespace"], "labels": dict(meta.get("labels") or {})}
            body = {"metadata": own, "timestamp": self.stamp(), "window": "15s", "containers": usages}
            self.store.create(_METRICS, "pods", body)

    def tell(self, obj: Object, reason: str, message: str, component: str, *, warning: bool = False) -> None:
        """Record a controller's event."""
        self.recorder.record(obj, "Warning" if warning else "Normal", reason, message, Source(component))

    def _target(self, group: str, resource: str, body: Object) -> Target:
        kind = by_plural(group, resource)
        if kind is None:
            raise LookupError(resource)
        meta = body["metadata"]
        return Target(kind, meta.get("namespace", ""), meta.get("name", ""))


def controller_of(obj: Object) -> Object:
    """Give the owner reference of an object's controller, or {}."""
    found: Object = next((r for r in dig(obj, "metadata", "ownerReferences", default=[]) if r.get("controller")), {})
    return found


def owner_reference(owner: Object) -> Object:
    """Build the reference with which a controller marks what it made."""
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def template_hash(template: Object) -> str:
    """Hash a pod template into ten letters that are safe in names."""
    digest = hashlib.sha256(json.dumps(template, sort_keys=True).encode()).digest()
    return "".join(_SAFE[byte % len(_SAFE)] for byte in digest[:10])


def condition(conditions: Objects, kind: str) -> Object:
    """Find a condition by type, or {}."""
    return next((item for item in conditions if item["type"] == kind), {})


def set_condition(conditions: Objects, new: Object, now: str) -> Objects:
    """Replace a condition by type; its transition time moves only when its status does."""
    old = condition(conditions, new["type"])
    same = old.get("status") == new["status"]
    merged = {**new, "lastTransitionTime": old["lastTransitionTime"] if same else now}
    return [*(item for item in conditions if item["type"] != new["type"]), merged]


def pod_from(template: Object, owner: Object, name: str = "") -> Object:
    """Build a pod from a template, owned by `owner`; without a name it gets a generated one."""
    meta = copied(template.get("metadata") or {})
    kept = {key: meta[key] for key in ("labels", "annotations") if meta.get(key)}
    own = {"name": name} if name else {"generateName": f"{owner['metadata']['name']}-"}
    place = {"namespace": owner["metadata"]["namespace"], "ownerReferences": [owner_reference(owner)]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": own | kept | place, "spec": copied(template["spec"])}


def is_active(pod: Object) -> bool:
    """A pod that neither finished nor is being deleted."""
    finished = dig(pod, "status", "phase") in ("Succeeded", "Failed")
    return not finished and not dig(pod, "metadata", "deletionTimestamp")


def is_ready(pod: Object) -> bool:
    """A pod whose Ready condition is true."""
    return condition(dig(pod, "status", "conditions", default=[]), "Ready").get("status") == "True"


def earliest(*moments: datetime | None) -> datetime | None:
    """The first of the moments that are set."""
    known = [moment for moment in moments if moment]
    return min(known) if known else None


def after(moment: datetime, seconds: float) -> datetime:
    """A moment later by some seconds."""
    return moment + timedelta(seconds=seconds)
