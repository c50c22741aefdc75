"""What changed: the pod template of the revision that runs now beside the one before it.

A fault that began with a change is told with the change. Deployments keep their revisions as ReplicaSets,
StatefulSets and DaemonSets as ControllerRevisions.
Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-back-a-deployment
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from explainers import kinds
from explainers.diagnosis.views.differences import differences, same_template
from explainers.diagnosis.views.kept import every_kept, kept
from explainers.diagnosis.views.pods import Json, Pod, condition, dicts, dig, number, table, text
from explainers.diagnosis.views.uniform import CONTROLLER_HASH
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.operations.reads import Get
from explainers.operations.rollouts import HASH_LABEL, revision_of

if TYPE_CHECKING:
    from explainers.diagnosis.case import Case

_TROUBLE = frozenset(
    {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "CreateContainerConfigError",
     "CreateContainerError", "RunContainerError", "CrashLoopBackOff"}
)  # fmt: skip
HISTORY = "deployment.kubernetes.io/revision-history"
"""Says of a ReplicaSet which numbers it had before: it has come back."""
RECENT = timedelta(days=1)
A_MOMENT = timedelta(seconds=2)


@dataclass(frozen=True)
class Revisions:
    """The newest revision and the one before: numbers, when the newest was made, both pod templates, and the
    ReplicaSets or ControllerRevisions that hold them."""

    current: int
    previous: int
    made: datetime | None
    template: Json
    before: Json
    holder: Json = field(repr=False)
    holder_before: Json = field(repr=False)

    @property
    def changes(self) -> tuple[str, ...]:
        """Each difference in words: `containers[web].image: nginx:1.25 → ngnix:1.25`."""
        return differences(self.before, self.template)

    def container_before(self, name: str) -> Json:
        """The same container in the previous revision, or an empty object."""
        spec = table(self.before, "spec")
        every = [*dicts(spec, "initContainers"), *dicts(spec, "containers")]
        return next((one for one in every if one.get("name") == name), {})


@dataclass(frozen=True)
class Held:
    """One revision that is kept: its number, its pod template, and the object that holds it."""

    number: int
    template: Json
    holder: Json = field(repr=False)


def history(case: Case) -> list[Held]:
    """The kept revisions of the target's workload, newest first; none for kinds without, or when unreadable."""
    return _held(case, case.replica_sets if text(case.workload, "kind") == "Deployment" else kept(case))


def earlier(case: Case) -> list[Held]:
    """Those of them that went before the newest, be they well or not; nothing is read where there can be none."""
    return [] if _first(case.workload) else history(case)[1:]


def _held(case: Case, holders: Sequence[Json]) -> list[Held]:
    if text(case.workload, "kind") == "Deployment":
        found = [Held(revision_of(one), table(one, "spec", "template"), one) for one in holders]
    elif text(case.workload, "kind") in ("StatefulSet", "DaemonSet"):
        found = [Held(number(one, "revision"), table(one, "data", "spec", "template"), one) for one in holders]
    else:
        return []
    return sorted((one for one in found if one.number), key=lambda one: -one.number)


def revisions(case: Case, fits: Callable[[Json], bool] = bool) -> Revisions | None:
    """The newest revision of the target's workload and the one to go back to; None when there is none, or they cannot
    be read. One whose own pods are there and do not run either is nothing to go back to, nor is one of the same
    template, nor one that somebody came back from (unless it serves); where one of the same template still serves, none
    is. `fits` is asked of each template: `made` is when the first was made that is the same as the newest, or does not
    fit either."""
    found = [] if _first(case.workload) else history(case)
    current, older = found[:1], found[1:]
    alike = [one for one in older if same_template(one.template, current[0].template)]
    if not older or any(map(_ready, alike)):
        return None
    (now,) = current
    every, fitting = older, [one for one in older if one not in alike and fits(one.template)]
    left = _left(case, now, every) if fitting and not any(map(_ready, fitting)) else []
    if not fitting or (fits is not bool and all(one in left for one in fitting)):  # further back, perhaps
        every = [one for one in _held(case, every_kept(case)) if one.number < now.number]
        alike = [one for one in every if same_template(one.template, now.template)]
        fitting = [one for one in every if one not in alike and fits(one.template)]
        left = _left(case, now, every) if fitting else []
    serving = [one for one in fitting if _ready(one)]
    previous = next((one for one in serving or fitting if one not in left and not _broken(case, one)), None)
    if previous is None:
        return None
    made = None if left else _made(case, now)
    since = [one for one in every if one.number > previous.number and (one in alike or not fits(one.template))]
    before = [time for one in since if (time := _made(case, one))]
    return Revisions(
        now.number, previous.number, min([made, *before]) if made else None, now.template, previous.template,
        now.holder, previous.holder,
    )  # fmt: skip


def _ready(held: Held) -> int:
    return number(held.holder, "status", "readyReplicas")


def still_serves(case: Case, found: Revisions) -> bool:
    """Whether the revision to go back to has pods that are ready."""
    held = Held(found.previous, found.before, found.holder_before)
    return _ready(held) > 0 or any(pod.ready for pod in case.pods if made_of(pod, held))


def _left(case: Case, now: Held, older: Sequence[Held]) -> list[Held]:
    """The revisions that somebody came back from: made after the one of now, which has taken a higher number since."""
    kept_all = {one.number for one in (now, *older)}
    if kept_all.issuperset(range(1, now.number)):
        return []  # each number is still held by what was made for it
    made = moment(text(_whole(case, now), "metadata", "creationTimestamp"))
    born = [(one, moment(text(one.holder, "metadata", "creationTimestamp"))) for one in older]
    return [one for one, time in born if made and time and time > made]


def _whole(case: Case, held: Held) -> Json:
    """What holds a revision, read where no more is known of it than its Deployment tells."""
    if text(held.holder, "metadata", "creationTimestamp") or text(case.workload, "kind") != "Deployment":
        return held.holder
    return case.ask(Get(kinds.REPLICA_SET, case.namespace, text(held.holder, "metadata", "name")))[0].object


def _made(case: Case, held: Held) -> datetime | None:
    """When a revision was made: told by what holds it, else by its first pod. What holds one that has come back is
    older than that."""
    if text(case.workload, "kind") != "Deployment":
        return moment(text(held.holder, "metadata", "creationTimestamp"))
    if not text(held.holder, "metadata", "creationTimestamp") and (first := _first_pod(case, held)):
        return first
    holder = _whole(case, held)
    if dig(holder, "metadata", "annotations", HISTORY):
        return _first_pod(case, held)
    return moment(text(holder, "metadata", "creationTimestamp"))


def _first_pod(case: Case, held: Held) -> datetime | None:
    """When the first pod of the newest revision was made: with the revision, if the rollout has got no further since.
    A later one may stand for one that was lost."""
    progress = condition(case.workload, "Progressing")
    until = moment(progress.get("lastUpdateTime"))
    born = [pod.created for pod in case.pods if pod.whole and pod.created and made_of(pod, held)]
    if not until or not born:
        return None
    if progress.get("reason") == "ProgressDeadlineExceeded":
        until -= timedelta(seconds=number(case.workload, "spec", "progressDeadlineSeconds") or 600)
    return min(born) if min(born) <= until + A_MOMENT else None


def _first(workload: Json) -> bool:
    """Whether the template has never been another one, so that no revisions have to be read to say so. Of a Deployment
    that is paused, or changed a moment ago, its number does not tell."""
    generation = number(workload, "metadata", "generation")
    if text(workload, "kind") != "Deployment":
        return generation == 1
    seen = number(workload, "status", "observedGeneration") >= generation
    return revision_of(workload) == 1 and seen and table(workload, "spec").get("paused") is not True


def template_of(case: Case, pod: Pod) -> Json:
    """The pod template that this very pod was made of; empty where no revision that is kept is the pod's."""
    if _first(case.workload) and pod.owner and pod.labels.keys() & {HASH_LABEL, CONTROLLER_HASH}:
        return case.template
    return next((held.template for held in history(case) if made_of(pod, held)), {})


def made_of(pod: Pod, held: Held) -> bool:
    """Whether a pod is of this revision."""
    labels = table(held.holder, "metadata", "labels")
    tags = {text(labels, HASH_LABEL), text(labels, CONTROLLER_HASH), text(held.holder, "metadata", "name")} - {""}
    return bool(tags & {text(pod.labels, HASH_LABEL), text(pod.labels, CONTROLLER_HASH)})


def _broken(case: Case, held: Held) -> bool:
    """Whether pods of this revision are still there, and none of them is ready."""
    mine = [pod for pod in case.pods if made_of(pod, held)]
    past = any(not pod.whole and not pod.like and not pod.ready for pod in mine)  # see Rollout.serving
    suffering = past or any(one.last_end or one.waiting in _TROUBLE for pod in mine for one in pod.containers)
    return suffering and not any(pod.ready for pod in mine)


def recent_change(case: Case) -> Revisions | None:
    """The last two revisions when the newest is a day old at most: then the fault may well have come with it. None
    where the one before did not work either."""
    found = revisions(case) if not _never_available(case.workload) else None
    recent = found is not None and found.made is not None and case.now - found.made < RECENT
    return found if found and recent and not _in_vain(found.holder_before) else None


def _never_available(deployment: Json) -> bool:
    """Whether a Deployment has been unavailable since it was made; no pod gets ready within a second."""
    available = condition(deployment, "Available")
    made, since = moment(text(deployment, "metadata", "creationTimestamp")), moment(available.get("lastTransitionTime"))
    if text(deployment, "kind") != "Deployment" or available.get("status") != "False" or made is None or since is None:
        return False
    return since - made <= timedelta(seconds=1)


def _in_vain(replica_set: Json) -> bool:
    """Whether it still has pods, which a rollout keeps until new ones take over, and none of them is ready."""
    return number(replica_set, "status", "replicas") > number(replica_set, "status", "readyReplicas") == 0


def told_change(case: Case, found: Revisions) -> Evidence:
    """The change as evidence: which revision, when, what differs."""
    more = f" and {len(found.changes) - 3} more" if len(found.changes) > 3 else ""
    changed = "; ".join(found.changes[:3]) or "other labels or annotations of its pods"
    beside = "" if found.previous == found.current - 1 else f", compared with revision {found.previous}"
    told = f"revision {found.current}{beside}: {changed}{more}"
    return Evidence(f"{case.workload_ref}", told, ago(case.now, found.made))
