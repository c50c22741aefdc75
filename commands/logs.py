"""`logs` in a thread: the last lines of what is broken, the previous run first when it crashed."""

from commands.base.ports import Services
from commands.base.registry import command
from commands.base.request import Reply, Request
from commands.base.scene import Scene, scene
from explainers.diagnosis.case import Case
from explainers.diagnosis.views.pods import Container
from explainers.document import Document, Tone
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
        return _none(at)
    crashed = bool(chosen.restarts and not chosen.ready)
    answer = at.see(lambda case: case.log(chosen, previous=crashed))
    lines = answer.text.rstrip().splitlines()[-LINES:]
    unseen = at.unseen("pods/log")
    data = at.data(unseen, pod=chosen.pod.name, container=chosen.name, previous=crashed, lines=lines)
    if answer.ok:
        return _reply(at, _document(chosen, crashed, lines), data)
    why = "" if unseen else f": {answer.reason}"
    return _reply(
        at, Document(Tone.UNKNOWN, f"I cannot read the log of `{chosen.pod.name}`{why}.", unchecked=unseen), data
    )


def _none(at: Scene) -> Reply:
    unseen, name = at.unseen(*at.behind), at.target.name
    data = at.data(unseen, pod=None, container=None, previous=False, lines=[])
    if unseen:
        return _reply(
            at, Document(Tone.UNKNOWN, f"I cannot see the pods of `{name}`, nor their logs.", unchecked=unseen), data
        )
    return _reply(at, Document(Tone.INFO, f"`{name}` has no container that ever ran."), data)


def _reply(at: Scene, shown: Document, data: dict[str, object]) -> Reply:
    outcome = "unknown" if shown.tone is Tone.UNKNOWN else ""
    return Reply(shown, str(at.target), at.target.namespace, outcome, data)


def _chosen(case: Case) -> Container | None:
    """The container to read: one that restarted or fails before one that is well."""
    pods = [*case.unready_pods, *case.pods]
    ran = [one for pod in pods for one in pod.containers if one.running_since or one.last_end]
    return min(ran, key=lambda one: (one.ready, -one.restarts), default=None)


def _document(chosen: Container, crashed: bool, lines: list[str]) -> Document:
    pod = chosen.pod
    run = "the run before the last restart" if crashed else "the current run"
    read = Logs(pod.namespace, pod.name, chosen.name, previous=crashed, tail=LINES)
    many = "last line" if len(lines) == 1 else f"last {len(lines)} lines"
    head = f"The {many} of `{pod.name}`, container `{chosen.name}`, {run}."
    if not lines:
        head = f"The log of `{pod.name}`, container `{chosen.name}`, {run}, is empty."
    step = Step(read, "The same lines by hand; without `--tail` the whole log.")
    return Document(Tone.INFO, head, code="\n".join(lines), plan=plan(step))
