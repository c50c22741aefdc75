"""`/scale`: more or fewer pods."""

from commands.base.change import settle
from commands.base.errors import UsageError
from commands.base.parse import parse
from commands.base.ports import Services
from commands.base.registry import Group, command
from commands.base.request import Reply, Request
from commands.base.rollout import verified, watch_steps
from commands.base.workloads import Workload, find_workload, proposal
from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.standing import wanted_pods
from explainers.diagnosis.views.pods import table, text
from explainers.document import Button, Document, Tone
from explainers.operations.workloads import Scale
from explainers.plan import Step, plan

FORM = "/scale TARGET REPLICAS [-n NAMESPACE], for example `/scale web 3`"
SCALABLE = ("Deployment", "StatefulSet")
MOST = 1000


@command("scale", "TARGET REPLICAS [-n NAMESPACE]", "/scale web 3", slash=True, group=Group.CHANGE)
def scale(request: Request, services: Services) -> Reply:
    """Set how many pods a workload has, after showing what that would send.

    TARGET is a Deployment or StatefulSet, or a service in front of one. An autoscaler that would take the change
    back is named.
    """
    arguments = parse(request.text, FORM)
    if len(arguments.words) != 2:
        raise UsageError("Which one, and how many?", FORM)
    word, replicas = arguments.words[0], _number(arguments.words[1])
    workload = find_workload(request, services, arguments, word, SCALABLE)
    was, ref = wanted_pods(workload.object), workload.ref
    if was == replicas and not request.approval:
        document = Document(Tone.INFO, f"`{ref.name}` is set to {_pods(was)} already.", facts=_autoscalers(workload))
        return Reply(document, str(ref), ref.namespace)
    steps = plan(
        Step(
            Scale(ref.type, ref.namespace, ref.name, replicas, was),
            f"{was} → {_pods(replicas)}",
            "new pods become ready" if replicas > was else "pods end one after another",
        ),
        *watch_steps(ref, workload.object),
    )
    back = Button(f"Back to {was}", "scale", f"{ref} {was} -n {ref.namespace}", "danger")
    good = f"`{ref.name}` has {_pods(replicas)}, all ready" if replicas else f"`{ref.name}` is scaled to zero"
    change = proposal(
        workload,
        f"Scale `{ref}` from {was} to {_pods(replicas)}?",
        steps,
        lambda: verified(services, ref, steps, good, f"`{ref.name}` has not all its pods", back=back),
        f"{was} → {_pods(replicas)}",
        (f"{was} wanted now", *_autoscalers(workload)),
    )
    return settle(change, request, services)


def _pods(count: int) -> str:
    return "1 pod" if count == 1 else f"{count} pods"


def _number(word: str) -> int:
    if not word.isascii() or not word.isdecimal() or int(word) > MOST:
        raise UsageError(f"`{word[:20]}` is not a number of pods: 0 to {MOST}.", FORM)
    return int(word)


def _autoscalers(workload: Workload) -> tuple[str, ...]:
    """Who else sets the number, in words."""
    ref = workload.ref

    def mine(case: Case) -> list[str]:
        found = case.find(kinds.HORIZONTAL_POD_AUTOSCALER).items
        return [
            text(one, "metadata", "name")
            for one in found
            if _targets(table(one, "spec", "scaleTargetRef"), ref.kind, ref.name)
        ]

    names = workload.scene.see(mine)
    return tuple(f"the autoscaler `{name}` sets this number too and may take the change back" for name in names)


def _targets(reference: dict[str, object], kind: str, name: str) -> bool:
    return reference.get("kind") == kind and reference.get("name") == name
