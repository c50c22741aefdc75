"""A new template that waits on purpose: nothing is wrong, and nothing will happen by itself (class 125)."""

from collections.abc import Iterator

from explainers import kinds
from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.classes import cases
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.standing import held_back, on_delete, partition_of, paused
from explainers.diagnosis.views.pods import Json, number, table
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.operations.patches import Patch
from explainers.operations.pods import Delete
from explainers.plan import Plan, Step


def waits_on_purpose(case: Case) -> Iterator[Finding]:
    """All pods are ready, and some keep the earlier template: update strategy OnDelete, or a partition."""
    ref, workload = case.workload_ref, case.workload
    if ref is None or ref.kind not in ("StatefulSet", "DaemonSet") or paused(workload):
        return
    wanted, ready, updated = _counts(workload)
    why = held_back(workload, wanted - updated) if wanted == ready else ""
    if not why or number(workload, "status", "observedGeneration") < number(workload, "metadata", "generation"):
        return
    run = "runs" if updated == 1 else "run"
    clause = f"{updated} of {wanted} pods {run} the newest template, and it waits on purpose: {why}"
    told = Evidence(str(ref), f"{updated} of {wanted} pods updated, {ready} ready")
    about = cases.ON_DELETE if on_delete(workload) else cases.PARTITION
    yield Finding(125, ref, Layer.WORKLOAD, clause, (told,), _release(case, ref), benign=True, about=about)


def _counts(workload: Json) -> tuple[int, int, int]:
    """Wanted, ready and updated pods; the API leaves out a number that is 0."""
    status = table(workload, "status")
    if workload.get("kind") == "DaemonSet":
        wanted, ready = number(status, "desiredNumberScheduled"), number(status, "numberReady")
        return wanted, ready, number(status, "updatedNumberScheduled")
    return number(status, "replicas"), number(status, "readyReplicas"), number(status, "updatedReplicas")


def _release(case: Case, ref: Ref) -> Plan:
    """What lets the newest template in, should that be wanted."""
    if on_delete(case.workload):
        pod = case.pods[0] if case.pods else None
        if pod is None:
            return Plan()
        why = "when the new template is wanted: a pod that is deleted is made again from it, one after the other"
        return Plan((Step(Delete(kinds.POD, pod.namespace, pod.name), why, "its successor becomes ready"),))
    path = ("spec", "updateStrategy", "rollingUpdate", "partition")
    body, back = _nested(path, 0), _nested(path, partition_of(case.workload))
    why = (
        "when the new template is wanted for all pods: without a partition they are replaced, the highest number first"
    )
    return Plan((Step(Patch(ref.type, ref.namespace, ref.name, body, back=back), why, "all pods run it"),))


def _nested(path: tuple[str, ...], value: int) -> Json:
    return {path[0]: _nested(path[1:], value) if path[1:] else value}


RULES: tuple[Rule, ...] = (waits_on_purpose,)
