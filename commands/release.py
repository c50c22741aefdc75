"""`/tessera release`: give something from the catalog back."""

import hashlib

from commands.base.checklist import Checklist
from commands.base.errors import NotFound, UsageError
from commands.base.parse import parse
from commands.base.ports import Services
from commands.base.registry import Group, command
from commands.base.request import Reply, Request
from commands.broker.broker import Broker
from commands.broker.desk import asker, find_instance, need_ledger, need_right, need_workers, place
from commands.broker.errors import Gone
from commands.broker.finishing import MAKE, follow, told
from commands.broker.records import Instance, State
from explainers.document import Button, Document, Evidence, Tone

FORM = "/tessera release NAME [--abandon] [-n NAMESPACE]"
FLAGS = ("--abandon",)


@command(
    "release",
    "NAME [--abandon] [-n NAMESPACE]",
    "/tessera release postgres -n shop",
    flags=FLAGS,
    long=True,
    group=Group.CATALOG,
)
def release(request: Request, services: Services) -> Reply:
    """Give something from the catalog back: its Secret, credentials and all that was made for it are removed.

    It is shown first what goes. `--abandon` forgets what cannot be removed; what is left is written into the audit.
    """
    arguments = parse(request.text, FORM, flags=FLAGS)
    if len(arguments.words) != 1:
        raise UsageError("What should I release?", FORM)
    broker, who, namespace = need_ledger(services), asker(request, services), place(request, services, arguments)
    need_right(services, namespace, who)
    try:
        record = find_instance(broker, arguments.words[0], namespace)
    except NotFound:
        if request.approval and broker.parts.ledger.gone(request.approval.at):  # an earlier run of this job was here
            return _gone(arguments.words[0], namespace)
        raise
    if record.things and not arguments.flags:
        need_workers(broker)
    mark = hashlib.sha256(f"release {record.id} {arguments.flags}".encode()).hexdigest()[:16]
    if request.approval is None or request.approval.hash != mark:
        return _proposal(broker, record, mark, bool(arguments.flags))
    for binding in broker.parts.ledger.bindings(record.id):
        broker.unbind(record.id, binding.id, record.service_id, record.plan_id, incomplete=True, by=who.told)
    if arguments.flags:
        broker.instances.abandon(record.id, who.told)
        return _gone(record.name, namespace, f"left in the cluster: {_things(record)}")
    board = Checklist(services, f"Releasing `{record.name}` in `{namespace}`", (MAKE,))
    broker.deprovision(record.id, record.service_id, record.plan_id, incomplete=True, by=who.told)
    with board.stage(MAKE):
        try:
            record = follow(services, broker, record.id, board)
        except Gone:
            return _gone(record.name, namespace)
    return _stuck(record, board)


def _proposal(broker: Broker, record: Instance, mark: str, abandon: bool) -> Reply:
    where = f"{record.name}{' --abandon' if abandon else ''} -n {record.namespace}"
    secrets = [one.secret for one in broker.parts.ledger.bindings(record.id) if one.secret]
    rows = [Evidence("Secret", f"{record.namespace}/{name}") for name in secrets]
    rows += [Evidence(thing.kind, f"{thing.namespace}/{thing.name}") for thing in record.things]
    confirm = "What was made for it is removed, with all data in it."
    if abandon:
        confirm = "It is forgotten; what was made for it stays in the cluster."
    yes = Button("Abandon" if abandon else "Release", "release", where, "danger", mark, record.id, confirm)
    headline = f"{'Abandon' if abandon else 'Release'} `{record.name}` ({record.title}) in `{record.namespace}`?"
    document = Document(Tone.INFO, headline, facts=(confirm,), evidence=tuple(rows), buttons=(yes,))
    return Reply(document, "", record.namespace, "proposed", told(record))


def _gone(name: str, namespace: str, fact: str = "") -> Reply:
    headline = (
        f"`{name}` is released; nothing of it is left in `{namespace}`." if not fact else f"`{name}` is abandoned."
    )
    document = Document(Tone.HEALTHY, headline, facts=(fact,) if fact else ())
    return Reply(document, "", namespace, "healthy", {"name": name, "namespace": namespace, "released": True})


def _stuck(record: Instance, board: Checklist) -> Reply:
    """It is not gone: why, and what can be done about it."""
    why = record.operation.told if record.operation else ""
    waits = record.state is State.WORKING
    headline = f"`{record.name}` is not gone yet: {why}" if waits else f"`{record.name}` could not be removed: {why}"
    where = f"{record.name} -n {record.namespace}"
    buttons = (
        () if waits else (Button("Try again", "release", where), Button("Abandon", "release", f"{where} --abandon"))
    )
    document = Document(
        Tone.UNKNOWN if waits else Tone.FAULT,
        headline,
        facts=("I go on with it.",) if waits else ("mend what holds it, then try again",),
        buttons=buttons,
        stages=board.stages,
    )
    return Reply(document, "", record.namespace, "unknown" if waits else "fault", told(record))


def _things(record: Instance) -> str:
    return ", ".join(map(str, record.things)) or "nothing"
