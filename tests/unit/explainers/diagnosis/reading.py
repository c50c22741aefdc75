"""A namespace whose reads are noted, and the objects of one Deployment `web` in it."""

from collections.abc import Callable
from typing import TypeVar

from bot.cluster.snapshot import SnapshotCluster
from explainers.diagnosis.case import Case
from explainers.diagnosis.facts import Facts, Missing
from explainers.kinds import Ref
from explainers.operations.base import Answer, Operation
from tests.unit.clusters import NOW, Json, cluster, deployment, pod, thing

T = TypeVar("T")
WEB, SERVICE = Ref("Deployment", "shop", "web"), Ref("Service", "shop", "web")
GIVEN_UP = "--field-selector=status.phase=Failed -o name"
REVISION = "deployment.kubernetes.io/revision"
HASHES = ("bbbbbb", "cccccc", "dddddd", "ffffff", "gggggg", "hhhhhh")


class Reading:
    """A cluster, and the lines of what was read from it."""

    def __init__(self, *objects: Json, logs: Json | None = None) -> None:
        self.inner: SnapshotCluster = cluster(*objects, logs=logs or {})
        self.lines: list[str] = []

    @property
    def pods(self) -> list[str]:
        """The lines of what was read of pods, but for the look whether any was given up."""
        return [line for line in self.lines if line.startswith("pod ") and not line.endswith(GIVEN_UP)]

    def see(self, look: Callable[[Case], T], target: Ref = WEB) -> T:
        """What a view shows, once everything that it asks for has been read."""
        facts = Facts(NOW)
        while True:
            try:
                return look(Case(facts, target, sparing=True))
            except Missing:
                for fact in facts.take_wanted():
                    facts.learn(fact, self._answer(fact))

    def _answer(self, fact: object) -> Answer:
        assert isinstance(fact, Operation)
        self.lines.append(fact.line().removeprefix("kubectl -n shop get "))
        return self.inner.run(fact)


def template(release: int, tag: str = "") -> Json:
    labels = {"app": "web"} | ({"pod-template-hash": tag} if tag else {})
    return {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "app", "image": f"app:{release}"}]}}


def web(revision: int, replicas: int, updated: int, ready: int, message: str = "") -> Json:
    """A Deployment at a revision, of which `updated` of `replicas` pods are of the newest template."""
    made = deployment("web", replicas)
    made["metadata"]["annotations"] = {REVISION: str(revision)}
    made["metadata"]["generation"] = 7
    made["spec"]["template"] = template(revision)
    progress = {
        "type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated",
        "lastUpdateTime": "2026-01-02T11:50:01Z",
        "message": message or f'ReplicaSet "web-{HASHES[revision - 1]}" is progressing.',
    }  # fmt: skip
    counts = {"replicas": replicas, "updatedReplicas": updated, "readyReplicas": ready, "observedGeneration": 7}
    made["status"] = {**counts, "conditions": [progress]}
    return made


def replica_set(revision: int, replicas: int = 0, ready: int = 0, release: int = 0) -> Json:
    """The ReplicaSet of a revision, made of the template of a release; the later, the younger."""
    release = release or revision
    tag = HASHES[release - 1]
    labels = {"app": "web", "pod-template-hash": tag}
    spec = {"replicas": replicas, "template": template(release, tag)}
    made = thing("ReplicaSet", f"web-{tag}", labels=labels, spec=spec)
    made["metadata"] |= {
        "annotations": {REVISION: str(revision)},
        "creationTimestamp": f"2026-01-02T0{release}:00:00Z",
        "ownerReferences": [{"kind": "Deployment", "name": "web", "uid": "uid-Deployment-web", "controller": True}],
    }
    made["status"] = {"replicas": replicas, "readyReplicas": ready}
    return made


def web_pod(release: int, name: str, ready: bool = True, born: str = "2026-01-02T11:50:00Z") -> Json:
    tag = HASHES[release - 1]
    made = pod(f"web-{tag}-{name}", {"app": "web", "pod-template-hash": tag}, ready)
    made["metadata"] |= {
        "creationTimestamp": born,
        "ownerReferences": [{"kind": "ReplicaSet", "name": f"web-{tag}", "controller": True}],
    }
    if not ready:
        state = {"waiting": {"reason": "ImagePullBackOff"}}
        made["status"]["phase"] = "Pending"
        made["status"]["containerStatuses"] = [{"name": "app", "ready": False, "restartCount": 0, "state": state}]
    return made


def service(*pods: str, name: str = "web") -> list[Json]:
    """A Service and the slice with its ready endpoints."""
    endpoints = [
        {"addresses": [f"10.0.0.{index}"], "conditions": {"ready": True}, "targetRef": {"kind": "Pod", "name": one}}
        for index, one in enumerate(pods)
    ]
    made = thing("Service", name, spec={"selector": {"app": name}, "ports": [{"port": 80}], "clusterIP": "10.1.0.1"})
    labels = {"kubernetes.io/service-name": name}
    return [made, thing("EndpointSlice", f"{name}-x", labels=labels, addressType="IPv4", ports=[], endpoints=endpoints)]


def well(count: int, **spec: object) -> list[Json]:
    made = web(1, count, count, count, message='ReplicaSet "web-bbbbbb" has successfully progressed.')
    made["spec"]["template"]["spec"] |= spec
    names = [f"old{index}{index}" for index in range(1, count + 1)]
    return [made, *(web_pod(1, name) for name in names), *service(*(f"web-bbbbbb-{name}" for name in names))]
