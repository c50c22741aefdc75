"""Plans for pods that a node has taken and cannot begin."""

from collections.abc import Sequence

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.plans.remedies import back_step, read_spec
from explainers.diagnosis.views.pods import Pod, number, text
from explainers.diagnosis.views.template import steps_after, template_patch
from explainers.kinds import Ref
from explainers.operations.patches import Patch
from explainers.operations.reads import Get, List
from explainers.operations.workloads import Scale
from explainers.plan import Plan, Step


def without_runtime_class(case: Case, blamed: Ref, wanted: str) -> Plan:
    """Back to what ran, else the node's default runtime; and where to see what the class asks for."""
    back = back_step(case, blamed)
    why = "run with the node's default runtime, if nothing needs the other one"
    drop = steps_after(case, template_patch(case, {"runtimeClassName": None}), why, "the pods start")
    look = Step(Get(kinds.RUNTIME_CLASS, "", wanted), "see the handler: each node's container runtime must have it")
    return Plan((*(back or drop or (read_spec(blamed),)), look), drop if back else ())


def look_at_node(pod: Pod) -> Plan:
    """The node, and what runs there: its network plugin is among the pods of kube-system or of one like it."""
    there = List(kinds.POD, "", fields=f"spec.nodeName={pod.node}")
    return Plan(
        (
            Step(
                Get(kinds.NODE, "", pod.node), "see its conditions: NetworkUnavailable, Ready, and what was said last"
            ),
            Step(there, "see whether the network plugin's pod on that node runs; if not, that is to be repaired"),
        )
    )


def let_go(case: Case, pod: Pod, own: Sequence[str], users: Sequence[str]) -> Plan:
    """Where the holder is the same Deployment's old pod, it must end first; else see who holds the volume."""
    why = "end the old pod before a new one starts: a rolling update needs the volume on two nodes at once"
    steps = _recreate(case, why) if own else []
    if users:
        look = Get(kinds.POD, pod.namespace, users[0])
        steps.append(Step(look, "see where it runs; the volume is free once it has ended"))
    else:
        why = "see which node still has the volume: a node that died keeps it for about six minutes"
        steps.append(Step(List(kinds.VOLUME_ATTACHMENT, ""), why))
    return Plan(tuple(steps))


def one_pod(case: Case, pod: Pod, claim: str, own: bool) -> Plan:
    """Let one pod do, or end the old one first where a rollout needs two; else a claim that several may use."""
    ref, wanted = case.workload_ref, number(case.workload, "spec", "replicas")
    steps: list[Step] = []
    if own and ref and wanted > 1 and ref.kind in ("Deployment", "StatefulSet", "ReplicaSet"):
        fewer = Scale(ref.type, ref.namespace, ref.name, 1, wanted)
        steps.append(Step(fewer, "run one pod, as no second one can use the claim", "the pod that waits is gone"))
    elif own:
        steps += _recreate(case, "end the old pod before a new one starts: a rolling update needs the claim for both")
    if not own:
        look = List(kinds.POD, pod.namespace)
        steps.append(Step(look, "see which pod mounts the claim; it is free once that has ended"))
    if claim:
        why = (
            "if several pods must use it: access modes of a bound claim cannot be changed, so make another claim with "
            "`ReadWriteOnce` (pods of one node) or `ReadWriteMany`, and move the data there"
        )
        steps.append(Step(Get(kinds.PERSISTENT_VOLUME_CLAIM, pod.namespace, claim), why))
    return Plan(tuple(steps))


def one_at_a_time(case: Case) -> Plan:
    """One pod at a time for a workload whose pods must not use the same data at once."""
    ref, wanted = case.workload_ref, number(case.workload, "spec", "replicas")
    steps: list[Step] = []
    if ref and wanted > 1 and ref.kind in ("Deployment", "ReplicaSet"):
        fewer = Scale(ref.type, ref.namespace, ref.name, 1, wanted)
        steps.append(Step(fewer, "run one pod, as two must not write the same data", "the other pods end"))
    why = "end the old pod before a new one starts: two must not write the same data"
    return Plan((*steps, *_recreate(case, why)))


def _recreate(case: Case, why: str) -> list[Step]:
    """The Recreate strategy, for a Deployment that rolls its pods over; else nothing."""
    ref = case.workload_ref
    if ref is None or ref.kind != "Deployment" or text(case.workload, "spec", "strategy", "type") != "RollingUpdate":
        return []
    body = {"spec": {"strategy": {"type": "Recreate", "rollingUpdate": None}}}
    back = {"spec": {"strategy": {"type": "RollingUpdate"}}}
    change = Patch(ref.type, ref.namespace, ref.name, body, back=back)
    return [Step(change, why, "the old pod ends, and the new one gets the volume within a few minutes")]
