"""Pods of an earlier revision, whose trouble is history once a newer one has its own."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from explainers.diagnosis.views.pods import Pod, text
from explainers.operations.rollouts import HASH_LABEL

COMING_UP = timedelta(seconds=30)
"""So long a container that runs may simply not be ready yet."""
_COMING = ("ContainerCreating", "PodInitializing")


def outdated(pods: Sequence[Pod], now: datetime) -> set[str]:
    """The names of a Deployment's pods that a newer revision will replace, where the newest pod tells of trouble."""
    revisions: dict[str, list[Pod]] = {}
    for pod in pods:
        tag = f"-{pod.labels.get(HASH_LABEL, '')}"
        if pod.owner and pod.owner.kind == "ReplicaSet" and len(tag) > 1 and pod.owner.name.endswith(tag):
            revisions.setdefault(pod.owner.name.removesuffix(tag), []).append(pod)
    past: set[str] = set()
    for same in revisions.values():
        born = {pod.name: text(pod.object, "metadata", "creationTimestamp") for pod in same}
        newest = [pod for pod in same if born[pod.name] == max(born.values())]
        if not any(pod.ready for pod in newest) and any(tells(pod, now) for pod in newest):
            kept = {pod.owner for pod in newest}
            past |= {pod.name for pod in same if pod.owner not in kept}
    return past


def tells(pod: Pod, now: datetime) -> bool:
    """Whether a pod that is not ready shows why, and is not merely starting."""
    if pod.condition("PodScheduled").get("status") == "False":
        return True
    return any(
        one.last_end or one.waiting not in ("", *_COMING) or (one.running_since and now - one.running_since > COMING_UP)
        for one in pod.containers
    )
