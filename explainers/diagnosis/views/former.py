"""Pods that are gone, as the events that outlive them tell: who made them has made others instead.

A StatefulSet and a DaemonSet delete each pod of theirs that failed, and somebody may sweep up what a Deployment leaves
behind. Events are kept for an hour.
Source: https://kubernetes.io/docs/reference/labels-annotations-taints/ and k8s.io/kubernetes/pkg/controller/daemon
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from explainers import kinds
from explainers.diagnosis.case import Case, event_time
from explainers.diagnosis.standing import wanted_pods
from explainers.diagnosis.views.given_up import AT_ONCE
from explainers.diagnosis.views.pods import Json, Pod, table, text
from explainers.diagnosis.views.revisions import recent_change
from explainers.diagnosis.when import moment
from explainers.operations.reads import List, continued
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
_NOT_TURNED_DOWN = (EVICTED, "FailedScheduling", "FailedMount", "Unhealthy", "BackOff", "Failed")
"""Warnings about pods that a node has taken, or none."""
_YOUNG = timedelta(minutes=3)
"""A pod that has been there for longer and serves shows that what went before it is over."""
_FAILED = pattern(r"failed daemon pod [^/\s]+/(\S+)")
_MOST = 2
_FEW, _MANY = 5, 50
"""Events that are read of one name, and of the whole namespace: the oldest, as the API server sorts them."""


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


@dataclass(frozen=True)
class Gone:
    """Pods that are gone, the oldest first. `more` says that there were others since, of which nothing was read; one of
    those of now was made at `since`."""

    pods: tuple[Former, ...] = ()
    more: bool = False
    since: datetime | None = None

    def only(self, fits: Callable[[Former], bool]) -> Gone:
        """Those that fit."""
        return replace(self, pods=tuple(one for one in self.pods if fits(one)))

    @property
    def last(self) -> datetime | None:
        """When the last one went, as far as that is known."""
        times = [one.when for one in self.pods] + ([self.since] if self.more and self.since else [])
        return max(times, default=None)

    @property
    def count(self) -> str:
        """`3 so far`"""
        return f"{'at least ' if self.more else ''}{len(self.pods)} so far"


def former_pods(case: Case) -> Gone:
    """The pods of the target's workload that went, of today's template; one that is about to go counts. None where no
    pod of now may have been made instead of one."""
    return case.once(_former_pods)


def _former_pods(case: Case) -> Gone:
    if not case.sparing or len(case.trail) > 1:
        return Gone()
    again = [pod for pod in case.pods if pod.whole and _made_again(case, case.workload, pod)]
    asked = list(_asked(case, again))
    answers = case.ask(*(one for one, _ in asked))
    told = [
        one
        for (_, begins), answer in zip(asked, answers, strict=True)
        for event in answer.items
        if text(event, "involvedObject", "name").startswith(begins) and (one := _read(event))
    ]
    change = recent_change(case) if told else None
    later = [one for one in told if not (change and change.made and one.when < change.made)]
    found = sorted({one.uid: one for one in later}.values(), key=lambda one: (one.when, one.uid))
    born = max((pod.created for pod in again if pod.created), default=None)
    return Gone(tuple(found), any(continued(answer) for answer in answers), born)


def _asked(case: Case, again: Sequence[Pod]) -> Iterator[tuple[List, tuple[str, ...]]]:
    """The events to read, each list with the beginnings of the names that count in it."""
    owner, kind = case.workload, text(case.workload, "kind")
    if kind == "StatefulSet":
        made = {pod.name: pod for pod in again[:_MOST]} or dict.fromkeys(_missing(case, owner))
        for name, pod in made.items():
            yield _events(case, f"involvedObject.name={name},reason={EVICTED}"), (name,)
            if pod is None or not any(one.ran for one in pod.containers):
                yield _turned_down(case, name, pod), (name,)
    elif kind == "DaemonSet" and (again or len(case.pods) < wanted_pods(owner) or any(map(_not_begun, case.pods))):
        name = text(owner, "metadata", "name")
        chosen = f"involvedObject.kind=DaemonSet,involvedObject.name={name},reason=FailedDaemonPod"
        (own,) = case.ask(List(kinds.EVENT, case.namespace, fields=chosen, limit=_FEW))
        failed = dict.fromkeys(match[1] for event in own.items for match in _FAILED.finditer(text(event, "message")))
        for pod in again[:1]:
            yield _events(case, f"involvedObject.name={pod.name},reason={EVICTED}"), (pod.name,)
        for one in list(failed)[:_MOST]:
            yield _events(case, f"involvedObject.name={one},type=Warning"), (one,)
    elif kind == "Deployment" and (waiting := [pod for pod in again if _waits(pod)]) and not case.given_up:
        begins = tuple({f"{pod.owner.name}-" for pod in waiting if pod.owner})
        yield _events(case, f"reason={EVICTED}", _MANY), begins


def _events(case: Case, chosen: str, limit: int = _FEW) -> List:
    return List(kinds.EVENT, case.namespace, fields=f"involvedObject.kind=Pod,{chosen}", limit=limit)


def _turned_down(case: Case, name: str, pod: Pod | None) -> List:
    """Warnings about others of this name than the pod that has it now."""
    others = f",involvedObject.uid!={text(pod.object, 'metadata', 'uid')}" if pod else ""
    but = "".join(f",reason!={reason}" for reason in _NOT_TURNED_DOWN)
    return _events(case, f"involvedObject.name={name},type=Warning{others}{but}")


def _made_again(case: Case, owner: Json, pod: Pod) -> bool:
    """Whether a pod may have been made instead of another that lately went."""
    made, born = moment(text(owner, "metadata", "creationTimestamp")), pod.created
    return (
        made is not None and born is not None and born - made >= AT_ONCE
        and (not pod.ready or case.now - born < _YOUNG)
    )  # fmt: skip


def _not_begun(pod: Pod) -> bool:
    return pod.whole and not pod.ready and not pod.begun


def _waits(pod: Pod) -> bool:
    """Whether it is not ready, though nothing of it has ended yet."""
    return not pod.ready and not any(one.restarts or one.last_end for one in pod.containers)


def _missing(case: Case, owner: Json) -> list[str]:
    """The first pod that a StatefulSet should have and has not, for the moment."""
    names = {pod.name for pod in case.all_pods}
    first = table(owner, "spec", "ordinals").get("start")
    start = first if isinstance(first, int) else 0
    base = text(owner, "metadata", "name")
    wanted = [f"{base}-{start + at}" for at in range(min(wanted_pods(owner), len(names) + 1))]
    return [name for name in wanted if name not in names][:1]


def _read(event: Json) -> Former | None:
    reason, when = text(event, "reason"), moment(event_time(event))
    said = " ".join(text(event, "message").split()).rstrip(". ")
    one = Former(text(event, "involvedObject", "name"), text(event, "involvedObject", "uid"), reason, said,
                 when, text(event, "source", "host")) if when else None  # fmt: skip
    return one if one and (one.reason == EVICTED or one.rejected) else None
