"""Pods that are gone, as the events that outlive them tell: who made them has made others instead.

A StatefulSet and a DaemonSet delete each pod of theirs that failed, and somebody may sweep up what a Deployment leaves
behind. Events are kept for an hour.
Source: https://kubernetes.io/docs/reference/labels-annotations-taints/ and k8s.io/kubernetes/pkg/controller/daemon
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from explainers import kinds
from explainers.diagnosis.case import Case, event_time
from explainers.diagnosis.standing import wanted_pods
from explainers.diagnosis.views.pods import Json, Pod, table, text
from explainers.diagnosis.views.revisions import recent_change
from explainers.diagnosis.when import moment
from explainers.kinds import Ref
from explainers.operations.reads import List
from explainers.patterns import pattern

EVICTED = "Evicted"
TURNED_DOWN = frozenset(
    {
        "NodePorts", "NodeAffinity", "NodeName", "NodeSelector", "SysctlForbidden", "AppArmor",
        "UnexpectedAdmissionError", "TopologyAffinityError", "PodOSSelectorNodeLabelDoesNotMatch", "PodOSNotSupported",
        "InvalidNodeInfo", "SupplementalGroupsPolicyNotSupported", "ResourceAllocationFailed",
    }
)  # fmt: skip
"""Why a kubelet turns a pod down, beside `OutOf` each resource.

Source: k8s.io/kubernetes/pkg/kubelet/lifecycle/predicate.go and handlers.go
"""
_YOUNG = timedelta(minutes=3)
_LATER = timedelta(seconds=10)
"""So long after its workload a pod is made instead of another, or with a rollout."""
_FAILED = pattern(r"failed daemon pod [^/\s]+/(\S+)")
_MOST = 2
_LISTED = 50


@dataclass(frozen=True)
class Former:
    """A pod that was evicted or turned down: its reason, the kubelet's words, when, and on which node."""

    name: str
    uid: str
    reason: str
    said: str
    when: datetime
    node: str

    @property
    def rejected(self) -> bool:
        return self.reason in TURNED_DOWN or self.reason.startswith("OutOf")


def former_pods(case: Case) -> list[Former]:
    """Those of the target's workload, of today's template, the oldest first; one that is about to go counts. None where
    no pod of now may have been made instead of one."""
    return case.once(_former_pods)


def _former_pods(case: Case) -> list[Former]:
    found = [one for event in _events(case) if (one := _read(event))]
    change = recent_change(case) if found else None
    later = [one for one in found if not (change and change.made and one.when < change.made)]
    return sorted({one.uid: one for one in later}.values(), key=lambda one: (one.when, one.uid))


def _events(case: Case) -> Iterator[Json]:
    owner, kind = case.workload, text(case.workload, "kind")
    if not case.sparing or len(case.trail) > 1:
        return
    again = [pod for pod in case.pods if pod.whole and _made_again(case, owner, pod)]
    if kind == "StatefulSet":
        names = [pod.name for pod in again][:_MOST] or _missing(case, owner)
        yield from _of(case, names)
    elif kind == "DaemonSet" and (again or len(case.pods) < wanted_pods(owner)):
        own = case.events(Ref(kind, case.namespace, text(owner, "metadata", "name")))
        failed = dict.fromkeys(match[1] for event in own for match in _FAILED.finditer(text(event, "message")))
        yield from _of(case, [*[pod.name for pod in again][:1], *list(failed)[:_MOST]])
    elif kind == "Deployment" and (waiting := [pod for pod in again if _waits(pod)]):
        begins = tuple({f"{pod.owner.name}-" for pod in waiting if pod.owner})
        listed = [] if case.given_up else case.ask(_evictions(case))[0].items
        yield from (event for event in listed if text(event, "involvedObject", "name").startswith(begins))


def _evictions(case: Case) -> List:
    return List(kinds.EVENT, case.namespace, fields=f"involvedObject.kind=Pod,reason={EVICTED}", limit=_LISTED)


def _made_again(case: Case, owner: Json, pod: Pod) -> bool:
    """Whether a pod may have been made instead of another that lately went."""
    made, born = moment(text(owner, "metadata", "creationTimestamp")), pod.created
    return (
        made is not None and born is not None and born - made > _LATER
        and (not pod.ready or case.now - born < _YOUNG)
    )  # fmt: skip


def _waits(pod: Pod) -> bool:
    """Whether it is not ready, though nothing of it has ended yet."""
    return not pod.ready and not any(one.restarts or one.last_end for one in pod.containers)


def _missing(case: Case, owner: Json) -> list[str]:
    """The first pod that a StatefulSet should have and has not, for the moment."""
    names = {pod.name for pod in case.all_pods}
    first = table(owner, "spec", "ordinals").get("start")
    start = first if isinstance(first, int) else 0
    wanted = [f"{owner['metadata']['name']}-{start + at}" for at in range(min(wanted_pods(owner), len(names) + 1))]
    return [name for name in wanted if name not in names][:1]


def _of(case: Case, names: Sequence[str]) -> Iterator[Json]:
    case.facts.want(*(case.events_of(Ref("Pod", case.namespace, name)) for name in names))
    for name in names:
        yield from case.events(Ref("Pod", case.namespace, name))


def _read(event: Json) -> Former | None:
    reason, when = text(event, "reason"), moment(event_time(event))
    said = " ".join(text(event, "message").split()).rstrip(". ")
    one = Former(text(event, "involvedObject", "name"), text(event, "involvedObject", "uid"), reason, said,
                 when, text(event, "source", "host")) if when else None  # fmt: skip
    return one if one and (one.reason == EVICTED or one.rejected) else None
