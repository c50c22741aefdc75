"""Deployments: one ReplicaSet a template, rolled over within the strategy's bounds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.sandbox.controllers.rollout_status import bounds, deployment_status
from bot.sandbox.jsonish import Object, Objects, copied, dig
from bot.sandbox.world import World, earliest, is_active, owner_reference, template_hash

_COMPONENT = "deployment-controller"
_PREFIX = "deployment.kubernetes.io/"
_REVISION, _HISTORY = f"{_PREFIX}revision", f"{_PREFIX}revision-history"
_DESIRED, _MOST = f"{_PREFIX}desired-replicas", f"{_PREFIX}max-replicas"
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_HASH = "pod-template-hash"


@dataclass(frozen=True)
class Deployments:
    """Creates, scales and retires ReplicaSets."""

    world: World

    def sync(self, namespace: str) -> datetime | None:
        """Sync every Deployment of a namespace."""
        found = self.world.store.all("apps", "deployments", namespace)
        return earliest(*(self._sync_one(item) for item in found if not item["metadata"].get("deletionTimestamp")))

    def _sync_one(self, owner: Object) -> datetime | None:
        sets = self.world.owned("apps", "replicasets", owner)
        new = next((item for item in sets if _same_template(item, owner)), None)
        created = ""
        if not dig(owner, "spec", "paused"):
            if new is None:
                new = self._create(owner, sets)
                created = new["metadata"]["name"]
            else:
                self._revive(owner, new, sets)
        self._scale(owner, new, [item for item in sets if new is None or _name(item) != _name(new)])
        self._retire(owner)
        return self._report(owner, created)

    def _report(self, owner: Object, created: str) -> datetime | None:
        fresh = self.world.store.find("apps", "deployments", owner["metadata"]["namespace"], _name(owner)) or owner
        sets = self.world.owned("apps", "replicasets", fresh)
        new = next((item for item in sets if _same_template(item, fresh)), None)
        status, wake = deployment_status(fresh, sets, new, self.world.now(), created)
        self.world.set_status("apps", "deployments", fresh, status)
        return wake

    def _create(self, owner: Object, sets: Objects) -> Object:
        template = copied(owner["spec"]["template"])
        digest = template_hash(template)
        template.setdefault("metadata", {}).setdefault("labels", {})[_HASH] = digest
        selector = copied(owner["spec"]["selector"])
        selector.setdefault("matchLabels", {})[_HASH] = digest
        revision = str(_last_revision(sets) + 1)
        meta = {
            "name": f"{_name(owner)}-{digest}",
            "namespace": owner["metadata"]["namespace"],
            "labels": dict(template["metadata"]["labels"]),
            "annotations": self._annotations(owner) | {_REVISION: revision},
            "ownerReferences": [owner_reference(owner)],
        }
        spec = {"replicas": 0, "selector": selector, "template": template}
        if dig(owner, "spec", "minReadySeconds"):
            spec["minReadySeconds"] = owner["spec"]["minReadySeconds"]
        body = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": meta, "spec": spec}
        new = self.world.create("apps", "replicasets", body)
        self._mark(owner, revision)
        return new

    def _revive(self, owner: Object, new: Object, sets: Objects) -> None:
        # An older template that is wanted again becomes the newest revision; the old number is kept as history.
        own, last = _revision(new), _last_revision([item for item in sets if _name(item) != _name(new)])
        annotations = dict(new["metadata"].get("annotations") or {}) | self._annotations(owner)
        if own < last:
            history = [*filter(None, annotations.get(_HISTORY, "").split(",")), str(own)]
            annotations |= {_HISTORY: ",".join(history), _REVISION: str(last + 1)}
        if annotations != new["metadata"].get("annotations"):
            body = copied(new)
            body["metadata"]["annotations"] = annotations
            self.world.update("apps", "replicasets", body)
        self._mark(owner, annotations.get(_REVISION, "1"))

    def _annotations(self, owner: Object) -> Object:
        wanted = dig(owner, "spec", "replicas", default=0)
        surge, _ = bounds(owner)
        kept = {
            key: value
            for key, value in dig(owner, "metadata", "annotations", default={}).items()
            if key not in (_LAST_APPLIED, _REVISION, _HISTORY, _DESIRED, _MOST)
        }
        return kept | {_DESIRED: str(wanted), _MOST: str(wanted + surge)}

    def _mark(self, owner: Object, revision: str) -> None:
        body = self.world.store.get("apps", "deployments", owner["metadata"]["namespace"], _name(owner))
        if dig(body, "metadata", "annotations", _REVISION) != revision:
            body["metadata"].setdefault("annotations", {})[_REVISION] = revision
            self.world.store.update("apps", "deployments", body)

    def _scale(self, owner: Object, new: Object | None, old: Objects) -> None:
        wanted = dig(owner, "spec", "replicas", default=0)
        if new is None or dig(owner, "spec", "paused"):
            active = [item for item in ([new] if new else []) + old if _replicas(item)]
            if len(active) == 1:
                self._set(owner, active[0], wanted)
            return
        if dig(owner, "spec", "strategy", "type") == "Recreate":
            self._recreate(owner, new, old, wanted)
            return
        surge, unavailable = bounds(owner)
        total = _replicas(new) + sum(map(_replicas, old))
        if _replicas(new) > wanted:
            self._set(owner, new, wanted)
        elif _replicas(new) < wanted:
            room = wanted + surge - total
            self._set(owner, new, min(wanted, _replicas(new) + max(room, 0)))
        self._shrink(owner, new, old, wanted - unavailable)

    def _recreate(self, owner: Object, new: Object, old: Objects, wanted: int) -> None:
        for item in old:
            self._set(owner, item, 0)
        pods = [pod for item in old for pod in self.world.owned("", "pods", item)]
        if not any(is_active(pod) or dig(pod, "metadata", "deletionTimestamp") for pod in pods):
            self._set(owner, new, wanted)

    def _shrink(self, owner: Object, new: Object, old: Objects, least: int) -> None:
        fresh = self.world.store.find("apps", "replicasets", new["metadata"]["namespace"], _name(new)) or new
        pending = _replicas(fresh) - _available(fresh)
        total = _replicas(fresh) + sum(map(_replicas, old))
        spare = total - least - pending
        for item in sorted(old, key=_revision):
            broken = min(_replicas(item) - _available(item), max(spare, 0))
            if broken > 0:
                self._set(owner, item, _replicas(item) - broken)
                spare -= broken
        free = _available(fresh) + sum(map(_available, old)) - least
        for item in sorted(old, key=_revision):
            current = self.world.store.find("apps", "replicasets", item["metadata"]["namespace"], _name(item)) or item
            count = min(_replicas(current), max(free, 0), max(spare, 0))
            if count > 0:
                self._set(owner, current, _replicas(current) - count)
                free, spare = free - count, spare - count

    def _set(self, owner: Object, item: Object, replicas: int) -> None:
        body = self.world.store.get("apps", "replicasets", item["metadata"]["namespace"], _name(item))
        before = _replicas(body)
        if before == replicas:
            return
        body["spec"]["replicas"] = replicas
        self.world.update("apps", "replicasets", body)
        direction = "up" if replicas > before else "down"
        text = f"Scaled {direction} replica set {_name(item)} from {before} to {replicas}"
        self.world.tell(owner, "ScalingReplicaSet", text, _COMPONENT)

    def _retire(self, owner: Object) -> None:
        sets = self.world.owned("apps", "replicasets", owner)
        old = [item for item in sets if not _same_template(item, owner) and not _replicas(item)]
        old = [item for item in old if not dig(item, "status", "replicas", default=0)]
        surplus = len(old) - dig(owner, "spec", "revisionHistoryLimit", default=10)
        for item in sorted(old, key=_revision)[: max(surplus, 0)]:
            self.world.delete(item)


def _same_template(item: Object, owner: Object) -> bool:
    own, wanted = item["spec"]["template"], owner["spec"]["template"]
    if own.get("spec") != wanted.get("spec"):
        return False
    own_meta, wanted_meta = dict(own.get("metadata") or {}), dict(wanted.get("metadata") or {})
    labels = {key: value for key, value in (own_meta.pop("labels", None) or {}).items() if key != _HASH}
    return labels == (wanted_meta.pop("labels", None) or {}) and own_meta == wanted_meta


def _name(obj: Object) -> str:
    return str(obj["metadata"]["name"])


def _replicas(item: Object) -> int:
    return int(dig(item, "spec", "replicas", default=0))


def _available(item: Object) -> int:
    return int(dig(item, "status", "availableReplicas", default=0))


def _revision(item: Object) -> int:
    return int(dig(item, "metadata", "annotations", _REVISION, default="0"))


def _last_revision(sets: Objects) -> int:
    return max(map(_revision, sets), default=0)
