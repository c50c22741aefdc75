"""What should be gone and is not: pods, and the very thing that was asked about (class 77)."""

from collections.abc import Iterable
from datetime import timedelta

from explainers import kinds
from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.plans.claims import keep_data
from explainers.diagnosis.views.claims import bound_volume
from explainers.diagnosis.views.pods import Pod, dicts, dig, number, text, words
from explainers.diagnosis.when import moment, span
from explainers.document import Evidence
from explainers.operations.patches import Patch
from explainers.operations.reads import Get
from explainers.plan import Plan, Step

OVERDUE = timedelta(seconds=20)
"""`deletionTimestamp` is the moment when the pod should be gone, its grace period over; so much later it is stuck."""

_IN_USE = "kubernetes.io/pvc-protection"
_HOLDERS = {
    _IN_USE: "a pod has just used it",
    "kubernetes.io/pv-protection": "a claim is still bound to it",
    "foregroundDeletion": "what it owns goes first, and something of that stays",
    "service.kubernetes.io/load-balancer-cleanup": "the cloud's controller has not removed its load balancer yet",
}
"""Finalizers of Kubernetes itself, which come off by themselves once that is no longer so."""


def stuck(case: Case) -> Iterable[Finding]:
    """77: a deleted pod stays, because a finalizer holds it or its node does not answer.

    Where the other pods serve, that is told and is no fault.
    """
    for pod in sorted([*case.all_pods, *case.given_up], key=lambda one: one.name):
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
    serves = case.target.kind != "Pod" and bool(case.pods) and not case.unready_pods and not _kept_out(case)
    evidence = (Evidence(f"pod {pod.name}", f"metadata.deletionTimestamp {late} ago; finalizers: {held or 'none'}"),)
    since = moment(dig(pod.object, "metadata", "deletionTimestamp"))
    return Finding(77, pod.ref, Layer.POD, said, evidence, plan, since=since, benign=serves)


def _kept_out(case: Case) -> bool:
    """Whether a pod is wanted in its place: a StatefulSet makes none of a name that is still taken."""
    ready, wanted = number(case.workload, "status", "readyReplicas"), number(case.workload, "spec", "replicas")
    return text(case.workload, "kind") == "StatefulSet" and ready < wanted


def going(case: Case) -> Iterable[Finding]:
    """77: the target itself was deleted and stays. Who holds it is named: for a claim the pods that mount it. What
    nothing is seen to hold gets a moment to go."""
    since = moment(dig(case.object, "metadata", "deletionTimestamp"))
    if case.target.kind == kinds.POD.name or since is None:
        return
    finalizers = words(case.object, "metadata", "finalizers")
    users = _users(case) if _IN_USE in finalizers else []
    late, ref = span(case.now - since), case.target
    if users:
        told = ", ".join(f"`{pod.name}`" for pod in users[:3])
        why = (
            f"pod {told} still mounts it, and with the last such pod it goes, and its data where the class says Delete"
        )
    else:
        why = "; ".join(_HOLDERS.get(one, f"nobody has taken the finalizer `{one}` off it") for one in finalizers)
    soon = case.now - since < OVERDUE and not users
    clause = f"it was deleted {late} ago and is still there: {why or 'what it owns has not gone yet'}"
    if soon:
        clause = f"it was deleted {late} ago and is about to go"
    seen = [Evidence(str(ref), f"metadata.deletionTimestamp {late} ago; finalizers: {', '.join(finalizers) or 'none'}")]
    seen += [Evidence(f"pod {pod.name}", f"mounts the claim {ref.name}, phase {pod.phase}") for pod in users[:2]]
    plan = Plan() if soon else _to_go(case, finalizers, users)
    yield Finding(77, ref, Layer.NEEDS, clause, tuple(seen), plan, since=since, benign=soon)


def _users(case: Case) -> list[Pod]:
    """The pods that mount the claim that was asked about and have not ended."""
    pods = sorted(map(Pod, case.find(kinds.POD).items), key=lambda one: one.name)
    return [pod for pod in pods if not pod.finished and case.target.name in _claims(pod)]


def _claims(pod: Pod) -> list[str]:
    return [text(one, "persistentVolumeClaim", "claimName") for one in dicts(pod.spec, "volumes")]


def _to_go(case: Case, finalizers: list[str], users: list[Pod]) -> Plan:
    ref = case.target
    if users:
        return keep_data(ref, bound_volume(case, case.object), users[0].ref)
    look = Step(Get(ref.type, ref.namespace, ref.name), "see what holds it: the finalizers, and its conditions")
    if not finalizers or all(one in _HOLDERS for one in finalizers):
        return Plan((look,))
    patch = Patch(ref.type, ref.namespace, ref.name, {"metadata": {"finalizers": None}}, "merge")
    why = "take the finalizers off by hand; what their controller would have cleaned up stays behind"
    return Plan((look,), (Step(patch, why, "it goes"),))


RULES: tuple[Rule, ...] = (stuck, going)
