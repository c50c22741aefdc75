"""Pods that the kubelet turns down before it starts anything (classes 78, 80, 85, 86, 107), again and again.

The scheduler was passed by or knew less than the node: what the node may not or cannot do is said in the pod's status.
Source: k8s.io/kubernetes/pkg/kubelet/lifecycle (admission of pods by the kubelet)
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.plans.admission import back_or_look
from explainers.diagnosis.standing import wanted_pods
from explainers.diagnosis.views.endings import SETTLED, blame
from explainers.diagnosis.views.former import former_pods
from explainers.diagnosis.views.given_up import last_given_up, of_today
from explainers.diagnosis.views.pods import Pod, dicts, text
from explainers.diagnosis.when import ago
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.operations.workloads import Scale
from explainers.plan import Plan, Step

_NUMBERS = {"OutOfpods": 86, "NodePorts": 85, "NodeAffinity": 80, "NodeName": 80, "NodeSelector": 80}
_ROOM, _OTHER = 78, 107
STORM = 20
"""So many pods are worth to be stopped first."""
A_MOMENT = timedelta(seconds=2)
"""Between the making of a pod and the event about it."""


def turned_down(case: Case) -> Iterator[Finding]:
    """The newest pod that a kubelet rejected, while none made since is ready."""
    every = of_today(case, [*case.all_pods, *case.given_up])
    read = (pod for pod in every if pod.whole and _rejected(pod))
    rejected = sorted(read, key=lambda one: (str(one.created), one.name))
    if not rejected:
        yield from _told_by_events(case)
        return
    pod = rejected[-1]
    alike = [one for one in every if one.like == pod.name]
    count, made = len(rejected) + len(alike), pod.created
    first = min((one.created for one in (*rejected, *alike) if one.created), default=made)
    if made is None:
        return
    last = last_given_up(case, made)
    if case.now - last > SETTLED or any(one.ready and one.created and one.created >= last for one in case.pods):
        return
    reason, said = text(pod.object, "status", "reason"), _words(text(pod.object, "status", "message"))
    seen = Evidence(f"pod {pod.name}", f"status.reason {reason}: {said}", ago(case.now, made))
    times, storm = f", {case.pile.at_least}{count} so far" if count > 1 else "", case.pile.more or count >= STORM
    yield _finding(case, blame(case, pod), pod.node, reason, said, times, storm, seen, first or made)


def _told_by_events(case: Case) -> Iterator[Finding]:
    """The same of pods that are gone, while none made since is ready."""
    gone = former_pods(case).only(lambda one: one.rejected)
    when = gone.last
    if when is None or not gone.pods or case.workload_ref is None or case.now - when > SETTLED:
        return
    if any(one.ready and one.created and one.created >= when - A_MOMENT for one in case.pods):
        return
    last, storm = gone.pods[-1], gone.more
    said = _words(last.said)
    seen = Evidence(f"event {last.reason} of pod {last.name}", said, ago(case.now, last.when))
    times = f", {gone.count}" if len(gone.pods) > 1 else ""
    yield _finding(case, case.workload_ref, last.node, last.reason, said, times, storm, seen, gone.pods[0].when)


def _finding(
    case: Case, ref: Ref, node: str, reason: str, said: str, times: str, storm: bool, seen: Evidence, since: datetime
) -> Finding:
    clause = f"the node `{node}` turns its pods down ({reason}{times}): {said}"
    number = _NUMBERS.get(reason, _ROOM if reason.startswith("OutOf") else _OTHER)
    plan = back_or_look(case, ref)
    if storm and ref.kind in ("Deployment", "StatefulSet"):
        none = Scale(ref.type, ref.namespace, ref.name, 0, wanted_pods(case.workload))
        plan = Plan(plan.steps, (Step(none, "until that is corrected, make no more pods that are turned down"),))
    return Finding(number, ref, Layer.POD, clause, (seen,), plan, since=since)


def _rejected(pod: Pod) -> bool:
    """Whether it failed without any container; a pod that is evicted or ended with its node had some."""
    return (
        pod.phase == "Failed"
        and bool(pod.node and text(pod.object, "status", "reason"))
        and text(pod.object, "status", "reason") != "Evicted"
        and not dicts(pod.object, "status", "containerStatuses")
    )


def _words(message: str) -> str:
    return " ".join(message.split()).removeprefix("Pod was rejected: ").rstrip(".")


RULES: tuple[Rule, ...] = (turned_down,)
