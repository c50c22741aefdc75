"""`events` in a thread: what the cluster said about the target and its pods, newest first."""

from datetime import datetime

from commands.base.ports import Services
from commands.base.registry import command
from commands.base.request import Reply, Request
from commands.base.scene import Scene, scene
from explainers.diagnosis.case import Case, event_time
from explainers.diagnosis.views.pods import Json, number, text
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
    unseen, head = at.unseen("events", *at.behind), _head(at, found)
    data = at.data(unseen, events=[_data(event) for event in found])
    if unseen:
        document = Document(Tone.UNKNOWN, head, evidence=rows, unchecked=unseen)
        return Reply(document, str(at.target), at.target.namespace, "unknown", data)
    read = events_of(at.target.kind, at.target.namespace, at.target.name)
    steps = plan(Step(read, "The events of one object by hand."))
    return Reply(Document(Tone.INFO, head, evidence=rows, plan=steps), str(at.target), at.target.namespace, data=data)


def _head(at: Scene, found: list[Json]) -> str:
    name, many = at.target.name, f"{len(found)} event{'' if len(found) == 1 else 's'}"
    if at.unseen("events"):
        return (
            f"{many} about `{name}`, and not all could be read." if found else f"I cannot read the events of `{name}`."
        )
    if at.unseen(*at.behind):
        return (
            f"{many if found else 'No events'} about `{name}` itself; I cannot see its pods, and what is said of them."
        )
    if not found:
        return f"The cluster holds no events about `{name}`; it forgets them after an hour by default."
    return f"{many} about `{name}` and its pods."


def _data(event: Json) -> dict[str, object]:
    return {
        "object": _about(event).replace(" ", "/"),
        "type": text(event, "type"),
        "reason": text(event, "reason"),
        "message": text(event, "message"),
        "count": number(event, "count") or number(event, "series", "count") or 1,
        "last": event_time(event),
    }


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
