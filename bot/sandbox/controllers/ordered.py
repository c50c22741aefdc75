"""StatefulSets and DaemonSets: pods with a place of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.sandbox.jsonish import Object, Objects, copied, dig
from bot.sandbox.refusals import RefusalError
from bot.sandbox.world import World, is_active, is_ready, pod_from, template_hash

_REVISION = "controller-revision-hash"
_ORDINAL = "apps.kubernetes.io/pod-index"
_POD_NAME = "statefulset.kubernetes.io/pod-name"


def _current(pod: Object, digest: str) -> bool:
    return bool(dig(pod, "metadata", "labels", _REVISION) == digest)


@dataclass(frozen=True)
class StatefulSets:
    """Creates pods one after another and replaces them from the last to the first."""

    world: World

    def sync(self, namespace: str) -> datetime | None:
        """Sync every StatefulSet of a namespace."""
        for owner in self.world.store.all("apps", "statefulsets", namespace):
            if not owner["metadata"].get("deletionTimestamp"):
                self._sync_one(owner)
        return None

    def _sync_one(self, owner: Object) -> None:
        name = owner["metadata"]["name"]
        digest = f"{name}-{template_hash(owner['spec']['template'])}"
        wanted = dig(owner, "spec", "replicas", default=1)
        pods = {pod["metadata"]["name"]: pod for pod in self.world.owned("", "pods", owner)}
        ordered = dig(owner, "spec", "podManagementPolicy") == "OrderedReady"
        for index in range(wanted):
            pod = pods.get(f"{name}-{index}")
            if pod is None:
                self._create(owner, index, digest)
                if ordered:
                    break
            elif ordered and not is_ready(pod):
                break
        self._shrink(owner, pods, wanted, digest)
        self._count(owner, digest)

    def _create(self, owner: Object, index: int, digest: str) -> None:
        name = f"{owner['metadata']['name']}-{index}"
        body = pod_from(owner["spec"]["template"], owner, name)
        body["metadata"].setdefault("labels", {}).update({_REVISION: digest, _ORDINAL: str(index), _POD_NAME: name})
        body["spec"] |= {"hostname": name, "subdomain": owner["spec"].get("serviceName", "")}
        for template in owner["spec"].get("volumeClaimTemplates") or []:
            self._claim(owner, template, name, body)
        kind = f"Pod {name} in StatefulSet {owner['metadata']['name']}"
        try:
            self.world.create("", "pods", body)
        except RefusalError as refusal:
            text = f"create {kind} failed error: {refusal.message}"
            self.world.tell(owner, "FailedCreate", text, "statefulset-controller", warning=True)
            return
        self.world.tell(owner, "SuccessfulCreate", f"create {kind} successful", "statefulset-controller")

    def _claim(self, owner: Object, template: Object, pod: str, body: Object) -> None:
        name, namespace = f"{template['metadata']['name']}-{pod}", owner["metadata"]["namespace"]
        if not self.world.store.find("", "persistentvolumeclaims", namespace, name):
            meta = {"name": name, "namespace": namespace, "labels": dig(template, "metadata", "labels", default={})}
            claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": meta}
            self.world.create("", "persistentvolumeclaims", claim | {"spec": copied(template["spec"])})
        volumes = body["spec"].setdefault("volumes", [])
        volumes.append({"name": template["metadata"]["name"], "persistentVolumeClaim": {"claimName": name}})

    def _shrink(self, owner: Object, pods: dict[str, Object], wanted: int, digest: str) -> None:
        ranked = sorted(pods.values(), key=lambda pod: -_index(pod))
        surplus = [pod for pod in ranked if _index(pod) >= wanted]
        stale = [pod for pod in ranked if _index(pod) < wanted and not _current(pod, digest)]
        busy = any(dig(pod, "metadata", "deletionTimestamp") for pod in ranked)
        broken = [pod for pod in ranked if _current(pod, digest) and not is_ready(pod) and _index(pod) < wanted]
        if busy or not (surplus or (stale and not broken)):
            return
        pod = (surplus or stale)[0]
        self.world.delete(pod)
        text = f"delete Pod {pod['metadata']['name']} in StatefulSet {owner['metadata']['name']} successful"
        self.world.tell(owner, "SuccessfulDelete", text, "statefulset-controller")

    def _count(self, owner: Object, digest: str) -> None:
        pods = [pod for pod in self.world.owned("", "pods", owner) if is_active(pod)]
        fresh = [pod for pod in pods if _current(pod, digest)]
        done = len(fresh) == len(pods)
        current = digest if done else dig(owner, "status", "currentRevision", default=digest)
        status = _numbers(
            replicas=len(pods),
            readyReplicas=sum(map(is_ready, pods)),
            availableReplicas=sum(map(is_ready, pods)),
            currentReplicas=len(fresh) if done else len(pods) - len(fresh),
            updatedReplicas=len(fresh),
        )
        status |= {"collisionCount": 0, "currentRevision": current, "updateRevision": digest}
        status |= {"replicas": len(pods), "observedGeneration": owner["metadata"].get("generation", 1)}
        self.world.set_status("apps", "statefulsets", owner, status)


def _numbers(**counts: int) -> Object:
    return {name: count for name, count in counts.items() if count}


def _index(pod: Object) -> int:
    last = pod["metadata"]["name"].rpartition("-")[2]
    return int(last) if last.isdigit() else 0


@dataclass(frozen=True)
class DaemonSets:
    """Keeps one pod on every node that the template fits."""

    world: World

    def sync(self, namespace: str) -> datetime | None:
        """Sync every DaemonSet of a namespace."""
        for owner in self.world.store.all("apps", "daemonsets", namespace):
            if not owner["metadata"].get("deletionTimestamp"):
                self._sync_one(owner)
        return None

    def _sync_one(self, owner: Object) -> None:
        digest = template_hash(owner["spec"]["template"])
        pods = [pod for pod in self.world.owned("", "pods", owner) if is_active(pod)]
        nodes = [node["metadata"]["name"] for node in self.world.store.all("", "nodes")]
        covered = {dig(pod, "spec", "nodeName") or _wanted_node(pod) for pod in pods}
        for node in nodes:
            if node not in covered:
                self._create(owner, node, digest)
        stale = [pod for pod in pods if not _current(pod, digest)]
        if stale and all(is_ready(pod) for pod in pods if _current(pod, digest)):
            self.world.delete(stale[0])
            text = f"Deleted pod: {stale[0]['metadata']['name']}"
            self.world.tell(owner, "SuccessfulDelete", text, "daemonset-controller")
        self._count(owner, len(nodes), digest)

    def _create(self, owner: Object, node: str, digest: str) -> None:
        body = pod_from(owner["spec"]["template"], owner)
        body["metadata"].setdefault("labels", {})[_REVISION] = digest
        body["spec"]["nodeName"] = node
        try:
            pod = self.world.create("", "pods", body)
        except RefusalError as refusal:
            text = f"Error creating: {refusal.message}"
            self.world.tell(owner, "FailedCreate", text, "daemonset-controller", warning=True)
            return
        self.world.tell(owner, "SuccessfulCreate", f"Created pod: {pod['metadata']['name']}", "daemonset-controller")

    def _count(self, owner: Object, nodes: int, digest: str) -> None:
        pods: Objects = [pod for pod in self.world.owned("", "pods", owner) if is_active(pod)]
        ready = sum(map(is_ready, pods))
        status = {
            "currentNumberScheduled": len(pods),
            "desiredNumberScheduled": nodes,
            "numberMisscheduled": 0,
            "numberReady": ready,
            "observedGeneration": owner["metadata"].get("generation", 1),
        }
        status |= _numbers(
            numberAvailable=ready,
            numberUnavailable=nodes - ready,
            updatedNumberScheduled=sum(1 for pod in pods if _current(pod, digest)),
        )
        self.world.set_status("apps", "daemonsets", owner, status)


def _wanted_node(pod: Object) -> str:
    return str(dig(pod, "spec", "nodeName", default=""))
