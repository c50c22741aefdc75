"""Pods that were deleted and take the time that they are granted to end (class 77).

Their names, and often their place, are taken until then.
Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from explainers import kinds
from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.rules.leaving import OVERDUE
from explainers.diagnosis.views.pods import Pod, dicts, dig, number, table, text
from explainers.diagnosis.views.progressing import ready_of
from explainers.diagnosis.when import moment, span
from explainers.document import Evidence
from explainers.operations.pods import Delete
from explainers.operations.reads import Get
from explainers.plan import Plan, Step

LONG = timedelta(seconds=60)
"""So long a pod may take to end without a word: twice what it is granted by default."""


def still_ends(case: Case) -> Iterator[Finding]:
    """77: the pod that was asked about is going, which is no fault within the time that it is granted, or one that is
    awaited for long."""
    for pod in sorted(case.all_pods, key=lambda one: one.name):
        last = moment(dig(pod.object, "metadata", "deletionTimestamp"))
        if last is None or case.now - last > OVERDUE:
            continue  # rules/leaving.py
        asked = last - timedelta(seconds=number(pod.object, "metadata", "deletionGracePeriodSeconds"))
        short, itself = case.now - asked < LONG, case.target.kind == kinds.POD.name
        if itself or (not short and last > case.now and _awaited(case)):
            yield replace(_finding(case, pod, asked, last, short), benign=itself)
            return


def _awaited(case: Case) -> bool:
    """Whether no other pod is made before it is gone: one of the same name, or any while the strategy is Recreate."""
    if text(case.workload, "kind") == "StatefulSet":
        counted = number(case.workload, "status", "readyReplicas")
        return ready_of(case, counted) < number(case.workload, "spec", "replicas")
    recreated = text(case.workload, "spec", "strategy", "type") == "Recreate"
    return recreated and not case.pods and number(case.workload, "spec", "replicas") > 0


def _finding(case: Case, pod: Pod, asked: datetime, last: datetime, short: bool) -> Finding:
    grace = span(last - asked)
    hooks = [one.name for one in pod.main_containers if one.running_since and table(one.spec, "lifecycle", "preStop")]
    left = [one.name for one in pod.main_containers if one.running_since]
    said = (
        f"pod `{pod.name}` was deleted {span(case.now - asked)} ago and has up to {grace} to end, "
        f"till {last:%H:%M} UTC at the latest"
    )
    if last <= case.now:
        said = f"pod `{pod.name}` was deleted {span(case.now - asked)} ago and had {grace} to end: it is about to go"
    elif hooks:
        said += f"; container `{hooks[0]}` has a preStop hook, and is told to end only when that is done"
    elif left:
        said += f"; container `{left[0]}` was told to end and still runs"
    granted = int((last - asked).total_seconds())
    fields = f"metadata.deletionTimestamp {last:%H:%M} UTC, deletionGracePeriodSeconds {granted}"
    seen = (Evidence(f"pod {pod.name}", fields, f"asked for {span(case.now - asked)} ago"),)
    look = Step(Get(kinds.POD, pod.namespace, pod.name), "its preStop hook and its grace period stand here")
    plan = Plan((look,), () if short or last <= case.now else _forced(pod))
    return Finding(77, pod.ref, Layer.POD, said, seen, plan, since=asked)


def _forced(pod: Pod) -> tuple[Step, ...]:
    """What frees the name: the kubelet ends nothing sooner for a shorter grace period. Not where a second pod would
    write beside the one that goes on."""
    alone = pod.owner is None or pod.owner.kind != "StatefulSet"
    if not alone or any(table(one, "persistentVolumeClaim") for one in dicts(pod.spec, "volumes")):
        return ()
    why = (
        "if its name or place is needed now: this takes it out of the API at once, while its containers go on at their "
        "node until they end by themselves"
    )
    end = Delete(kinds.POD, pod.namespace, pod.name, grace_seconds=0)
    return (Step(end, why, "the pod is no longer listed"),)


RULES: tuple[Rule, ...] = (still_ends,)
