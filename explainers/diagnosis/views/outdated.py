"""Pods of an earlier revision, whose trouble is history once a newer one comes up or has its own."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from explainers.diagnosis.views.kept import named_set
from explainers.diagnosis.views.pods import Json, Pod, dicts, text
from explainers.diagnosis.views.uniform import counts
from explainers.operations.rollouts import HASH_LABEL

COMING_UP = timedelta(seconds=30)
"""So long a container that runs may simply not be ready yet."""
BEING_MADE = timedelta(minutes=2)
"""So long the containers of a pod may be in the making while nobody looks for what is wrong with others."""
_COMING = ("ContainerCreating", "PodInitializing")


def outdated(pods: Sequence[Pod], now: datetime, workload: Callable[[], Json]) -> set[str]:
    """The names of a Deployment's pods that a newer revision will replace: where pods of the newest are ready, or the
    newest pod tells of trouble; where it is only being made, of those that are not made like it, for what is wrong with
    them may be mended by it. `workload` reads the Deployment."""
    revisions: dict[str, list[Pod]] = {}
    for pod in pods:
        tag = f"-{pod.labels.get(HASH_LABEL, '')}"
        if pod.owner and pod.owner.kind == "ReplicaSet" and len(tag) > 1 and pod.owner.name.endswith(tag):
            revisions.setdefault(pod.owner.name.removesuffix(tag), []).append(pod)
    past: set[str] = set()
    for same in revisions.values():
        born = {pod.name: text(pod.object, "metadata", "creationTimestamp") for pod in same}
        newest = [pod for pod in same if born[pod.name] == max(born.values())]
        kept = {pod.owner for pod in newest}
        if len({pod.owner for pod in same}) > 1 and 0 < sum(pod.ready for pod in same) < len(same):
            past |= _replaced(same, workload())
        others = [] if any(pod.ready for pod in newest) else [pod for pod in same if pod.owner not in kept]
        if any(tells(pod, now) for pod in newest):
            past |= {pod.name for pod in others}
        elif any(_just_made(pod, now) or _being_made(pod, now) for pod in newest):
            past |= {pod.name for pod in others if _made_of(pod) != _made_of(newest[0])}
    return past


def _replaced(pods: Sequence[Pod], deployment: Json) -> set[str]:
    """Those that are not ready, where pods of the newest revision are: the Deployment lets them go first."""
    newest = named_set(deployment) if counts(deployment) and text(deployment, "kind") == "Deployment" else ""
    if not any(pod.ready and pod.owner and pod.owner.name == newest for pod in pods):
        return set()
    return {pod.name for pod in pods if not pod.ready and pod.owner and pod.owner.name != newest}


def _being_made(pod: Pod, now: datetime) -> bool:
    """Whether none of its containers has begun, and nothing is said to be wrong."""
    calm = all(not one.ran and one.waiting in ("", *_COMING) for one in pod.containers)
    return calm and pod.created is not None and now - pod.created < BEING_MADE


def _just_made(pod: Pod, now: datetime) -> bool:
    return pod.created is not None and now - pod.created < COMING_UP


def _made_of(pod: Pod) -> Json:
    """The containers and volumes that its template asked for, without what every pod is given anew."""
    containers = [
        {**one.spec, "volumeMounts": [each for each in dicts(one.spec, "volumeMounts") if not _given(each)]}
        for one in pod.containers
    ]
    return {"containers": containers, "volumes": [each for each in dicts(pod.spec, "volumes") if not _given(each)]}


def _given(mount: Json) -> bool:
    return text(mount, "name").startswith("kube-api-access-")


def tells(pod: Pod, now: datetime) -> bool:
    """Whether a pod that is not ready shows why, and is not merely starting."""
    if pod.condition("PodScheduled").get("status") == "False":
        return True
    return any(
        one.last_end or one.waiting not in ("", *_COMING) or (one.running_since and now - one.running_since > COMING_UP)
        for one in pod.containers
    )
