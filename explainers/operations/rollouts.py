"""Rollouts: restart, pause, resume, go back to a revision, see how it goes.

Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/ and kubectl's polymorphichelpers.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from explainers.kinds import CONTROLLER_REVISION, DEPLOYMENT, REPLICA_SET, Kind
from explainers.operations.base import JSON_PATCH, STRATEGIC_PATCH, Change, Json, Request, kubectl
from explainers.operations.objects import ObjectChange, mapping
from explainers.operations.reads import Get

RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
REVISION = "deployment.kubernetes.io/revision"
HASH_LABEL = "pod-template-hash"

# What kubectl leaves alone when it goes back to a revision (annotationsToSkip in rollback.go).
_STAYING = frozenset(
    {
        "kubectl.kubernetes.io/last-applied-configuration",
        REVISION,
        "deployment.kubernetes.io/revision-history",
        "deployment.kubernetes.io/desired-replicas",
        "deployment.kubernetes.io/max-replicas",
        "deprecated.deployment.rollback.to",
    }
)


@dataclass(frozen=True)
class Restart(ObjectChange):
    """Replace all pods, one after another, with pods of the same template. `at` is the time written into it."""

    at: datetime

    def request(self) -> Request:
        stamp = self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        body = {"spec": {"template": {"metadata": {"annotations": {RESTARTED_AT: stamp}}}}}
        return self.patch(body, STRATEGIC_PATCH)

    def kubectl(self) -> list[str]:
        return self.command("rollout", "restart", self.target)

    def inverse(self) -> Change | None:
        return None


@dataclass(frozen=True)
class Pause(ObjectChange):
    """Stop a Deployment from rolling out changes of its template."""

    def request(self) -> Request:
        return self.patch({"spec": {"paused": True}}, STRATEGIC_PATCH)

    def kubectl(self) -> list[str]:
        return self.command("rollout", "pause", self.target)

    def inverse(self) -> Change | None:
        return Resume(self.kind, self.namespace, self.name)


@dataclass(frozen=True)
class Resume(ObjectChange):
    """Let a paused Deployment roll out again."""

    def request(self) -> Request:
        return self.patch({"spec": {"paused": None}}, STRATEGIC_PATCH)

    def kubectl(self) -> list[str]:
        return self.command("rollout", "resume", self.target)

    def inverse(self) -> Change | None:
        return Pause(self.kind, self.namespace, self.name)


@dataclass(frozen=True)
class Undo(ObjectChange):
    """Go back to a revision. Made by `undo`, which works out the patch as kubectl does from what was read.

    `body` is the patch to that revision; `was` and `was_body` are the revision of now and the way back to it.
    """

    revision: int
    body: Any = field(hash=False, repr=False)
    was: int = 0
    was_body: Any = field(default=None, hash=False, repr=False)

    def request(self) -> Request:
        return self.patch(self.body, JSON_PATCH if self.kind == DEPLOYMENT else STRATEGIC_PATCH)

    def kubectl(self) -> list[str]:
        return self.command("rollout", "undo", self.target, f"--to-revision={self.revision}")

    def inverse(self) -> Change | None:
        if self.was_body is None:
            return None
        return Undo(self.kind, self.namespace, self.name, self.was, self.was_body, self.revision, self.body)


def undo(kind: Kind, workload: Json, target: Json, current: Json | None = None) -> Undo:
    """The way back of a workload to the revision that `target` holds.

    `target` and `current` are ReplicaSets of a Deployment, or ControllerRevisions of a StatefulSet or DaemonSet, as
    the API returns them; without `current` the step counts as irreversible. A paused Deployment must be resumed first:
    kubectl refuses to go back while it is paused.
    """
    metadata = mapping(workload, "metadata")
    namespace, name = str(metadata.get("namespace") or ""), str(metadata.get("name") or "")
    body = _patch_to(kind, workload, target)
    if current is None:
        return Undo(kind, namespace, name, revision_of(target), body)
    back = _patch_to(kind, workload, current)
    return Undo(kind, namespace, name, revision_of(target), body, revision_of(current), back)


def revision_of(owned: Json) -> int:
    """The revision number of a ReplicaSet or ControllerRevision; 0 when it has none."""
    number = str(owned.get("revision") or mapping(owned, "metadata", "annotations").get(REVISION) or "")
    return int(number) if number.isdecimal() else 0


def revisions_kind(kind: Kind) -> Kind:
    """The kind of object that holds the revisions of this kind of workload."""
    return REPLICA_SET if kind == DEPLOYMENT else CONTROLLER_REVISION


def _patch_to(kind: Kind, workload: Json, target: Json) -> Any:
    if kind != DEPLOYMENT:
        return mapping(target, "data")
    template = mapping(target, "spec", "template")
    metadata = dict(mapping(template, "metadata"))
    metadata.pop("creationTimestamp", None)
    metadata["labels"] = {k: v for k, v in mapping(metadata, "labels").items() if k != HASH_LABEL}
    return [
        {"op": "replace", "path": "/spec/template", "value": {**template, "metadata": metadata}},
        {"op": "replace", "path": "/metadata/annotations", "value": _annotations(workload, target)},
    ]


def _annotations(workload: Json, target: Json) -> dict[str, str]:
    own, of_revision = (mapping(thing, "metadata", "annotations") for thing in (workload, target))
    staying = {key: value for key, value in own.items() if key in _STAYING}
    return staying | {key: value for key, value in of_revision.items() if key not in _STAYING}


@dataclass(frozen=True)
class RolloutStatus(Get):
    """See whether a rollout is through; `rolled_out` reads the answer."""

    def kubectl(self) -> list[str]:
        return kubectl(self.namespace, "rollout", "status", f"{self.kind.kubectl}/{self.name}")


def rolled_out(workload: Json) -> bool:
    """Whether every replica that is wanted runs the newest template and is available, as `kubectl rollout status` says.

    Source: k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go
    """
    metadata, spec, status = (mapping(workload, key) for key in ("metadata", "spec", "status"))
    if _number(metadata, "generation") > _number(status, "observedGeneration"):
        return False
    if workload.get("kind") == "DaemonSet":
        wanted = _number(status, "desiredNumberScheduled")
        return min(_number(status, "updatedNumberScheduled"), _number(status, "numberAvailable")) >= wanted
    wanted = _number(spec, "replicas", 1)
    if workload.get("kind") == "StatefulSet":
        return _number(status, "readyReplicas") >= wanted and _set_updated(spec, status, wanted)
    updated = _number(status, "updatedReplicas")
    only_new = _number(status, "replicas") <= updated
    return updated >= wanted and only_new and _number(status, "availableReplicas") >= updated


def _set_updated(spec: Json, status: Json, wanted: int) -> bool:
    """Whether a StatefulSet's pods are of the newest revision, those below the partition excepted."""
    if partition := _number(mapping(spec, "updateStrategy", "rollingUpdate"), "partition"):
        return _number(status, "updatedReplicas") >= wanted - partition
    return status.get("updateRevision") == status.get("currentRevision")


def _number(fields: Json, key: str, default: int = 0) -> int:
    value = fields.get(key)
    return value if isinstance(value, int) else default
