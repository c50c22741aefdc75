"""Plans for pods that are evicted because they use more of the local disk than they may."""

from explainers.diagnosis.case import Case
from explainers.diagnosis.plans.raised import back_to_other_program, room_before
from explainers.diagnosis.plans.remedies import CHANGEABLE, as_large, larger_empty_dir, read_spec
from explainers.diagnosis.plans.remedies import more_disk as enlarged
from explainers.diagnosis.views.pods import Pod, text
from explainers.kinds import Ref
from explainers.operations.workloads import SetResources
from explainers.patterns import pattern
from explainers.plan import Plan, Step

_LIMIT = "ephemeral-storage"
_VOLUME = pattern(r"Usage of EmptyDir volume \"([^\"]+)\" exceeds the limit \"([^\"]+)\"")
_CONTAINER = pattern(r"Container (\S+) exceeded its local ephemeral storage limit")
_LIMIT_TOLD = pattern(r"limit (?:of containers )?\"?(\d[\w.]*)")
_STAY = "the pods stay, if that is enough"


def more_disk(case: Case, ref: Ref, pod: Pod, said: str) -> Plan:
    """Twice the room that was too little: of the volume or the container that the kubelet names, else of the only
    container with a limit.

    Source of the words: k8s.io/kubernetes/pkg/kubelet/eviction/helpers.go
    """
    if ref.kind not in CHANGEABLE:
        return Plan((read_spec(ref),))
    volume, named = _VOLUME.search(said), _CONTAINER.search(said)
    if volume and (change := larger_empty_dir(ref, volume[1], volume[2])):
        why = (
            f"give the volume `{volume[1]}` {as_large(volume[2])}; raise it further if it is full again, or write less"
        )
        more = (Step(change, why, _STAY), read_spec(ref))
        other = back_to_other_program(case, ref)
        if other and room_before(case, volume[1]):
            return Plan(other, more)
        return Plan(more, other)
    limits = [(one.name, text(one.spec, "resources", "limits", _LIMIT)) for one in pod.main_containers]
    found = [(name, limit, enlarged(limit)) for name, limit in limits if enlarged(limit)]
    found = [one for one in found if one[0] == named[1]] if named else found
    if len(found) != 1:
        return Plan((read_spec(ref),))
    name, limit, doubled = found[0]
    raised = SetResources(
        ref.type, ref.namespace, ref.name, name, limits=((_LIMIT, doubled),), was_limits=((_LIMIT, limit),)
    )
    why = f"give `{name}` {as_large(limit, 'the local disk')}; raise it further if it is evicted again, or write less"
    return Plan((Step(raised, why, _STAY), read_spec(ref)))


def limit_told(said: str) -> str:
    """The limit that the kubelet names; empty where it names none."""
    found = _LIMIT_TOLD.search(said)
    return found[1].rstrip(".") if found else ""
