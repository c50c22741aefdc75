"""Cases of changes of workloads and pods."""

from datetime import UTC, datetime

from explainers import kinds
from explainers.kinds import DEPLOYMENT, POD
from explainers.operations import pods, rollouts
from explainers.operations import workloads as w
from explainers.operations.base import Operation
from tests.contract.parity_cases.case import Case, Place
from tests.contract.parity_cases.objects import cron_job, deployment, pod, stateful_set


def _undo(place: Place) -> Operation:
    """Back to the first of two revisions, as kubectl finds it: by the ReplicaSets of the Deployment."""
    whole = place.read(DEPLOYMENT, "undo")
    sets = place.read(kinds.REPLICA_SET, "")["items"]
    mine = [one for one in sets if one["metadata"]["labels"].get("app") == "undo"]
    first, second = sorted(mine, key=rollouts.revision_of)
    return rollouts.undo(DEPLOYMENT, whole, first, second)


def _undo_set(place: Place) -> Operation:
    whole = place.read(kinds.STATEFUL_SET, "undo-set")
    revisions = place.read(kinds.CONTROLLER_REVISION, "")["items"]
    mine = [one for one in revisions if one["metadata"]["labels"].get("app") == "undo-set"]
    first, second = sorted(mine, key=rollouts.revision_of)
    return rollouts.undo(kinds.STATEFUL_SET, whole, first, second)


WORKLOADS: dict[str, Case] = {
    "run a pod": Case(
        lambda p: pods.RunPod(p.namespace, "run", "busybox", ("sleep", "5"), 60, (("app", "run"), ("x", "y"))),
        leaves=(POD, "run"),
    ),
    "delete": Case(
        lambda p: pods.Delete(DEPLOYMENT, p.namespace, "delete"), (DEPLOYMENT, "delete"), before=(deployment("delete"),)
    ),
    "delete, and keep what it owns": Case(
        lambda p: pods.Delete(DEPLOYMENT, p.namespace, "delete-alone", orphan=True),
        (DEPLOYMENT, "delete-alone"),
        before=(deployment("delete-alone"),),
    ),
    "delete a pod now": Case(
        lambda p: pods.Delete(POD, p.namespace, "delete-pod", 1), (POD, "delete-pod"), before=(pod("delete-pod"),)
    ),
    "scale": Case(
        lambda p: w.Scale(DEPLOYMENT, p.namespace, "scale", 2, was=0),
        (DEPLOYMENT, "scale"),
        before=(deployment("scale"),),
    ),
    "set image": Case(
        lambda p: w.SetImage(DEPLOYMENT, p.namespace, "image", "main", "nginx:2", was="busybox"),
        (DEPLOYMENT, "image"),
        before=(deployment("image"),),
    ),
    "set image of an init container": Case(
        lambda p: w.SetImage(kinds.CRON_JOB, p.namespace, "image-init", "prepare", "nginx", was="busybox", init=True),
        (kinds.CRON_JOB, "image-init"),
        before=(cron_job("image-init"),),
    ),
    "set env": Case(
        lambda p: w.set_env(
            DEPLOYMENT, p.read(DEPLOYMENT, "env"), "main", (("A", "it's 1"), ("NEW", "x=y")), ("GONE",)
        ),
        (DEPLOYMENT, "env"),
        before=(
            deployment(
                "env",
                env=[{"name": "A", "value": "0"}, {"name": "B", "value": "b"}, {"name": "GONE", "value": "g"}],
            ),
        ),
    ),
    "set env over a reference": Case(
        lambda p: w.SetEnv(DEPLOYMENT, p.namespace, "env-from", "main", (("A", "1"),)),
        (DEPLOYMENT, "env-from"),
        before=(
            deployment(
                "env-from", env=[{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "none", "key": "none"}}}]
            ),
        ),
    ),
    "set resources": Case(
        lambda p: w.SetResources(
            DEPLOYMENT,
            p.namespace,
            "resources",
            "main",
            (("cpu", "20m"), ("memory", "32Mi")),
            (("memory", "64Mi"),),
            was_requests=(("cpu", "10m"), ("memory", "16Mi")),
            was_limits=(("memory", "16Mi"),),
        ),
        (DEPLOYMENT, "resources"),
        before=(
            deployment(
                "resources",
                resources={"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"cpu": "1", "memory": "16Mi"}},
            ),
        ),
    ),
    "set service account": Case(
        lambda p: w.SetServiceAccount(DEPLOYMENT, p.namespace, "account", "robot"),
        (DEPLOYMENT, "account"),
        before=(deployment("account"),),
    ),
    "restart": Case(
        lambda p: rollouts.Restart(DEPLOYMENT, p.namespace, "restart", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        (DEPLOYMENT, "restart"),
        before=(deployment("restart"),),
    ),
    "pause": Case(
        lambda p: rollouts.Pause(DEPLOYMENT, p.namespace, "pause"), (DEPLOYMENT, "pause"), before=(deployment("pause"),)
    ),
    "resume": Case(
        lambda p: rollouts.Resume(DEPLOYMENT, p.namespace, "resume"),
        (DEPLOYMENT, "resume"),
        before=({**deployment("resume"), "spec": {**deployment("resume")["spec"], "paused": True}},),
    ),
    "undo": Case(
        _undo, (DEPLOYMENT, "undo"), before=(deployment("undo"),), revisions=(deployment("undo", image="nginx"),)
    ),
    "undo a StatefulSet": Case(
        _undo_set,
        (kinds.STATEFUL_SET, "undo-set"),
        before=(stateful_set("undo-set"),),
        revisions=(stateful_set("undo-set", "nginx"),),
    ),
}
