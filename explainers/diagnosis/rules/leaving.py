"""Pods that should be gone and are not (class 77)."""

from collections.abc import Iterable
from datetime import timedelta

from explainers import kinds
from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.views.pods import Pod, dig, words
from explainers.diagnosis.when import moment, span
from explainers.document import Evidence
from explainers.operations.patches import Patch
from explainers.operations.reads import Get
from explainers.plan import Plan, Step

OVERDUE = timedelta(seconds=20)
"""`deletionTimestamp` is the moment when the pod should be gone, its grace period over; so much later it is stuck."""


def stuck(case: Case) -> Iterable[Finding]:
    """77: a deleted pod stays, because a finalizer holds it or its node does not answer.

    Where the other pods serve, that is told and is no fault.
    """
    for pod in sorted(case.all_pods, key=lambda one: one.name):
        gone = moment(dig(pod.object, "metadata", "deletionTimestamp"))
        if gone and case.now - gone > OVERDUE:
            yield _stuck(case, pod, span(case.now - gone))
            return


def _stuck(case: Case, pod: Pod, late: str) -> Finding:
    finalizers = words(pod.object, "metadata", "finalizers")
    held = ", ".join(f"`{one}`" for one in finalizers)
    why = f"the finalizer {held} is still on it" if held else f"its node `{pod.node}` has not confirmed its end"
    said = f"pod `{pod.name}` should have been gone for {late} and is still terminating: {why}"
    kind, namespace, name = (kinds.POD, pod.namespace, pod.name) if held else (kinds.NODE, "", pod.node)
    look = Step(Get(kind, namespace, name), "who holds it: the controller of the finalizer, or the node")
    plan = Plan((look,))
    if held:
        patch = Patch(kind, namespace, name, {"metadata": {"finalizers": None}}, "merge")
        why = "take the finalizer off by hand; what its controller would have cleaned up stays behind"
        plan = Plan((look,), (Step(patch, why, "the pod goes"),))
    serves = case.target.kind != "Pod" and bool(case.pods) and not case.unready_pods
    evidence = (Evidence(f"pod {pod.name}", f"metadata.deletionTimestamp {late} ago; finalizers: {held or 'none'}"),)
    since = moment(dig(pod.object, "metadata", "deletionTimestamp"))
    return Finding(77, pod.ref, Layer.POD, said, evidence, plan, since=since, benign=serves)


RULES: tuple[Rule, ...] = (stuck,)
