"""`events` in a thread: what the cluster said about the target and its pods, newest first."""

from datetime import datetime

from commands.base.ports import Services
from commands.base.registry import command
from commands.base.request import Reply, Request
from commands.base.scene import scene
from explainers.diagnosis.case import Case, event_time
from explainers.diagnosis.views.pods import Json, text
from explainers.diagnosis.when import ago, moment
from explainers.document import Document, Evidence, Tone
from explainers.operations.reads import events_of
from explainers.plan import Step, plan

FORM = "events TARGET [-n NAMESPACE]; in a thread about something, just `events`"
MOST = 15


@command("events", "TARGET [-n NAMESPACE]", "@tessera events", follow_up=True)
def events(request: Request, services: Services) -> Reply:
    """Show the events of a target and its newest pods, newest first."""
    at = scene(request, services, FORM)
    found = at.see(_events)
    rows = tuple(
        Evidence(_about(event), f"{text(event, 'reason')}: {text(event, 'message')}", _age(at.facts.now, event))
        for event in found[:MOST]
    )
    head = (
        f"{len(found)} event{'' if len(found) == 1 else 's'} about `{at.target.name}` and its pods."
        if found
        else _none(at.target.name)
    )
    read = events_of(at.target.kind, at.target.namespace, at.target.name)
    steps = plan(Step(read, "The events of one object by hand."))
    return Reply(Document(Tone.INFO, head, evidence=rows, plan=steps), str(at.target), at.target.namespace)


def _none(name: str) -> str:
    return f"The cluster holds no events about `{name}`; it forgets them after an hour by default."


def _events(case: Case) -> list[Json]:
    pods = [*case.unready_pods, *case.pods][:3]
    refs = dict.fromkeys([case.target, *(pod.ref for pod in pods)])
    case.facts.want(*(events_of(ref.kind, ref.namespace, ref.name) for ref in refs))
    return sorted((event for ref in refs for event in case.events(ref)), key=event_time, reverse=True)


def _about(event: Json) -> str:
    about = event.get("involvedObject")
    return f"{text(about, 'kind').lower()} {text(about, 'name')}"


def _age(now: datetime, event: Json) -> str:
    return ago(now, moment(event_time(event)))
