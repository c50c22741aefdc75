"""From a request to a Secret that somebody can use: follow the making, bind, and say how to use it."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from commands.base.checklist import Checklist
from commands.base.ports import Services
from commands.base.request import Reply
from commands.broker.broker import Broker
from commands.broker.desk import Asker
from commands.broker.offered import held_entry
from commands.broker.records import Binding, Instance, State
from commands.broker.wishes import BindWish
from explainers.document import Button, Document, Evidence, Tone
from explainers.kinds import SECRET
from explainers.operations.byhand import Describe, EnvFromSecret, ReadSecretKey
from explainers.plan import Step, plan

LOOK_EVERY = 0.5
PATIENCE = timedelta(minutes=15)
MAKE, DELIVER = "make", "deliver"
_IDS = uuid.UUID("0b3c1f62-6c65-5d0e-8f0a-2f6d0f5f3d10")


@dataclass(frozen=True)
class Ready:
    """An instance with a binding."""

    instance: Instance
    binding: Binding


def id_for(key: str) -> str:
    """The id that belongs to a key: the same when a job is run again."""
    return str(uuid.uuid5(_IDS, key))


def follow(services: Services, broker: Broker, id: str, board: Checklist) -> Instance:
    """Watch an instance until its operation is over, or patience is."""
    began = services.clock.now()
    while True:
        record = broker.instances.there(id)
        if record.state is not State.WORKING or services.clock.now() - began > PATIENCE:
            return record
        if record.operation:
            board.detail(MAKE, record.operation.told)
        services.clock.wait(LOOK_EVERY)


def finish(services: Services, broker: Broker, record: Instance, who: Asker) -> Reply:
    """Wait until an instance is ready, write its Secret, and answer. May be repeated. Raises TesseraError."""
    board = Checklist(services, f"Making `{record.title}` for `{record.namespace}`", (MAKE, DELIVER))
    with board.stage(MAKE):
        record = follow(services, broker, record.id, board)
    if record.state is not State.READY:
        board.fail(MAKE)
        return _unready(record, board)
    board.detail(MAKE, f"at {_address(record)}")
    with board.stage(DELIVER, f"Secret `{record.name}` in `{record.namespace}`"):
        wish = BindWish(
            record.id,
            id_for(f"binding of {record.id}"),
            record.service_id,
            record.plan_id,
            by=who.told,
            secret=record.name,
        )
        bound = broker.bind(wish)
    return served(Ready(record, bound.binding), board, list(bound.credentials))


def served(ready: Ready, board: Checklist, keys: list[str]) -> Reply:
    """What somebody has now, and how to use it: the names of the keys, never a value."""
    record, secret, namespace = ready.instance, ready.binding.secret, ready.binding.namespace
    entry = held_entry(record)
    steps = plan(
        Step(Describe(SECRET, namespace, secret), "See which keys the Secret has", "their names and sizes, no value"),
        Step(
            EnvFromSecret(namespace, secret),
            "Give them to a workload as environment variables; its pods are replaced",
            "each pod has the keys as variables, in capitals: `uri` as `URI`",
        ),
        Step(
            ReadSecretKey(namespace, secret, _telling(keys)),
            "Read one value yourself",
            "the value, in your terminal only",
        ),
    )
    facts = (
        f"Secret `{secret}` in `{namespace}`: {', '.join(f'`{key}`' for key in keys)}",
        *([f"until {when(record.expires)}, unless you extend it"] if record.expires else []),
    )
    where = f"{secret} -n {namespace}"
    buttons = [Button("Release", "release", where, "danger")]
    if entry.rotatable:
        buttons.insert(0, Button("Rotate", "rotate", where))
    if record.expires:
        buttons.insert(0, Button("Extend", "extend", where))
    document = Document(
        Tone.HEALTHY,
        f"`{namespace}` has `{record.title}`: the Secret `{secret}` says how to reach it.",
        facts=facts,
        evidence=(
            Evidence("address", _address(record)),
            Evidence("plan", f"version {record.version}, offered by {record.team}"),
        ),
        plan=steps,
        buttons=tuple(buttons),
        stages=board.stages,
    )
    return Reply(document, f"secret/{secret}", namespace, "healthy", told(record) | {"secret": secret, "keys": keys})


def when(moment: str) -> str:
    """A time of a record as people say it."""
    return f"{moment[:16].replace('T', ' ')} UTC"


def ending(record: Instance) -> Document:
    """What somebody is told a day before the end of what they asked for."""
    where = f"{record.name} -n {record.namespace}"
    return Document(
        Tone.INFO,
        f"`{record.name}` ({record.title}) in `{record.namespace}` ends at {when(record.expires)}.",
        facts=("its Secret and all that was made for it are removed then, with all data in it",),
        buttons=(Button("Extend", "extend", where, "primary"), Button("Release", "release", where, "danger")),
    )


def asking(record: Instance) -> Document:
    """What somebody of the owning team is told when their yes is needed."""
    where = f"{record.name or record.id} -n {record.namespace}"
    return Document(
        Tone.INFO,
        f"{record.by or 'A platform'} asks for `{record.title}` {record.version} in `{record.namespace}`; you decide.",
        facts=("the first answer of your team counts; nothing is made before it",),
        evidence=(Evidence("called", record.name or record.id),),
        buttons=(Button("Approve", "approve", where, "primary"), Button("Reject", "reject", where, "danger")),
    )


def told(record: Instance) -> dict[str, object]:
    """An instance for `--output json`."""
    return {
        "instance": record.id,
        "name": record.name,
        "service": record.title,
        "version": record.version,
        "namespace": record.namespace,
        "state": record.state.value,
        "by": record.by,
        "created": record.created,
        "expires": record.expires,
    }


def _unready(record: Instance, board: Checklist) -> Reply:
    why = record.operation.told if record.operation else ""
    waits = record.state is State.WORKING
    how = "is still being made" if waits else "could not be made"
    next_step = "I go on with it; nothing is lost" if waits else "Release removes what was made; then request it anew"
    document = Document(
        Tone.UNKNOWN if waits else Tone.FAULT,
        f"`{record.title}` {how}: {why.rstrip('.')}.",
        facts=(next_step,),
        buttons=(Button("Release", "release", f"{record.name} -n {record.namespace}", "danger"),),
        stages=board.stages,
    )
    return Reply(document, "", record.namespace, "unknown" if waits else "fault", told(record))


def _address(record: Instance) -> str:
    return record.coordinates.get("uri") or record.coordinates.get("host") or "in the Secret"


def _telling(keys: list[str]) -> str:
    """The key that tells most when it is read: where the service is."""
    return next((key for key in ("uri", "URL", "host") if key in keys), keys[0] if keys else "uri")
