"""Plans for pods that a node has taken and cannot begin."""

from collections.abc import Sequence

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.plans.remedies import back_step, read_spec
from explainers.diagnosis.views.pods import Pod, text
from explainers.diagnosis.views.template import steps_after, template_patch
from explainers.kinds import Ref
from explainers.operations.patches import Patch
from explainers.operations.reads import Get, List
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
    rolling = text(case.workload, "spec", "strategy", "type") == "RollingUpdate"
    ref = case.workload_ref
    steps = []
    if own and ref and ref.kind == "Deployment" and rolling:
        body = {"spec": {"strategy": {"type": "Recreate", "rollingUpdate": None}}}
        back = {"spec": {"strategy": {"type": "RollingUpdate"}}}
        change = Patch(ref.type, ref.namespace, ref.name, body, back=back)
        why = "end the old pod before a new one starts: a rolling update needs the volume on two nodes at once"
        steps.append(Step(change, why, "the old pod ends, and the new one gets the volume within a few minutes"))
    if users:
        look = Get(kinds.POD, pod.namespace, users[0])
        steps.append(Step(look, "see where it runs; the volume is free once it has ended"))
    else:
        why = "see which node still has the volume: a node that died keeps it for about six minutes"
        steps.append(Step(List(kinds.VOLUME_ATTACHMENT, ""), why))
    return Plan(tuple(steps))
