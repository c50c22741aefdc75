"""`/request`: something from the catalog, as a Secret in one's own namespace."""

import re
from dataclasses import replace

from commands.base.errors import UsageError
from commands.base.parse import parse
from commands.base.ports import Services
from commands.base.registry import Group, command
from commands.base.request import Reply
from commands.base.request import Request as Asked
from commands.broker.broker import Broker
from commands.broker.desk import Asker, asker, find_plan, need_ledger, need_right, need_workers, place
from commands.broker.finishing import finish, id_for, told
from commands.broker.records import Instance, State
from commands.broker.wishes import ProvisionWish
from explainers.catalog.model import Entry
from explainers.catalog.parameters import BadParameters, form_fields, typed
from explainers.document import Button, Document, Evidence, Tone
from explainers.form import Field, FieldKind, Form

USAGE = "TEAM/OFFERING [VERSION] [-n NAMESPACE]"
FORM = f"/request {USAGE}, for example `/request api/postgres`"
NAME, VERSION, REASON = "secret-name", "plan-version", "reason"
TERMINAL = "terminal"
NAME_PATTERN = "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"
"""A Secret's name that also fits a label (RFC 1123)."""
NAME_HINT = "How you will call it, and the name of the Secret: small letters, digits, dashes."


def _asks(text: str) -> bool:
    return bool(text.split())


@command(
    "request",
    "TEAM/OFFERING [VERSION] [-n NAMESPACE]",
    "/request api/postgres",
    slash=True,
    long=True,
    asks=_asks,
    group=Group.CATALOG,
)
def request(asked: Asked, services: Services) -> Reply:
    """Ask for something from the catalog: a form, perhaps an approval, then a Secret in your namespace.

    The form is that of the plan. Where the owning team has to agree, its people get the card with Approve and Reject.
    What you get is a Secret with address and credentials; they are never shown in a chat.
    """
    arguments = parse(asked.text, FORM)
    if not 1 <= len(arguments.words) <= 2:
        raise UsageError("What should I request?", FORM)
    broker, who, namespace = need_ledger(services), asker(asked, services), place(asked, services, arguments)
    version = arguments.words[1] if len(arguments.words) > 1 else ""
    plans = find_plan(broker.shelf(), arguments.words[0], version, namespace, who)
    need_right(services, namespace, who)
    if asked.filled is None:
        return Reply(
            Document(Tone.INFO, f"What should `{plans[0].title}` be like?"), form=_form(plans, namespace, broker)
        )
    return _requested(asked, services, broker, plans, namespace, who)


def _requested(
    asked: Asked, services: Services, broker: Broker, plans: tuple[Entry, ...], namespace: str, who: Asker
) -> Reply:
    values = dict(asked.filled or {})
    name, version = values.pop(NAME, "").strip(), values.pop(VERSION, "") or plans[0].version
    reason = values.pop(REASON, "").strip()
    entry = next((one for one in plans if one.version == version), plans[0])
    problems = {} if re.fullmatch(NAME_PATTERN, name) else {NAME: NAME_HINT}
    mine, taken = id_for(asked.id), _called(broker, namespace, name)
    if taken and _broken_off(broker, taken, entry, who):
        mine = taken.id
    elif taken and taken.id != mine:
        problems = {NAME: f"`{namespace}` has a `{name}` already."}
    try:
        parameters = typed(entry.schema, values)
    except BadParameters as error:
        problems |= error.problems
    if problems:
        said = " ".join(problems.values())
        return Reply(
            Document(Tone.REFUSED, said), form=_form(plans, namespace, broker).again(asked.filled or {}, problems)
        )
    if not (entry.at_once or entry.approval):
        need_workers(broker)
    wish = ProvisionWish(
        mine,
        entry.service_id,
        entry.plan_id,
        namespace=namespace,
        name=name,
        parameters=parameters,
        incomplete=True,
        platform="chat" if who.team else TERMINAL,
        by=who.told,
        team=who.team,
        user=who.user if who.team else "",
    )
    record = broker.provision(wish).instance
    if record.state is State.ASKED:
        return _card(record, entry, reason)
    return finish(services, broker, record, who)


def _called(broker: Broker, namespace: str, name: str) -> Instance | None:
    found = (one for one in broker.parts.ledger.instances() if (one.namespace, one.name) == (namespace, name))
    return next(found, None)


def _broken_off(broker: Broker, taken: Instance, entry: Entry, who: Asker) -> bool:
    """Whether this very person asked for this very plan in a terminal and has no Secret of it yet: the terminal was
    closed meanwhile, or a team had to agree first. Then the same request goes on with it."""
    mine = taken.platform == TERMINAL and not who.team and taken.by == who.told and taken.plan_id == entry.plan_id
    return mine and taken.state is not State.FAILED and not broker.parts.ledger.bindings(taken.id)


def _card(record: Instance, entry: Entry, reason: str) -> Reply:
    """What the owning team's people decide about."""
    where = f"{record.name} -n {record.namespace}"
    parameters = [Evidence(key, str(value)) for key, value in sorted(record.hidden["parameters"].items())]
    people = ", ".join((*(f"@{user}" for user in entry.owners.users), *entry.owners.groups))
    later = ["once they agree, the same request gives you the Secret"] if record.platform == TERMINAL else []
    document = Document(
        Tone.INFO,
        f"{record.by} asks for `{record.title}` {record.version} in `{record.namespace}`; {entry.team} decides.",
        facts=(f"who may decide: {people}", *([f"reason: {reason}"] if reason else []), *later),
        evidence=(Evidence("called", record.name), *parameters),
        buttons=(
            Button("Approve", "approve", where, "primary"),
            Button("Reject", "reject", where, "danger"),
            Button("Withdraw", "withdraw", where),
        ),
    )
    return Reply(document, f"secret/{record.name}", record.namespace, "asked", told(record))


def _form(plans: tuple[Entry, ...], namespace: str, broker: Broker) -> Form:
    entry = plans[0]
    taken = {one.name for one in broker.parts.ledger.instances() if one.namespace == namespace}
    fields = [
        Field(NAME, "Name", hint=NAME_HINT, initial=_free(entry.offering, taken), longest=63, pattern=NAME_PATTERN)
    ]
    if len(plans) > 1:
        versions = tuple(one.version for one in plans)
        fields.append(Field(VERSION, "Version", FieldKind.SELECT, initial=versions[-1], options=versions))
    fields += form_fields(entry.schema)
    if any(one.approval for one in plans):
        fields.append(Field(REASON, "What for?", hint=f"The team {entry.team} reads it.", optional=True))
    text = f"{entry.description} You get a Secret in `{namespace}`."
    return Form(f"Request {entry.offering}"[:24], "Request", tuple(replace(one) for one in fields), text)


def _free(name: str, taken: set[str]) -> str:
    """A name that is not taken yet."""
    numbered = (f"{name}-{number}" for number in range(2, 1000))
    return name if name not in taken else next(one for one in numbered if one not in taken)
