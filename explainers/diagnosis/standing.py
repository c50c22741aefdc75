"""How a rollout stands: through, on its way, stuck, or held back on purpose.

Stricter than `kubectl rollout status`: the pods of the newest revision must be ready, no other pod may still run, and
where a service selects them, its ready endpoints are exactly the new pods. Pods that are on their way out do not count.
Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from explainers.diagnosis.case import Case
from explainers.diagnosis.views.pods import Json, Pod, dicts, number, table, text
from explainers.diagnosis.views.revisions import history
from explainers.diagnosis.views.serving import selects
from explainers.diagnosis.views.uniform import CONTROLLER_HASH
from explainers.operations.rollouts import HASH_LABEL, rolled_out
from explainers.selectors import subset

STUCK = frozenset(
    {
        "CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull",
        "CreateContainerConfigError", "CreateContainerError", "RunContainerError",
    }
)  # fmt: skip
"""Reasons for which a container waits and which time alone seldom heals."""

PROVING = timedelta(seconds=5)
"""How long a program that nothing probes must run before it is said to serve: most that cannot start end sooner."""


@dataclass(frozen=True)
class Standing:
    """`done` when all that can happen by itself has happened and all pods serve; `stuck` says why waiting will not
    help, empty while there is hope; `held` says why pods of an earlier revision stay although nothing is wrong.

    `ready` of `wanted` pods are ready, of the newest revision unless it is held; `old` pods of earlier revisions are
    still there; `said` is one line of it. `young` when a program that nothing probes has only just started: its pod is
    ready as soon as it runs, also when it ends a moment later.
    """

    done: bool
    ready: int
    wanted: int
    old: int
    said: str
    stuck: str = ""
    held: str = ""
    young: bool = False


def standing(case: Case) -> Standing:
    """How the rollout of the target's workload stands; raises Missing while things are to be read."""
    workload = case.workload
    if not workload:
        return _unseen(case)
    _ask_ahead(case)
    new, old = _pods(case)
    wanted, held = wanted_pods(workload), held_back(workload, len(old))
    counted = new + old if held else new
    ready = sum(pod.ready for pod in counted)
    leaving = 0 if held or workload.get("kind") == "DaemonSet" else max(0, len(new) - wanted)
    said = _said(ready, wanted, len(old), leaving, _unscheduled(new))
    by_hand = on_delete(workload) or (held and paused(workload))
    settled = _observed(workload) if by_hand else rolled_out(workload)
    if not settled or ready < wanted or leaving or (old and not held):
        return Standing(False, ready, wanted, len(old), said, _stuck(workload, counted), held)
    waiting = "" if held or not wanted else _not_serving(case, new)
    said, young = f"{said}; {waiting}" if waiting else said, any(_young(case, pod) for pod in new)
    return Standing(not waiting, ready, wanted, len(old), said, held=held, young=young)


def _young(case: Case, pod: Pod) -> bool:
    """Whether a container without a readiness probe started only just now."""
    times = [one.running_since for one in pod.main_containers if not table(one.spec, "readinessProbe")]
    return any(time and case.now - time < PROVING for time in times)


def wanted_pods(workload: Json) -> int:
    """How many pods the workload should have."""
    if workload.get("kind") == "DaemonSet":
        return number(workload, "status", "desiredNumberScheduled")
    replicas = table(workload, "spec").get("replicas")
    return replicas if isinstance(replicas, int) else 1


def on_delete(workload: Json) -> bool:
    """Whether a pod takes a new template only once it is deleted.

    Source: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#update-strategies
    """
    return text(workload, "spec", "updateStrategy", "type") == "OnDelete"


def paused(workload: Json) -> bool:
    """Whether a Deployment is paused: it then rolls no change of its template out."""
    return table(workload, "spec").get("paused") is True


def old_pods(case: Case) -> list[Pod]:
    """The pods of earlier revisions that are there and not on their way out."""
    return _pods(case)[1]


def _unseen(case: Case) -> Standing:
    answer = case.get(case.target.type, case.target.name)
    why = "it is not there any more" if answer.absent else answer.problem or "it cannot be read"
    return Standing(False, 0, 0, 0, why, why)


def _ask_ahead(case: Case) -> None:
    """Everything that is needed, in as few waves as possible."""
    for service in _services(case):
        case.facts.want(case.slices_of(service), case.pods_of(service))
    history(case)


def _services(case: Case) -> list[Json]:
    """The services that send their traffic to the workload's pods."""
    return [one for one in case.services if selects(one, case.template_labels)]


def _pods(case: Case) -> tuple[list[Pod], list[Pod]]:
    """The workload's own pods that stay, those of the newest revision apart from the others."""
    newest, owners = _newest(case), _owners(case)
    mine = [
        pod for pod in case.all_pods
        if not pod.terminating and not pod.finished and (not owners or (pod.owner and pod.owner.name in owners))
    ]  # fmt: skip
    new = [pod for pod in mine if subset(newest, pod.labels)]
    return new, [pod for pod in mine if pod not in new]


def _owners(case: Case) -> set[str]:
    """The names of what makes the workload's pods; empty when it cannot be read."""
    if case.workload.get("kind") == "Deployment":
        return {text(one, "metadata", "name") for one in case.replica_sets}
    return {text(case.workload, "metadata", "name")}


def _newest(case: Case) -> Json:
    """The label that only pods of the newest revision carry; empty (all pods) while there is none."""
    if case.workload.get("kind") == "StatefulSet":
        label, value = CONTROLLER_HASH, text(case.workload, "status", "updateRevision")
    else:
        label = HASH_LABEL if case.workload.get("kind") == "Deployment" else CONTROLLER_HASH
        value = next((text(one.holder, "metadata", "labels", label) for one in history(case)), "")
    return {label: value} if value else {}


def _observed(workload: Json) -> bool:
    return number(workload, "status", "observedGeneration") >= number(workload, "metadata", "generation")


def partition_of(workload: Json) -> int:
    return number(workload, "spec", "updateStrategy", "rollingUpdate", "partition")


def held_back(workload: Json, old: int) -> str:
    """Why `old` pods of the earlier revision stay although nothing is wrong; empty when nothing holds them back."""
    if paused(workload) and not rolled_out(workload):
        return "the Deployment is paused: it rolls nothing out until it is resumed"
    if old and on_delete(workload):
        are, they = ("pod still runs", "it is") if old == 1 else ("pods still run", "they are")
        return f"its update strategy is `OnDelete`: {old} {are} the earlier revision until {they} deleted by hand"
    if old and (partition := partition_of(workload)) and rolled_out(workload):
        return f"its partition is {partition}: pods numbered below it keep the earlier revision"
    return ""


def _said(ready: int, wanted: int, old: int, leaving: int, unscheduled: str) -> str:
    parts = [f"{ready} of {wanted} {'new ' if old else ''}pod{'s' if wanted != 1 else ''} ready"]
    parts += [f"{old} old still there"] if old else []
    parts += [f"{leaving} to end"] if leaving else []
    return ", ".join([*parts, *([unscheduled] if unscheduled else [])])


def _unscheduled(new: Sequence[Pod]) -> str:
    names = [pod.name for pod in new if text(pod.condition("PodScheduled"), "reason") == "Unschedulable"]
    return f"`{names[0]}` fits on no node yet" if names else ""


def _stuck(workload: Json, pods: Sequence[Pod]) -> str:
    for condition in dicts(workload, "status", "conditions"):
        kind, status, reason = (text(condition, field) for field in ("type", "status", "reason"))
        if (kind, status) == ("ReplicaFailure", "True") or reason == "ProgressDeadlineExceeded":
            return text(condition, "message") or reason
    for pod in pods:
        for container in pod.containers:
            if container.waiting in STUCK:
                return f"container `{container.name}` of the pod `{pod.name}` waits: {container.waiting}"
    return ""


def _not_serving(case: Case, new: Sequence[Pod]) -> str:
    """What is missing until the services send their traffic to the new pods only; empty when nothing is."""
    for service in _services(case):
        ready = _ready(case.slices(service))
        if ready is None:
            continue
        (answer,) = case.ask(case.pods_of(service))
        own = {pod.name for pod in case.all_pods}
        others = {_identity(pod) for pod in map(Pod, answer.items) if pod.name not in own}
        wanted = {_identity(pod) for pod in new}
        name = text(service, "metadata", "name")
        if wanted - ready:
            return f"not all new pods are endpoints of `{name}` yet"
        if ready - wanted - others:
            return f"`{name}` still has endpoints of old pods"
    return ""


def _identity(pod: Pod) -> str:
    """A pod of a StatefulSet comes back under the same name, so its uid tells which one it is."""
    return text(pod.object, "metadata", "uid") or pod.name


def _ready(slices: Sequence[Json]) -> set[str] | None:
    """The pods that a service sends its traffic to; None when there are no slices to see."""
    if not slices:
        return None
    endpoints = [one for piece in slices for one in dicts(piece, "endpoints")]
    return {
        text(one, "targetRef", "uid") or text(one, "targetRef", "name")
        for one in endpoints
        if table(one, "conditions").get("ready") is not False
        and table(one, "conditions").get("terminating") is not True
    } - {""}
