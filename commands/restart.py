"""`/restart`: new pods of the same template, one after another."""

from commands.base.change import moment, settle
from commands.base.errors import TesseraError
from commands.base.parse import one_target, parse
from commands.base.ports import Services
from commands.base.registry import Group, command
from commands.base.request import Reply, Request
from commands.base.rollout import verified, watch_steps
from commands.base.workloads import Workload, find_workload, proposal
from explainers.builds.running import digest_run
from explainers.diagnosis.case import Case
from explainers.diagnosis.standing import on_delete, paused, wanted_pods
from explainers.diagnosis.views.pods import Pod, text
from explainers.diagnosis.views.template import steps_after
from explainers.document import Document, Tone
from explainers.operations.base import Json
from explainers.operations.objects import listed, pod_spec
from explainers.operations.rollouts import Restart, Resume
from explainers.plan import Plan, Step, plan
from explainers.pulling import brings

FORM = "/restart TARGET [-n NAMESPACE], for example `/restart web`"


@command("restart", "TARGET [-n NAMESPACE]", "/restart web", slash=True, builds=True, group=Group.CHANGE)
def restart(request: Request, services: Services) -> Reply:
    """Replace a workload's pods one after another, and say whether that brings a newer image.

    TARGET is a Deployment, StatefulSet or DaemonSet, or a service in front of one. The service stays up where the
    workload has more than one pod or may have one more for a while.
    """
    arguments = parse(request.text, FORM)
    workload = find_workload(request, services, arguments, one_target(arguments, FORM))
    ref = workload.ref
    if not wanted_pods(workload.object) and not request.approval:
        document = Document(Tone.INFO, f"`{ref.name}` is scaled to zero: there is no pod to restart.")
        return Reply(document, str(ref), ref.namespace)
    steps = _plan(request, services, workload)
    pods = wanted_pods(workload.object)
    change = proposal(
        workload,
        f"Restart `{ref}`: {pods} pod{'s' if pods != 1 else ''}, one after another?",
        steps,
        lambda: verified(
            services,
            ref,
            steps,
            f"`{ref.name}` runs on new pods, all ready",
            f"`{ref.name}`'s new pods do not come up",
            f"`{ref.name}` is marked for a restart, and its pods have not been replaced",
        ),
        f"restart {pods} pod{'s' if pods != 1 else ''}",
        tuple(_facts(workload, services)),
        restart=True,
    )
    return settle(change, request, services)


def _plan(request: Request, services: Services, workload: Workload) -> Plan:
    ref = workload.ref
    first = []
    if paused(workload.object):
        first.append(
            Step(
                Resume(ref.type, ref.namespace, ref.name),
                "a paused Deployment cannot be restarted; what was changed meanwhile rolls out too",
            )
        )
    change = Restart(ref.type, ref.namespace, ref.name, moment(request, services))
    why = "writes the time into the pod template, so that every pod is replaced"
    expect = "new pods become ready before old ones end" if ref.kind == "Deployment" else "pods are replaced in turn"
    steps = workload.scene.about(lambda facts: steps_after(Case(facts, ref), change, why, expect))
    return plan(*first, *steps, *watch_steps(ref, workload.object))


def _facts(workload: Workload, services: Services) -> list[str]:
    """What the new pods will run, container by container, and what else to know before."""
    pods = workload.scene.about(lambda facts: Case(facts, workload.ref).pods)
    spec = pod_spec(workload.ref.type, workload.object)
    facts = [
        _brings(one, pods, services) for one in (*listed(spec.get("initContainers")), *listed(spec.get("containers")))
    ]
    if on_delete(workload.object):
        facts.append("its update strategy is `OnDelete`: no pod is replaced until it is deleted by hand")
    if text(workload.object, "spec", "strategy", "type") == "Recreate":
        facts.append("its strategy is `Recreate`: all pods end before new ones start, so it is down meanwhile")
    return facts


def _brings(container: Json, pods: list[Pod], services: Services) -> str:
    name, image = str(container.get("name")), str(container.get("image"))
    running = {
        digest_run(one, image)
        for pod in pods
        for one in pod.containers
        if one.name == name and one.image == image
    }  # fmt: skip
    now = None
    if services.builds is not None and "@" not in image:
        try:
            now = services.builds.registry.digest(image)
        except TesseraError:
            now = None  # then it is said without: the words that follow hold either way
    return brings(name, image, str(container.get("imagePullPolicy") or ""), running - {""}, now)
