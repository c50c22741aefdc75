"""93: a claim that names its volume waits for that one, whatever its class: nothing is made for it.

Source: k8s.io/kubernetes/pkg/controller/volume/persistentvolume/pv_controller.go, syncUnboundClaim
"""

from collections.abc import Iterator

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.classes import cases
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.plans import claims as plans
from explainers.diagnosis.views.claims import Claim, unfit
from explainers.diagnosis.views.pods import Json, text
from explainers.diagnosis.views.volumes import free_names
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.operations.base import Answer

_A_MOMENT = 15  # seconds that the controller is given to bind a claim to a volume that fits


def bound_by_name(case: Case, claim: Claim) -> Iterator[Finding]:
    """Why a claim is not bound to the volume that it names."""
    name = claim.volume_name
    answer = case.get(kinds.PERSISTENT_VOLUME, name)
    since = moment(text(claim.object, "metadata", "creationTimestamp"))
    lacks = _lacks(claim, answer.object) if answer.ok else ""
    if answer.ok and not lacks and since and (case.now - since).total_seconds() < _A_MOMENT:
        return
    near = nearest_one(name, free_names(case) or ()) if answer.absent else ""
    told = Evidence(f"persistentvolume {name}", _seen(answer, lacks).replace("`", ""))
    rows = (
        Evidence(f"persistentvolumeclaim {claim.name}", f"phase Pending, volumeName {name}", ago(case.now, since)),
        told,
    )
    yield Finding(
        93,
        claim.ref(case.namespace),
        Layer.NEEDS,
        f"the claim `{claim.name}` names the volume `{name}`, {_why(answer, lacks, near)}; a claim that names its "
        "volume gets no other one",
        rows,
        plans.volume_by_name(case, claim, answer.ok, near),
        Confidence.SURE if answer.absent or lacks else Confidence.LIKELY,
        since,
        about=cases.NAMED_VOLUME,
    )


def _lacks(claim: Claim, volume: Json) -> str:
    """Why the volume that a claim names is not bound to it; empty where it seems to fit."""
    offered = text(volume, "spec", "storageClassName")
    if offered != claim.storage_class:
        return f"is of {_class(offered)}, not of {_class(claim.storage_class)}"
    return unfit(claim, volume)


def _class(name: str) -> str:
    return f"the class `{name}`" if name else "no class"


def _seen(answer: Answer, lacks: str) -> str:
    if answer.absent:
        return "does not exist"
    return lacks or (f"phase {text(answer.object, 'status', 'phase') or 'unknown'}" if answer.ok else answer.problem)


def _why(answer: Answer, lacks: str, near: str) -> str:
    if answer.absent:
        return "which does not exist" + (f" (nearest: `{near}`, which is free)" if near else "")
    if lacks:
        return f"which {lacks}"
    return "which seems to fit, and is not bound to it" if answer.ok else "and is not bound to it"
