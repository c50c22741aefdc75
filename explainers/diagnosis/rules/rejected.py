"""Pods that the kubelet turns down before it starts anything (classes 78, 80, 85, 86, 107), again and again.

The scheduler was passed by or knew less than the node: what the node may not or cannot do is said in the pod's status.
Source: k8s.io/kubernetes/pkg/kubelet/lifecycle (admission of pods by the kubelet)
"""

from collections.abc import Iterator

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.plans.admission import back_or_look
from explainers.diagnosis.views.endings import SETTLED, blame
from explainers.diagnosis.views.given_up import of_today
from explainers.diagnosis.views.pods import Pod, dicts, text
from explainers.diagnosis.when import ago
from explainers.document import Evidence

_NUMBERS = {"OutOfpods": 86, "NodePorts": 85, "NodeAffinity": 80, "NodeName": 80, "NodeSelector": 80}
_ROOM, _OTHER = 78, 107


def turned_down(case: Case) -> Iterator[Finding]:
    """The newest pod that a kubelet rejected, while none made since is ready."""
    every = of_today(case, [*case.all_pods, *case.given_up])
    read = (pod for pod in every if pod.whole and _rejected(pod))
    rejected = sorted(read, key=lambda one: (str(one.created), one.name))
    if not rejected:
        return
    pod = rejected[-1]
    alike = [one for one in every if one.like == pod.name]
    count, made = len(rejected) + len(alike), pod.created
    first = min((one.created for one in (*rejected, *alike) if one.created), default=made)
    if made is None or case.now - made > SETTLED:
        return
    if any(one.ready and one.created and one.created >= made for one in case.pods):
        return
    reason, said = text(pod.object, "status", "reason"), _words(pod)
    times = f", {count} so far" if count > 1 else ""
    clause = f"the node `{pod.node}` turns its pods down ({reason}{times}): {said}"
    number = _ROOM if reason.startswith("OutOf") else _OTHER
    ref = blame(case, pod)
    seen = (Evidence(f"pod {pod.name}", f"status.reason {reason}: {said}", ago(case.now, made)),)
    plan = back_or_look(case, ref)
    yield Finding(_NUMBERS.get(reason, number), ref, Layer.POD, clause, seen, plan, since=first)


def _rejected(pod: Pod) -> bool:
    """Whether it failed without any container; a pod that is evicted or ended with its node had some."""
    return (
        pod.phase == "Failed"
        and bool(pod.node and text(pod.object, "status", "reason"))
        and text(pod.object, "status", "reason") != "Evicted"
        and not dicts(pod.object, "status", "containerStatuses")
    )


def _words(pod: Pod) -> str:
    said = " ".join(text(pod.object, "status", "message").split())
    return said.removeprefix("Pod was rejected: ").rstrip(".")


RULES: tuple[Rule, ...] = (turned_down,)
