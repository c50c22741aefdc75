"""Changes of the pod template behind a target, as operations; None where the API refuses such a change."""

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.views.pods import text
from explainers.diagnosis.views.undone import undone
from explainers.operations.base import Change, Json
from explainers.operations.objects import in_pod_spec
from explainers.operations.patches import Patch
from explainers.operations.pods import Delete
from explainers.plan import Step

CHANGEABLE = ("Deployment", "StatefulSet", "DaemonSet", "CronJob", "ReplicaSet")


def template_patch(case: Case, spec: Json) -> Change | None:
    """A strategic merge patch of the workload's pod spec. The templates of Jobs and bare pods cannot be changed."""
    ref = case.workload_ref
    if ref is None or ref.kind not in CHANGEABLE:
        return None
    body = in_pod_spec(ref.type, spec)
    return Patch(ref.type, ref.namespace, ref.name, body, back=undone(body, case.workload))


def steps_after(case: Case, change: Change | None, why: str, expect: str) -> tuple[Step, ...]:
    """The change of a template, and what must follow it.

    An ordered StatefulSet waits for its broken pod to become ready before it replaces it, so the pod must go by hand.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback
    """
    if change is None:
        return ()
    if not ordered(case) or not case.unready_pods:
        return (Step(change, why, expect),)
    pod = min(case.unready_pods, key=lambda one: one.name)
    again = Delete(kinds.POD, pod.namespace, pod.name)
    stuck = "a StatefulSet does not replace an unready pod by itself; deleted, it is made again from the new template"
    return Step(change, why), Step(again, stuck, expect)


def ordered(case: Case) -> bool:
    """Whether the workload is a StatefulSet that makes and replaces its pods one after another."""
    policy = text(case.workload, "spec", "podManagementPolicy") or "OrderedReady"
    return text(case.workload, "kind") == "StatefulSet" and policy == "OrderedReady"
