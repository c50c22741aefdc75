"""Namespaces and owners: what every namespace has from the start, and what goes when its owner goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.sandbox.jsonish import Object, copied, dig
from bot.sandbox.resources import RESOURCES
from bot.sandbox.world import World, after

_CERTIFICATE = "-----BEGIN CERTIFICATE-----\nsandbox\n-----END CERTIFICATE-----\n"
_CASCADE = ("foregroundDeletion", "orphan")


@dataclass(frozen=True)
class Namespaces:
    """Gives a namespace its account and root certificate; empties it when it is deleted."""

    world: World

    def sync(self, namespace: str) -> datetime | None:
        """Sync one namespace."""
        found = self.world.store.find("", "namespaces", "", namespace)
        if found is None:
            return None
        if found["metadata"].get("deletionTimestamp"):
            return self._empty(found)
        self._label(found)
        name = {"namespace": namespace}
        self._ensure("serviceaccounts", {"metadata": {"name": "default", **name}})
        self._ensure("configmaps", {"metadata": {"name": "kube-root-ca.crt", **name}, "data": {"ca.crt": _CERTIFICATE}})
        return self.world.recorder.expire(namespace)

    def _label(self, found: Object) -> None:
        if dig(found, "metadata", "labels", "kubernetes.io/metadata.name") and found.get("status"):
            return
        body = copied(found)
        body["metadata"].setdefault("labels", {})["kubernetes.io/metadata.name"] = found["metadata"]["name"]
        body.setdefault("status", {"phase": "Active"})
        self.world.store.update("", "namespaces", body)

    def _ensure(self, resource: str, body: Object) -> None:
        meta = body["metadata"]
        if not self.world.store.find("", resource, meta["namespace"], meta["name"]):
            self.world.create("", resource, body)

    def _empty(self, found: Object) -> datetime | None:
        namespace, rest = found["metadata"]["name"], False
        for resource in RESOURCES:
            if not resource.namespaced:
                continue
            for item in self.world.store.all(resource.group, resource.plural, namespace):
                slow = resource.kind == "Pod" or dig(item, "metadata", "finalizers")
                if slow and not dig(item, "metadata", "deletionTimestamp"):
                    self.world.delete(item)
                if slow:
                    rest = rest or self.world.store.find(*_place(item, resource.group, resource.plural)) is not None
                else:
                    self.world.store.delete(*_place(item, resource.group, resource.plural))
        if not rest:
            self.world.store.delete("", "namespaces", "", namespace)
        return after(self.world.now(), 1.0) if rest else None


def _place(item: Object, group: str, resource: str) -> tuple[str, str, str, str]:
    return group, resource, item["metadata"].get("namespace", ""), item["metadata"]["name"]


@dataclass(frozen=True)
class Garbage:
    """Deletes what is owned by what no longer exists, and ends foreground deletions."""

    world: World

    def sync(self, namespace: str) -> datetime | None:
        """Sweep one namespace."""
        items = [
            (item, resource)
            for resource in RESOURCES
            if resource.namespaced and resource.kind != "Event"
            for item in self.world.store.all(resource.group, resource.plural, namespace)
        ]
        alive = {item["metadata"]["uid"]: item for item, _ in items}
        for item, _ in items:
            self._collect(item, alive)
        for item, resource in items:
            if dig(item, "metadata", "deletionTimestamp") and dig(item, "metadata", "finalizers"):
                self._finish(item, resource.group, resource.plural, namespace)
        return None

    def _collect(self, item: Object, alive: dict[str, Object]) -> None:
        owners = dig(item, "metadata", "ownerReferences", default=[])
        if not owners or dig(item, "metadata", "deletionTimestamp"):
            return
        present = [alive[owner["uid"]] for owner in owners if owner["uid"] in alive]
        waiting = [o for o in present if "foregroundDeletion" in dig(o, "metadata", "finalizers", default=[])]
        orphaning = [o for o in present if "orphan" in dig(o, "metadata", "finalizers", default=[])]
        if orphaning:
            return
        if not present or len(waiting) == len(present):
            policy = {"propagationPolicy": "Foreground"} if waiting else {}
            self.world.delete(item, **policy)

    def _finish(self, item: Object, group: str, resource: str, namespace: str) -> None:
        uid, finalizers = item["metadata"]["uid"], item["metadata"]["finalizers"]
        found = [
            other
            for kind in RESOURCES
            if kind.namespaced
            for other in self.world.store.all(kind.group, kind.plural, namespace)
            if any(owner["uid"] == uid for owner in dig(other, "metadata", "ownerReferences", default=[]))
        ]
        if "orphan" in finalizers:
            self._release(item, found)
        elif "foregroundDeletion" not in finalizers or found:
            return
        rest = [name for name in finalizers if name not in _CASCADE]
        name = item["metadata"]["name"]
        if rest:
            body = self.world.store.get(group, resource, namespace, name)
            body["metadata"]["finalizers"] = rest
            self.world.store.update(group, resource, body)
        elif resource != "pods":
            self.world.store.delete(group, resource, namespace, name)

    def _release(self, owner: Object, dependents: list[Object]) -> None:
        for item in dependents:
            body = copied(item)
            references = body["metadata"]["ownerReferences"]
            body["metadata"]["ownerReferences"] = [r for r in references if r["uid"] != owner["metadata"]["uid"]]
            resource = next(kind for kind in RESOURCES if kind.kind == item["kind"])
            self.world.store.update(resource.group, resource.plural, body)
