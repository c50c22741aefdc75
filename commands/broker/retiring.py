"""A broker's end: everything that it made ends first, in the usual way; what does not go is named, or abandoned.

Nothing new is taken meanwhile. What is abandoned stays in the cluster, and the audit says what that was.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from commands.base.errors import TesseraError
from commands.broker.broker import Broker
from commands.broker.errors import Busy, Gone
from commands.broker.owners import label_value
from commands.broker.reconciling import Own
from commands.broker.records import Instance, State, Thing

LOOK_EVERY = 0.5
PATIENCE = timedelta(minutes=15)


@dataclass(frozen=True)
class Left:
    """Something that a broker still has: an instance, or a thing in the cluster that its ledger does not know. `why`
    says what keeps it, `abandoned` that it is not the broker's any more."""

    about: str
    why: str
    abandoned: bool = False


def living(broker: Broker, own: Own) -> list[Left]:
    """What would end with the broker: instances, the failed and the asked for included, and what nobody knows."""
    records = broker.parts.ledger.instances()
    return [Left(named(one), _consists(broker, one)) for one in records] + [
        Left(str(thing), "carries the broker's label, and its ledger does not know it")
        for thing in _unknown(broker, own)
    ]


def end(broker: Broker, own: Own, by: str, abandon: bool, tell: Callable[[str], None]) -> list[Left]:
    """End every instance with its bindings, then what is left in the cluster; what is left after that.

    With `abandon` what does not go is forgotten, each with a line in the audit.
    """
    left: list[Left] = []
    for record in broker.parts.ledger.instances():
        tell(f"ending {named(record)}")
        why = _ended(broker, record, by, tell)
        if why and abandon:
            _abandon(broker, record, by)
        if why:
            left.append(Left(named(record), why, abandon))
    for thing in _unknown(broker, own):
        try:
            own.remove(thing)
        except TesseraError as error:
            if abandon:
                broker.parts.audit.note(by, "abandon", str(thing), f"left: {thing}")
            left.append(Left(str(thing), error.message, abandon))
    return left


def named(record: Instance) -> str:
    return f"`{record.name or record.id}` ({record.title}) of `{record.namespace}`"


def _consists(broker: Broker, record: Instance) -> str:
    secrets = [f"Secret {one.namespace}/{one.secret}" for one in broker.parts.ledger.bindings(record.id) if one.secret]
    things = [*secrets, *map(str, record.things)]
    return f"{record.state.value}, asked for by {record.by or record.platform}" + (
        f": {', '.join(things)}" if things else ""
    )


def _ended(broker: Broker, record: Instance, by: str, tell: Callable[[str], None]) -> str:
    """Why an instance does not go; nothing when it is gone."""
    began, asked, told = broker.parts.clock.now(), False, ""
    while True:
        try:
            now = broker.instances.there(record.id)
            if asked and now.state is State.FAILED:
                return now.operation.told if now.operation else "it could not be removed"
            if not asked:
                for binding in broker.parts.ledger.bindings(record.id):
                    broker.unbind(record.id, binding.id, now.service_id, now.plan_id, incomplete=True, by=by)
                broker.deprovision(record.id, now.service_id, now.plan_id, incomplete=True, by=by)
                asked = True
        except Gone:
            return ""
        except Busy:  # an update is under way: it ends first
            now = record
        except TesseraError as error:
            return f"{error.message} {error.hint}".strip()
        if broker.parts.clock.now() - began > PATIENCE:
            return f"it is not gone yet: {now.operation.told if now.operation else now.state.value}"
        if now.operation and now.operation.told != told:
            tell(f"{named(record)}: {(told := now.operation.told)}")
        broker.parts.clock.wait(LOOK_EVERY)


def _abandon(broker: Broker, record: Instance, by: str) -> None:
    """Forget an instance and its bindings as they are now."""
    for binding in broker.parts.ledger.bindings(record.id):
        broker.bindings.abandon(binding.id, by)
    broker.instances.abandon(record.id, by)


def _unknown(broker: Broker, own: Own) -> Sequence[Thing]:
    """What carries the broker's label and is of no instance in the ledger."""
    ids = {label_value(one.id) for one in broker.parts.ledger.instances()}
    return [thing for thing, instance in own.listed() if instance not in ids]
