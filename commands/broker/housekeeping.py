"""What comes due by itself: an end that nears, an end, the time of grace after a rotation. Safe to run at any time."""

from collections.abc import Callable
from datetime import datetime, timedelta

from commands.base.errors import TesseraError
from commands.broker.broker import Broker
from commands.broker.instances import expired
from commands.broker.offered import held_entry
from commands.broker.records import Doing, Instance, State

WARNING = timedelta(days=1)
HOUSEKEEPER = "housekeeping"

Warn = Callable[[Instance], bool]
"""Tell whoever asked for an instance that it ends within a day; whether they could be told."""
Ask = Callable[[str, Instance], bool]
"""Ask somebody of the owning team, by Slack user id, to decide about a request; whether they could be asked."""


def nobody(_user: str, _record: Instance) -> bool:
    """The Ask of a broker without a chat."""
    return False


def tend(broker: Broker, warn: Warn, ask: Ask = nobody) -> list[str]:
    """Do what is due; in words what was done, and what could not be done now (it is tried the next time)."""
    said: list[str] = []
    now = broker.parts.clock.now()
    for binding in broker.parts.ledger.bindings():
        if binding.until and binding.state is State.READY and datetime.fromisoformat(binding.until) <= now:
            broker.bindings.begin(binding, Doing.UNBIND, "the time of grace is over")
            said.append(f"binding {binding.id}: its time of grace is over")
    for record in broker.parts.ledger.instances():
        try:
            if record.state is State.ASKED and not record.announced:
                said += _announce(broker, record, ask)
            elif record.state is State.READY:
                said += _end(broker, record, warn, now)
        except TesseraError as error:
            said.append(f"instance {record.id}: {error.message}")
    return said


def _announce(broker: Broker, record: Instance, ask: Ask) -> list[str]:
    """Ask the people of the owning team once; whoever asked for it and is one of them has the card already."""
    people = held_entry(broker.instances.there(record.id)).owners.users
    told = [user for user in people if user != record.user and ask(user, record)]
    if not told:
        return []
    broker.instances.announced(record)
    return [f"instance {record.id}: {', '.join(told)} asked to decide"]


def _end(broker: Broker, record: Instance, warn: Warn, now: datetime) -> list[str]:
    if expired(record, now):
        for binding in broker.parts.ledger.bindings(record.id):
            broker.unbind(record.id, binding.id, record.service_id, record.plan_id, incomplete=True, by=HOUSEKEEPER)
        broker.deprovision(record.id, record.service_id, record.plan_id, incomplete=True, by=HOUSEKEEPER)
        return [f"instance {record.id}: its time is over"]
    if not record.warned and expired(record, now, WARNING) and warn(record):
        broker.instances.warned(record)
        return [f"instance {record.id}: {record.by} is warned"]
    return []
