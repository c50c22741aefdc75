"""Pods that had to make room for others of higher priority, and find none again (class 90).

The scheduler names both in an event about the pod that it removed.
Source: https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/
"""

from collections.abc import Iterator

from explainers import kinds
from explainers.diagnosis.case import Case, event_time
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.views.pods import Json, Pod, number, text
from explainers.diagnosis.views.unplaced import verdict_of
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.operations.reads import List
from explainers.plan import Plan, Step


def displaced(case: Case, pod: Pod) -> Iterator[Finding]:
    """90: `pod`, which finds no node, replaces one that was preempted."""
    told = case.find(kinds.EVENT, fields="reason=Preempted,involvedObject.kind=Pod").items
    mine = sorted((event for event in told if _replaced_by(pod, event)), key=event_time)
    if not mine:
        return
    event, priority = mine[-1], number(pod.spec, "priority")
    gone, since = text(event, "involvedObject", "name"), moment(event_time(event))
    clause = (
        f"its pod `{gone}` (priority {priority}) had to make room for {_by(case, event)} of a higher priority, and no "
        "node has room for it again"
    )
    seen = (
        Evidence("event Preempted", f"pod {gone}: {' '.join(text(event, 'message').split())}", ago(case.now, since)),
        Evidence(f"pod {pod.name}", verdict_of(pod)),
    )
    look = Step(
        List(kinds.PRIORITY_CLASS, ""),
        "see which priorities there are; name one as high in `priorityClassName` if this workload matters as much, "
        "or give the cluster more room",
    )
    yield Finding(90, case.workload_ref or pod.ref, Layer.NEEDS, clause, seen, Plan((look,)), since=since)


def _replaced_by(pod: Pod, event: Json) -> bool:
    gone = text(event, "involvedObject", "name")
    return gone == pod.name or (pod.owner is not None and gone.startswith(f"{pod.owner.name}-"))


def _by(case: Case, event: Json) -> str:
    """The pod that took the room, where the event names it: newer schedulers do."""
    name, namespace = text(event, "related", "name"), text(event, "related", "namespace")
    if not name:
        return "a pod"
    return f"the pod `{name}`" + ("" if namespace == case.namespace else f" in `{namespace}`")
