"""`/forward`: the port-forward line of a service, workload or pod, its ports filled in."""

from commands.base.errors import UsageError
from commands.base.parse import parse
from commands.base.ports import Services
from commands.base.registry import command
from commands.base.request import Reply, Request
from commands.base.scene import Scene
from commands.base.targets import find_target
from explainers.diagnosis.facts import Facts
from explainers.diagnosis.views.pods import table, text
from explainers.document import Document, Tone
from explainers.forwarding import Door, doors, near_end, opens
from explainers.operations.byhand import PortForward
from explainers.plan import Step, plan

FORM = "/forward TARGET [PORT] [-n NAMESPACE], for example `/forward web` or `/forward svc/pg 5432`"
KINDS = ("Service", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "Pod")
"""What kubectl forwards to: a pod, or what has pods of its own."""


@command("forward", "TARGET [PORT] [-n NAMESPACE]", "/forward web", slash=True)
def forward(request: Request, services: Services) -> Reply:
    """Give the line that leads a port of your own machine to a service, workload or pod, and what to open then.

    PORT is a number or a name; without it every TCP port is led. Nothing is sent: the line runs on your machine.
    """
    arguments = parse(request.text, FORM)
    if len(arguments.words) not in (1, 2):
        raise UsageError("To which one, and to which of its ports?", FORM)
    namespace = arguments.namespace or request.namespace or services.cluster.default_namespace
    facts = Facts(services.clock.now())
    target = find_target(services, facts, namespace, arguments.words[0], request.unbounded)
    at = Scene(target, facts, services, arguments)
    _refuse_what_leads_nowhere(at)
    chosen = _chosen(at, arguments.words[1] if len(arguments.words) == 2 else "")
    return _reply(at, chosen)


def _refuse_what_leads_nowhere(at: Scene) -> None:
    """Raises UsageError for what has no pods of its own."""
    if at.target.kind not in KINDS:
        raise UsageError(f"kubectl forwards no ports to `{at.target}`.", f"it does to a {', '.join(KINDS)}")
    thing = at.see(lambda case: case.object)
    if at.target.kind == "Service" and not table(thing, "spec", "selector"):
        outside = text(thing, "spec", "externalName")
        why = f"it is only another name for `{outside}`" if outside else "it has no selector"
        raise UsageError(f"`{at.target}` has no pods of its own to forward to: {why}.", FORM)


def _chosen(at: Scene, word: str) -> list[Door]:
    """The ports that are meant. Raises UsageError when there is none of that name or number, or none by TCP."""
    every = at.see(doors)
    there = ", ".join(str(one) for one in every)
    found = [one for one in every if word in ("", one.name, str(one.port))]
    if word and not found:
        number = int(word) if word.isascii() and word.isdecimal() and len(word) <= 5 else 0
        if not 0 < number < 65536 or at.target.kind == "Service":
            raise UsageError(f"`{at.target}` has no port `{word[:20]}`.", f"it has {there}" if there else FORM)
        found = [Door(number, number)]  # what a pod declares is only a note; anything may listen
    if not found:
        raise UsageError(f"`{at.target}` names no port.", f"say which, for example `/forward {at.target} 8080`")
    led = [one for one in found if one.transport == "TCP"]
    if not led:
        raise UsageError(f"`{at.target}` has only {there} over {found[0].transport}: kubectl forwards TCP.", FORM)
    return led


def _reply(at: Scene, chosen: list[Door]) -> Reply:
    ref = at.target
    pairs: dict[int, Door] = {}
    for door in chosen:
        pairs[near_end(door.port, set(pairs))] = door
    led = tuple((local, door.port) for local, door in pairs.items())
    step = Step(
        PortForward(ref.type, ref.namespace, ref.name, led),
        "on your own machine; it leads there until you end it with Ctrl-C",
        f"Forwarding from 127.0.0.1:{led[0][0]}",
    )
    ready = at.see(lambda case: any(pod.ready for pod in case.pods))
    facts = [] if ready else ["no pod of it is ready now: kubectl would find none, or one that does not answer"]
    facts += [opens(door, local) for local, door in pairs.items()]
    facts.append(f"if {led[0][0]} is taken on your machine, another number before the colon does as well")
    head = f"Lead your machine to `{ref}`, port {', '.join(str(door) for door in chosen)}."
    data: dict[str, object] = {"kubectl": step.operation.line(), "ports": [list(pair) for pair in led]}
    return Reply(Document(Tone.INFO, head, facts=tuple(facts), plan=plan(step)), str(ref), ref.namespace, data=data)
