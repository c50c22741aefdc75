"""`logs` in a thread: the last lines of what is broken, the previous run first when it crashed."""

from commands.base.ports import Services
from commands.base.registry import command
from commands.base.request import Reply, Request
from commands.base.scene import scene
from explainers.diagnosis.case import Case
from explainers.diagnosis.views.pods import Container
from explainers.document import Document, Tone
from explainers.kinds import Ref
from explainers.operations.base import Answer
from explainers.operations.reads import Logs
from explainers.plan import Step, plan

FORM = "logs TARGET [-n NAMESPACE]; in a thread about something, just `logs`"
LINES = 15


@command("logs", "TARGET [-n NAMESPACE]", "@tessera logs", follow_up=True)
def logs(request: Request, services: Services) -> Reply:
    """Show the last lines of a target's log; of the crashed run when it crashed."""
    at = scene(request, services, FORM)
    chosen = at.see(_chosen)
    if chosen is None:
        return _reply(at.target, Document(Tone.INFO, f"`{at.target.name}` has no container that ever ran."))
    crashed = bool(chosen.restarts and not chosen.ready)
    answer = at.see(lambda case: case.log(chosen, previous=crashed))
    return _reply(at.target, _document(chosen, crashed, answer))


def _reply(target: Ref, shown: Document) -> Reply:
    return Reply(shown, str(target), target.namespace)


def _chosen(case: Case) -> Container | None:
    """The container to read: one that restarted or fails before one that is well."""
    pods = [*case.unready_pods, *case.pods]
    ran = [one for pod in pods for one in pod.containers if one.running_since or one.last_end]
    return min(ran, key=lambda one: (one.ready, -one.restarts), default=None)


def _document(chosen: Container, crashed: bool, answer: Answer) -> Document:
    pod = chosen.pod
    if not answer.ok:
        return Document(Tone.UNKNOWN, f"I cannot read the log of `{pod.name}`: {answer.problem}")
    lines = answer.text.rstrip().splitlines()
    run = "the run before the last restart" if crashed else "the current run"
    read = Logs(pod.namespace, pod.name, chosen.name, previous=crashed, tail=LINES)
    many = "last line" if len(lines) == 1 else f"last {min(len(lines), LINES)} lines"
    head = f"The {many} of `{pod.name}`, container `{chosen.name}`, {run}."
    if not lines:
        head = f"The log of `{pod.name}`, container `{chosen.name}`, {run}, is empty."
    step = Step(read, "The same lines by hand; without `--tail` the whole log.")
    return Document(Tone.INFO, head, code="\n".join(lines[-LINES:]), plan=plan(step))
