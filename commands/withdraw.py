"""`/tessera withdraw`: take one's own request back before it is decided."""

from commands.base.errors import Denied, UsageError
from commands.base.parse import parse
from commands.base.ports import Services
from commands.base.registry import Group, command
from commands.base.request import Reply, Request
from commands.broker.desk import asker, find_instance, need_ledger, place
from commands.broker.finishing import told
from commands.broker.records import State
from explainers.document import Document, Tone

FORM = "/tessera withdraw NAME [-n NAMESPACE]"


@command("withdraw", "NAME [-n NAMESPACE]", "/tessera withdraw postgres -n shop", group=Group.CATALOG)
def withdraw(request: Request, services: Services) -> Reply:
    """Take back your own request that still waits for approval; what exists already is ended by `release`."""
    arguments = parse(request.text, FORM)
    if len(arguments.words) != 1:
        raise UsageError("Which request?", FORM)
    broker, who = need_ledger(services), asker(request, services)
    record = find_instance(broker, arguments.words[0], place(request, services, arguments))
    if record.state is not State.ASKED:
        raise UsageError(
            "This request does not wait any more.", f"`/tessera release {record.name} -n {record.namespace}`"
        )
    if who.told != record.by and (not who.team or who.user != record.user):
        raise Denied(f"Only {record.by}, who asked, can withdraw this.", "the owning team can reject it")
    broker.deprovision(record.id, record.service_id, record.plan_id, incomplete=True, by=who.told)
    document = Document(Tone.HEALTHY, f"The request for `{record.title}` is withdrawn; nothing was made.")
    return Reply(document, "", record.namespace, "", told(record) | {"withdrawn": True})
