"""`/tessera extend`: let something from the catalog live longer."""

from commands.base.errors import UsageError
from commands.base.parse import parse
from commands.base.ports import Services
from commands.base.registry import Group, command
from commands.base.request import Reply, Request
from commands.broker.desk import asker, find_instance, need_ledger, need_right, place
from commands.broker.finishing import told, when
from commands.broker.offered import held_entry
from explainers.document import Document, Tone

FORM = "/tessera extend NAME [DAYS] [-n NAMESPACE], for example `/tessera extend postgres 14`"


@command("extend", "NAME [DAYS] [-n NAMESPACE]", "/tessera extend postgres 14 -n shop", group=Group.CATALOG)
def extend(request: Request, services: Services) -> Reply:
    """Let something from the catalog live longer: by default as long again as its plan gives, and never longer."""
    arguments = parse(request.text, FORM)
    if not 1 <= len(arguments.words) <= 2:
        raise UsageError("What should live longer?", FORM)
    broker, who, namespace = need_ledger(services), asker(request, services), place(request, services, arguments)
    record = find_instance(broker, arguments.words[0], namespace)
    need_right(services, namespace, who)
    most = held_entry(record).days
    if not most or not record.expires:
        raise UsageError(f"`{record.name}` has no end, so it needs no more time.", FORM)
    word = arguments.words[1] if len(arguments.words) > 1 else str(most)
    if not word.isascii() or not word.isdecimal() or not 1 <= int(word) <= most:
        raise UsageError(f"`{word[:20]}` is no number of days from 1 to {most}.", FORM)
    record = broker.instances.extend(record.id, int(word), who.told)
    headline = f"`{record.name}` lives until {when(record.expires)}."
    return Reply(Document(Tone.HEALTHY, headline), "", namespace, "", told(record))
