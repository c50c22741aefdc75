"""PersistentVolumeClaims: which ones a pod needs, and which volumes would fit a claim."""

import re
from dataclasses import dataclass

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.views.pods import Json, Pod, dicts, dig, table, text
from explainers.kinds import Ref, ref_of
from explainers.operations.base import Answer
from explainers.operations.reads import Get
from explainers.quantities import amount
from explainers.selectors import matches

WAITS = "WaitForFirstConsumer"
STATIC = "kubernetes.io/no-provisioner"
SELECTED_NODE = "volume.kubernetes.io/selected-node"
ONE_WRITER, ONE_POD = "ReadWriteOnce", "ReadWriteOncePod"
_ONLY = re.compile(r"\bonly\b(.*)", re.IGNORECASE | re.DOTALL)
_MODES = re.compile(r"\b(?:ReadWriteOncePod|ReadWriteOnce|ReadWriteMany|ReadOnlyMany)\b")


@dataclass(frozen=True)
class Claim:
    """One claim: `answer` is what the API said, `volume` the pod's name for it (empty for a claim asked about)."""

    name: str
    volume: str
    answer: Answer
    made_by_template: bool = False

    @property
    def object(self) -> Json:
        return self.answer.object

    @property
    def phase(self) -> str:
        return text(self.object, "status", "phase")

    @property
    def storage_class(self) -> str:
        return text(self.object, "spec", "storageClassName")

    @property
    def volume_name(self) -> str:
        """The one volume that it is to be bound to; empty where any that fits will do."""
        return text(self.object, "spec", "volumeName")

    @property
    def size(self) -> str:
        return str(dig(self.object, "spec", "resources", "requests", "storage", default=""))

    @property
    def modes(self) -> list[str]:
        found = dig(self.object, "spec", "accessModes")
        return [str(mode) for mode in found] if isinstance(found, list) else []

    @property
    def one_writer(self) -> bool:
        """Whether it asks for no more than what one node, or one pod, may use."""
        return set(self.modes) <= {ONE_WRITER, ONE_POD}

    def ref(self, namespace: str) -> Ref:
        return Ref("PersistentVolumeClaim", namespace, self.name)


def claims_of(case: Case, pod: Pod) -> list[Claim]:
    """The claims that the pod mounts, read together."""
    wanted = {name: volume for volume in dicts(pod.spec, "volumes") if (name := claim_name(pod, volume))}
    answers = case.ask(*(Get(kinds.PERSISTENT_VOLUME_CLAIM, pod.namespace, name) for name in wanted))
    templates = {
        f"{text(one, 'metadata', 'name')}-{pod.name}" for one in dicts(case.workload, "spec", "volumeClaimTemplates")
    }
    return [
        Claim(name, text(volume, "name"), answer, name in templates or "ephemeral" in volume)
        for (name, volume), answer in zip(wanted.items(), answers, strict=True)
    ]


def asked_by_template(case: Case, pod: Pod, claim: Claim) -> Json:
    """What the template of a StatefulSet asks for in this claim, or that of a volume of its own for each pod."""
    volume = next((one for one in dicts(pod.spec, "volumes") if text(one, "name") == claim.volume), {})
    made = [one for one in dicts(case.workload, "spec", "volumeClaimTemplates") if dig(one, "metadata", "name")]
    same = [table(one, "spec") for one in made if f"{text(one, 'metadata', 'name')}-{pod.name}" == claim.name]
    return same[0] if same else table(volume, "ephemeral", "volumeClaimTemplate", "spec")


def made_by(case: Case, claim: Claim) -> Ref | None:
    """The StatefulSet that makes the claim, and would make it again; None for a claim of its own. Of a claim that was
    asked about its name tells; raises Missing until the StatefulSets are read, where it may be such a name.

    Source: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-storage
    """
    if claim.made_by_template:
        return case.workload_ref
    stem, _, ordinal = claim.name.rpartition("-")
    if claim.volume or not ordinal.isdecimal():
        return None
    for one in case.find(kinds.STATEFUL_SET).items:
        templates = [text(each, "metadata", "name") for each in dicts(one, "spec", "volumeClaimTemplates")]
        if stem in [f"{each}-{text(one, 'metadata', 'name')}" for each in templates]:
            return ref_of(one, kinds.STATEFUL_SET.name)
    return None


def claim_name(pod: Pod, volume: Json) -> str:
    """The claim behind a volume of a pod; empty when it is another sort of volume."""
    if table(volume, "ephemeral"):
        return f"{pod.name}-{text(volume, 'name')}"
    return text(volume, "persistentVolumeClaim", "claimName")


def bound_volume(case: Case, claim: Json) -> Json:
    """The volume that a claim is bound to; empty where there is none, or it may not be read."""
    name = text(claim, "spec", "volumeName")
    return case.get(kinds.PERSISTENT_VOLUME, name).object if name else {}


def unfit(claim: Claim, volume: Json) -> str:
    """Why a free volume of the right class does not fit the claim; empty when it does."""
    bound = text(volume, "spec", "claimRef", "name")
    if bound and (bound != claim.name or text(volume, "status", "phase") != "Available"):
        return f"belongs to the claim `{bound}`"
    return ", and ".join(filter(None, (_too_small(claim, volume), _other_modes(claim, volume), _other(claim, volume))))


def _too_small(claim: Claim, volume: Json) -> str:
    offered, wanted = dig(volume, "spec", "capacity", "storage"), amount(claim.size)
    have = amount(offered)
    small = wanted is not None and have is not None and have < wanted
    return f"has `{offered}`, less than the `{claim.size}` that the claim asks for" if small else ""


def _other_modes(claim: Claim, volume: Json) -> str:
    modes = dig(volume, "spec", "accessModes")
    fits = not isinstance(modes, list) or set(claim.modes) <= set(modes)
    return "" if fits else f"allows {', '.join(map(str, modes))}, not {', '.join(claim.modes)}"


def _other(claim: Claim, volume: Json) -> str:
    """Of another sort, or without the labels that the claim selects volumes by."""
    offered, wanted = (text(one, "spec", "volumeMode") or "Filesystem" for one in (volume, claim.object))
    if offered != wanted:
        return f"is of the volume mode {offered}, not {wanted}"
    selector = table(claim.object, "spec", "selector")
    return "" if matches(selector, table(volume, "metadata", "labels")) else "lacks the labels that the claim selects"


def supported(answer: str) -> list[str]:
    """The access modes that a provisioner says it can make, where it answers that it makes only those."""
    only = _ONLY.search(answer)
    return _MODES.findall(only[1]) if only and "support" in only[1] else []
