"""Writing down how far an operation is, while it runs and others may want something else."""

from collections.abc import Callable
from dataclasses import replace
from typing import Generic

from commands.base.ports import Clock
from commands.broker.errors import Conflict
from commands.broker.ports import Ledger, R, Stopped
from commands.broker.records import Operation, Progress, State, Thing

TELL_SECONDS = 2


class Noter(Generic[R]):
    """Changes the record of one running operation; raises Stopped once another operation has taken its place.

    `read` reads records of this type from the ledger.
    """

    def __init__(self, ledger: Ledger, read: Callable[[str], R | None], clock: Clock, record: R) -> None:
        self._ledger = ledger
        self._read: Callable[[str], R | None] = read
        self._clock = clock
        self._told_at = clock.now()
        self.record: R = record

    def change(self, how: Callable[[R], R]) -> R:
        """Store what `how` makes of the record, anew over what others stored meanwhile."""
        while True:
            try:
                self.record = self._ledger.save(how(self.record))
            except Conflict:
                self.record = self._again()
            else:
                return self.record

    def thing(self, thing: Thing) -> None:
        """A thing exists now, with its uid: the port's Note."""
        self.change(lambda record: replace(record, things=_with(record.things, thing)))

    def tell(self, told: str) -> None:
        """How far it is, every two seconds at the most: the port's Tell. Also hears of a newer operation."""
        if (self._clock.now() - self._told_at).total_seconds() < TELL_SECONDS:
            return
        self._told_at = self._clock.now()
        self.change(lambda record: replace(record, operation=replace(_operation(record), told=told)))

    def end(self, state: State, progress: Progress, told: str) -> R:
        """The operation is over."""
        return self.change(
            lambda record: replace(record, state=state, operation=_operation(record).ended(progress, told))
        )

    def _again(self) -> R:
        found = self._read(self.record.id)
        if found is None or found.operation is None or found.operation.id != _operation(self.record).id:
            raise Stopped
        return found


def _operation(record: R) -> Operation:
    if record.operation is None:
        raise Stopped
    return record.operation


def _with(things: tuple[Thing, ...], thing: Thing) -> tuple[Thing, ...]:
    same = [(one.kind, one.namespace, one.name) for one in things]
    place = (thing.kind, thing.namespace, thing.name)
    if place not in same:
        return (*things, thing)
    return tuple(thing if here == place else one for here, one in zip(same, things, strict=True))
