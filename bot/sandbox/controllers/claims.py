"""PersistentVolumeClaims: bound to a fresh volume when their class says so, or told why not.

Messages compared with a 1.34 cluster and its volume provisioner.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.sandbox.controllers.scheduling import waits_for_consumer
from bot.sandbox.jsonish import Object, copied, dig
from bot.sandbox.world import World, after, earliest

_COMPONENT = "persistentvolume-controller"
_EVERY = 15.0
_PROTECTION = "kubernetes.io/pvc-protection"


@dataclass
class Claims:
    """Binds claims."""

    world: World
    _told: dict[str, datetime] = field(default_factory=dict)

    def sync(self, namespace: str) -> datetime | None:
        """Sync every claim of a namespace."""
        wake = earliest(*map(self._sync_one, self.world.store.all("", "persistentvolumeclaims", namespace)))
        for volume in self.world.store.all("", "persistentvolumes"):
            if dig(volume, "spec", "claimRef", "namespace") == namespace:
                self._release(volume)
        return wake

    def _release(self, volume: Object) -> None:
        reference = volume["spec"]["claimRef"]
        place = ("", "persistentvolumeclaims", reference["namespace"], reference["name"])
        if (self.world.store.find(*place) or {}).get("metadata", {}).get("uid") == reference.get("uid"):
            return
        if dig(volume, "spec", "persistentVolumeReclaimPolicy") == "Delete":
            self.world.store.delete("", "persistentvolumes", "", volume["metadata"]["name"])
        else:
            self.world.set_status("", "persistentvolumes", volume, {"phase": "Released"})

    def _sync_one(self, claim: Object) -> datetime | None:
        if dig(claim, "metadata", "deletionTimestamp"):
            if not self._users(claim):
                meta = claim["metadata"]
                self.world.store.delete("", "persistentvolumeclaims", meta["namespace"], meta["name"])
            return None
        self._protect(claim)
        if dig(claim, "spec", "volumeName"):
            return None
        self.world.set_status("", "persistentvolumeclaims", claim, {"phase": "Pending"})
        name = dig(claim, "spec", "storageClassName", default="")
        if not name:
            text = "no persistent volumes available for this claim and no storage class is set"
            return self._tell(claim, "FailedBinding", text)
        if not self.world.store.find("storage.k8s.io", "storageclasses", "", name):
            text = f'storageclass.storage.k8s.io "{name}" not found'
            return self._tell(claim, "ProvisioningFailed", text, warning=True)
        if waits_for_consumer(self.world.store, claim) and not self._users(claim):
            text = "waiting for first consumer to be created before binding"
            return self._tell(claim, "WaitForFirstConsumer", text)
        self._provision(claim, name)
        return None

    def _users(self, claim: Object) -> bool:
        meta = claim["metadata"]
        return any(
            dig(volume, "persistentVolumeClaim", "claimName") == meta["name"]
            for pod in self.world.store.all("", "pods", meta["namespace"])
            for volume in dig(pod, "spec", "volumes", default=[])
        )

    def _protect(self, claim: Object) -> None:
        if _PROTECTION not in dig(claim, "metadata", "finalizers", default=[]):
            body = copied(claim)
            body["metadata"].setdefault("finalizers", []).append(_PROTECTION)
            self.world.store.update("", "persistentvolumeclaims", body)

    def _tell(self, claim: Object, reason: str, text: str, *, warning: bool = False) -> datetime:
        now, uid = self.world.now(), claim["metadata"]["uid"]
        if self._told.get(uid, now) <= now:
            self._told[uid] = after(now, _EVERY)
            self.world.tell(claim, reason, text, _COMPONENT, warning=warning)
        return self._told[uid]

    def _provision(self, claim: Object, class_name: str) -> None:
        meta, spec = claim["metadata"], claim["spec"]
        volume = f"pvc-{meta['uid']}"
        size = dig(spec, "resources", "requests", "storage", default="1Gi")
        reference = {"kind": "PersistentVolumeClaim", "namespace": meta["namespace"], "name": meta["name"]}
        body: Object = {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": volume},
            "spec": {
                "capacity": {"storage": size},
                "accessModes": spec.get("accessModes", ["ReadWriteOnce"]),
                "persistentVolumeReclaimPolicy": "Delete",
                "storageClassName": class_name,
                "volumeMode": "Filesystem",
                "claimRef": {"apiVersion": "v1", "uid": meta["uid"], **reference},
                "hostPath": {"path": f"/opt/local-path-provisioner/{volume}"},
            },
            "status": {"phase": "Bound"},
        }
        self.world.store.create("", "persistentvolumes", body)
        bound = self.world.store.get("", "persistentvolumeclaims", meta["namespace"], meta["name"])
        bound["spec"]["volumeName"] = volume
        bound["metadata"].setdefault("annotations", {})["pv.kubernetes.io/bind-completed"] = "yes"
        bound["status"] = {"phase": "Bound", "accessModes": spec["accessModes"], "capacity": {"storage": size}}
        self.world.store.update("", "persistentvolumeclaims", bound)
        text = f"Successfully provisioned volume {volume}"
        self.world.tell(claim, "ProvisioningSucceeded", text, "rancher.io/local-path")
