"""`/tessera rotate`: newer credentials in the same Secret."""

from commands.base.errors import NotFound, UsageError
from commands.base.parse import parse
from commands.base.ports import Services
from commands.base.registry import Group, command
from commands.base.request import Reply, Request
from commands.broker.desk import asker, find_instance, need_ledger, need_right, place
from commands.broker.finishing import id_for, told
from explainers.document import Document, Tone
from explainers.kinds import SECRET
from explainers.operations.byhand import Describe
from explainers.plan import Step, plan

FORM = "/tessera rotate NAME [-n NAMESPACE]"


@command("rotate", "NAME [-n NAMESPACE]", "/tessera rotate postgres -n shop", group=Group.CATALOG)
def rotate(request: Request, services: Services) -> Reply:
    """Put newer credentials into the Secret of something from the catalog; the older ones stay good for an hour.

    Pods that read the Secret as variables have to be restarted to see them.
    """
    arguments = parse(request.text, FORM)
    if len(arguments.words) != 1:
        raise UsageError("Whose credentials?", FORM)
    broker, who, namespace = need_ledger(services), asker(request, services), place(request, services, arguments)
    record = find_instance(broker, arguments.words[0], namespace)
    need_right(services, namespace, who)
    successor = id_for(f"rotation {request.id}")
    current = next((one for one in broker.parts.ledger.bindings(record.id) if one.secret), None)
    if current is None:
        raise NotFound(f"`{record.name}` has no Secret to renew.", FORM)
    if current.id != successor:  # else an earlier run of this job was here
        broker.bindings.rotate(current.id, successor, who.told)
    document = Document(
        Tone.HEALTHY,
        f"The Secret `{current.secret}` in `{namespace}` has new credentials.",
        facts=("the older ones stay good for an hour", "pods that have them as variables need `/restart` before that"),
        plan=plan(Step(Describe(SECRET, namespace, current.secret), "See the Secret's keys", "their names and sizes")),
    )
    return Reply(document, f"secret/{current.secret}", namespace, "", told(record) | {"rotated": True})
