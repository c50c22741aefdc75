"""`/tessera approve`: the owning team agrees to a request."""

from commands.base.errors import UsageError
from commands.base.parse import parse
from commands.base.ports import Services
from commands.base.registry import Group, command
from commands.base.request import Reply, Request
from commands.broker.desk import asker, find_instance, need_ledger, need_workers, place
from commands.broker.finishing import finish
from commands.broker.instances import may_decide
from commands.broker.offered import held_entry
from commands.broker.records import State

FORM = "/tessera approve NAME [-n NAMESPACE]"


@command("approve", "NAME [-n NAMESPACE]", "/tessera approve postgres -n shop", long=True, group=Group.CATALOG)
def approve(request: Request, services: Services) -> Reply:
    """Agree to a request for something that your team offers; it is made then.

    The first answer counts. Who may decide is said by the entry's `owners`.
    """
    arguments = parse(request.text, FORM)
    if len(arguments.words) != 1:
        raise UsageError("Which request?", FORM)
    broker, who = need_ledger(services), asker(request, services)
    record = find_instance(broker, arguments.words[0], place(request, services, arguments))
    may_decide(held_entry(record), who.user, who.groups)
    if record.state is State.ASKED:
        need_workers(broker)
        record = broker.instances.approve(record.id, who.told)
    elif not broker.instances.approved_by(record, who.told):  # by an earlier run of this very job, perhaps
        broker.instances.approve(record.id, who.told)
    return finish(services, broker, record, who)
