"""Pods of a StatefulSet that do not have the names by which they are called (class 38), though its `serviceName` is
right: they were made under another one, or are numbered from another ordinal; called by rules/full_names.py.

Sources: https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-hostname-and-subdomain-fields
https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#start-ordinal
"""

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans.addresses import correct
from explainers.diagnosis.plans.governed import renewed
from explainers.diagnosis.rules.addresses import pointing, writer, written
from explainers.diagnosis.views.calls import Call
from explainers.diagnosis.views.pods import Json, controller_of, number, text
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.operations.patches import Patch
from explainers.plan import Plan, Step


def otherwise_named(case: Case, call: Call, owner: Json, pod: str) -> Finding | None:
    """Why `pod`, a name of a StatefulSet's pod, is not found under the Service that governs it."""
    own = owner is case.workload
    return _made_before(case, call, owner, pod, own) or (_numbered(case, call, owner, pod) if own else None)


def _made_before(case: Case, call: Call, owner: Json, pod: str, own: bool) -> Finding | None:
    """A pod keeps the name that it got when it was made, whatever its StatefulSet says by now."""
    ref = Ref(kinds.STATEFUL_SET.name, call.namespace, text(owner, "metadata", "name"))
    made = case.get(kinds.POD, pod, call.namespace).object
    was = text(made, "spec", "subdomain")
    if not made or was == call.name or controller_of(made) != ref:
        return None
    under = f"under the `serviceName` `{was}`" if was else "without a `serviceName`"
    clause = (
        f"{pointing(call)} `{call.address.host}`, and pod `{pod}` was made {under}, not `{call.name}` as its "
        "StatefulSet says now: a pod keeps the name that it gets when it is made"
    )
    rows = (
        *written(case, call),
        Evidence(f"pod {pod}", f"spec.subdomain {was or 'is not set'}"),
        Evidence(str(ref), f"spec.serviceName {call.name}"),
    )
    plan, reached = Plan(renewed(case, owner)), None if own else ref
    return Finding(38, writer(case, call), Layer.NEEDS, clause, rows, plan, leads_to=reached)


def _numbered(case: Case, call: Call, owner: Json, pod: str) -> Finding | None:
    """Its pods begin with a higher number than they are told of each other."""
    start, count = number(owner, "spec", "ordinals", "start"), number(owner, "spec", "replicas")
    name, _, ordinal = pod.rpartition("-")
    if not count or int(ordinal) >= start:
        return None
    ref = Ref(kinds.STATEFUL_SET.name, call.namespace, name)
    last = f" to `{name}-{start + count - 1}`" if count > 1 else ""
    clause = (
        f"{pointing(call)} `{call.address.host}`, and its StatefulSet numbers its pods from {start} "
        f"(`spec.ordinals.start`): they are `{name}-{start}`{last}"
    )
    told = Evidence(str(ref), f"spec.ordinals.start {start}, spec.replicas {count}")
    forth, back = ({"spec": {"ordinals": {"start": each}}} for each in (int(ordinal), start))
    change = Patch(ref.type, ref.namespace, ref.name, forth, "merge", back)
    why = f"number them from {ordinal}; pods with higher numbers than are then needed go, and their claims stay"
    renumber = Step(change, why, f"`{pod}` is made, and its name resolves")
    first = call.address.host.replace(pod, f"{name}-{int(ordinal) + start}", 1)
    other = correct(case, call.address, first).steps if call.address.container else ()
    plan = Plan((renumber,), tuple(step for step in other if step.changes))
    sure = Confidence.LIKELY
    return Finding(38, writer(case, call), Layer.NEEDS, clause, (*written(case, call), told), plan, sure)
