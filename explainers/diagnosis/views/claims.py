"""PersistentVolumeClaims: which ones a pod needs, and which volumes would fit a claim."""

from dataclasses import dataclass

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.views.pods import Json, Pod, dicts, dig, table, text
from explainers.kinds import Ref
from explainers.operations.base import Answer
from explainers.operations.reads import Get
from explainers.quantities import amount

WAITS = "WaitForFirstConsumer"
STATIC = "kubernetes.io/no-provisioner"
SELECTED_NODE = "volume.kubernetes.io/selected-node"


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
    def size(self) -> str:
        return str(dig(self.object, "spec", "resources", "requests", "storage", default=""))

    @property
    def modes(self) -> list[str]:
        found = dig(self.object, "spec", "accessModes")
        return [str(mode) for mode in found] if isinstance(found, list) else []

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


def claim_name(pod: Pod, volume: Json) -> str:
    """The claim behind a volume of a pod; empty when it is another sort of volume."""
    if table(volume, "ephemeral"):
        return f"{pod.name}-{text(volume, 'name')}"
    return text(volume, "persistentVolumeClaim", "claimName")


def unfit(claim: Claim, volume: Json) -> str:
    """Why a free volume of the right class does not fit the claim; empty when it does."""
    bound = text(volume, "spec", "claimRef", "name")
    if bound and text(volume, "status", "phase") != "Available":
        return f"belongs to the claim `{bound}`"
    offered, wanted = dig(volume, "spec", "capacity", "storage"), amount(claim.size)
    have = amount(offered)
    if wanted is not None and have is not None and have < wanted:
        return f"has `{offered}`, less than the `{claim.size}` that the claim asks for"
    modes = dig(volume, "spec", "accessModes")
    if isinstance(modes, list) and not set(claim.modes) <= set(modes):
        return f"allows {', '.join(map(str, modes))}, not {', '.join(claim.modes)}"
    return ""
