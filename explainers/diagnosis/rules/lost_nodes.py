"""Pods on a node that no longer reports (class 121): what their containers do there, nobody knows.

The cluster then marks the pods not ready, and leaves the states of their containers as they were: that contradiction is
what makes the node worth a look.
Source: https://kubernetes.io/docs/concepts/architecture/nodes/#node-controller
"""

from collections.abc import Iterator

from explainers import kinds
from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.rules.machines import look_at
from explainers.diagnosis.views.endings import never_began
from explainers.diagnosis.views.outdated import COMING_UP
from explainers.diagnosis.views.pods import Json, Pod, condition, dicts, dig, text
from explainers.diagnosis.when import ago, moment, span
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.operations.reads import Get

MOST = 3
"""Nodes that are looked at, at most."""


def on_a_lost_node(case: Case) -> Iterator[Finding]:
    """121: pods that are not ready, or do not go, because their node does not report or is not ready."""
    doubtful: dict[str, list[Pod]] = {}
    for pod in sorted(case.all_pods, key=lambda one: one.name):
        if pod.whole and pod.node and _doubtful(case, pod):
            doubtful.setdefault(pod.node, []).append(pod)
    names = list(doubtful)[:MOST]
    for name, answer in zip(names, case.ask(*(Get(kinds.NODE, "", name) for name in names)), strict=True):
        ready = condition(answer.object, "Ready")
        if ready and ready.get("status") != "True":
            yield _finding(case, name, ready, doubtful[name])


def _doubtful(case: Case, pod: Pod) -> bool:
    """Whether what the pod's own status says does not go together, or nobody has said anything about it."""
    if pod.terminating:
        due = moment(dig(pod.object, "metadata", "deletionTimestamp"))
        return bool(due and case.now - due > COMING_UP and not dig(pod.object, "metadata", "finalizers"))
    if pod.ready or pod.finished:
        return False
    if never_began(pod):
        unheard = not dicts(pod.object, "status", "containerStatuses")
        return bool(unheard and pod.created and case.now - pod.created > COMING_UP)
    gates = text(pod.condition("Ready"), "reason") == "ReadinessGatesNotReady"
    return not gates and all(one.ready for one in pod.main_containers)


def _finding(case: Case, name: str, ready: Json, pods: list[Pod]) -> Finding:
    since = moment(ready.get("lastTransitionTime"))
    late = f" since {span(case.now - since)}" if since else ""
    lost = ready.get("status") == "Unknown"
    how = f"no longer reports{late}" if lost else f"is not ready{late}: {text(ready, 'message').rstrip('.')}"
    others = f" and {len(pods) - 1} more" if len(pods) > 1 else ""
    ending = all(pod.terminating for pod in pods)
    so = "cannot be confirmed to have ended" if ending else "count as not ready, whatever their containers do"
    clause = f"the node `{name}` {how}; its pods there (`{pods[0].name}`{others}) {so}"
    seen = (
        Evidence(
            f"node {name} condition Ready", f"{ready.get('status')}: {text(ready, 'message')}", ago(case.now, since)
        ),
        Evidence(
            f"pod {pods[0].name}",
            f"on {name}; the states of its containers are the last that it told",
            ago(case.now, pods[0].ready_since),
        ),
    )
    benign = ending and bool(case.pods) and not case.unready_pods
    node = Ref(kinds.NODE.name, "", name)
    return Finding(121, node, Layer.CLUSTER, clause, seen, look_at(name), since=since, benign=benign)


RULES: tuple[Rule, ...] = (on_a_lost_node,)
