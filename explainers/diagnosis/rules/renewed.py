"""Pods of a StatefulSet that are made, first or anew, from the template that the others run too (class 125).

One that was deleted keeps its name until it has ended, and only then is made again; those that are wanted beside it
are made one after the other. Neither is a rollout.
"""

from collections.abc import Iterator

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.rules.leaving import OVERDUE
from explainers.diagnosis.standing import wanted_pods
from explainers.diagnosis.views.pods import Json, Pod, dig, number, table, text
from explainers.diagnosis.views.progressing import ready_of
from explainers.diagnosis.views.warming import coming_up
from explainers.diagnosis.when import moment
from explainers.document import Evidence
from explainers.operations.rollouts import RolloutStatus
from explainers.plan import Plan, Step


def one_revision(workload: Json) -> bool:
    """Whether a StatefulSet has no other template to roll out than the one that its pods have."""
    status = table(workload, "status")
    current, update = text(status, "currentRevision"), text(status, "updateRevision")
    return text(workload, "kind") == "StatefulSet" and bool(current) and current == update


def made_again(case: Case) -> Iterator[Finding]:
    """125: a pod ends within the time that it is given for that, or pods are still to be made, and nothing is wrong."""
    ref, status = case.workload_ref, table(case.workload, "status")
    wanted = wanted_pods(case.workload)
    if ref is None or not one_revision(case.workload):
        return
    ready, ending = ready_of(case, number(status, "readyReplicas")), [pod for pod in case.all_pods if pod.terminating]
    if number(status, "updatedReplicas") >= wanted and ready >= wanted:
        return
    if not all(_in_time(case, pod) for pod in ending) or not all(coming_up(case, pod) for pod in case.unready_pods):
        return
    if ending:
        clause = f"its pod `{ending[0].name}` was deleted and is made anew once it has ended"
    elif ready and not case.unready_pods:  # of those that start rules/young.py tells
        clause = "its other pods are about to be made"
    else:
        return
    clause += f"; {ready} of {wanted} pods {'is' if ready == 1 else 'are'} ready"
    seen = [Evidence(str(ref), f"currentRevision is updateRevision, {ready} of {wanted} pods ready")]
    seen += [Evidence(f"pod {pod.name}", f"is given until {_due(pod)} to end") for pod in ending[:2]]
    plan = Plan((Step(RolloutStatus(ref.type, ref.namespace, ref.name), "follow its pods until all are ready"),))
    yield Finding(125, ref, Layer.WORKLOAD, clause, tuple(seen), plan, benign=True)


def awaited(case: Case) -> int:
    """How many pods end, in time, in whose place others are made only once they are gone."""
    recreated = text(case.workload, "spec", "strategy", "type") == "Recreate"
    if not recreated and text(case.workload, "kind") not in ("StatefulSet", "DaemonSet"):
        return 0
    return sum(pod.terminating and _in_time(case, pod) for pod in case.all_pods)


def _due(pod: Pod) -> str:
    return text(pod.object, "metadata", "deletionTimestamp")


def _in_time(case: Case, pod: Pod) -> bool:
    """Whether a pod that was deleted may still take its time to end: `deletionTimestamp` is when that is over."""
    due = moment(dig(pod.object, "metadata", "deletionTimestamp"))
    return due is not None and case.now - due <= OVERDUE


RULES: tuple[Rule, ...] = (made_again,)
