"""`/tessera reject`: the owning team says no, and why."""

from commands.base.errors import UsageError
from commands.base.parse import parse
from commands.base.ports import Services
from commands.base.registry import Group, command
from commands.base.request import Reply, Request
from commands.broker.desk import asker, find_instance, need_ledger, place
from commands.broker.finishing import told
from commands.broker.instances import may_decide
from commands.broker.offered import held_entry
from explainers.document import Document, Tone
from explainers.form import Field, Form

FORM = "/tessera reject NAME [REASON…] [-n NAMESPACE]"
REASON = "reason"


def _asks(text: str) -> bool:
    return len(text.split()) in (1, 3)


@command(
    "reject",
    "NAME [REASON…] [-n NAMESPACE]",
    "/tessera reject postgres use the shared one -n shop",
    asks=_asks,
    group=Group.CATALOG,
)
def reject(request: Request, services: Services) -> Reply:
    """Say no to a request for something that your team offers, with the reason; nothing is made.

    The first answer counts. Who may decide is said by the entry's `owners`.
    """
    arguments = parse(request.text, FORM)
    if not arguments.words:
        raise UsageError("Which request?", FORM)
    broker, who = need_ledger(services), asker(request, services)
    record = find_instance(broker, arguments.words[0], place(request, services, arguments))
    may_decide(held_entry(record), who.user, who.groups)
    why = " ".join(arguments.words[1:]) or (request.filled or {}).get(REASON, "").strip()
    if not why:
        field = Field(REASON, "Why not?", hint="The one who asked reads it.")
        return Reply(Document(Tone.INFO, "Why not?"), form=Form("Reject the request", "Reject", (field,)))
    broker.instances.reject(record.id, who.told, why)
    document = Document(
        Tone.REFUSED if request.surface == "terminal" else Tone.UNKNOWN,
        f"`{record.title}` for `{record.namespace}` was rejected by {who.told}: {why}",
        facts=(f"{record.by} asked; nothing was made",),
    )
    return Reply(document, "", record.namespace, "", told(record) | {"rejected": why})
