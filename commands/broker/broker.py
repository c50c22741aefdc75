"""The broker as its surfaces see it: the catalog, instances, bindings, their operations, and the work of the queue."""

import json
from collections.abc import Callable

from commands.base.errors import Unavailable
from commands.broker.bindings import Bindings
from commands.broker.errors import Absent, Busy, Gone, Malformed
from commands.broker.instances import Instances
from commands.broker.parts import BINDING, INSTANCE, Parts, job
from commands.broker.records import Binding, Doing, Instance, Operation, Progress, State
from commands.broker.wishes import BindWish, Bound, Provisioned, ProvisionWish, UpdateWish
from explainers.catalog.model import Shelf

GIVEN_UP = "It was tried several times without success."


class Broker:
    """One team's broker. Raises the errors of commands/broker/errors.py, Unavailable when a part does not answer."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.instances = Instances(parts)
        self.bindings = Bindings(parts, self.instances)

    def shelf(self) -> Shelf:
        return self.parts.catalog.shelf()

    def provision(self, wish: ProvisionWish) -> Provisioned:
        return self.instances.provision(wish)

    def update(self, wish: UpdateWish) -> Instance:
        return self.instances.update(wish)

    def deprovision(self, id: str, service_id: str, plan_id: str, incomplete: bool, by: str = "") -> Instance | None:
        return self.instances.deprovision(id, service_id, plan_id, incomplete, by)

    def bind(self, wish: BindWish) -> Bound:
        return self.bindings.bind(wish)

    def unbind(self, instance: str, id: str, service_id: str, plan_id: str, incomplete: bool, by: str = "") -> None:
        self.bindings.unbind(instance, id, service_id, plan_id, by)

    def instance(self, id: str) -> Instance:
        """An instance that exists. Raises Absent for one that is not there (yet), Busy while it is updated."""
        record = self.parts.ledger.instance(id)
        if record is None or (record.state is not State.READY and _doing(record) is Doing.PROVISION):
            raise Absent(f"There is no instance `{id}`.")
        if record.state is State.WORKING:
            if _doing(record) is Doing.DEPROVISION:
                raise Absent(f"The instance `{id}` is being removed.")
            raise Busy("The instance is being updated.", "poll its last operation")
        return record

    def binding(self, instance: str, id: str) -> Bound:
        return self.bindings.read(instance, id)

    def last_operation(self, id: str, operation: str = "", service_id: str = "", plan_id: str = "") -> Operation:
        """How the newest operation on an instance goes. Raises Gone after a removal, Absent when there never was one,
        Malformed for another operation or plan."""
        return self._last(self.parts.ledger.instance(id), id, operation, service_id, plan_id)

    def last_binding_operation(
        self, instance: str, id: str, operation: str = "", service_id: str = "", plan_id: str = ""
    ) -> Operation:
        record = self.parts.ledger.binding(id)
        if record and record.instance != instance:
            record = None
        return self._last(record, id, operation, service_id, plan_id)

    def work(self, text: str) -> None:
        """One job of the queue. Raises Unavailable when it may be tried again."""
        asked = json.loads(text)
        (self.instances if asked["what"] == INSTANCE else self.bindings).work(asked["id"], asked["operation"])

    def failed(self, text: str, error: BaseException, final: bool) -> None:
        """A job failed; `final` when it is not tried again."""
        if not final:
            return
        asked = json.loads(text)
        why = f"{error.message} {error.hint}".strip() if isinstance(error, Unavailable) else GIVEN_UP
        (self.instances if asked["what"] == INSTANCE else self.bindings).failed(asked["id"], asked["operation"], why)

    def resume(self, busy: Callable[[str], bool]) -> int:
        """Put every operation that is under way on the queue again, unless `busy` says that its job is being worked on:
        what a crash or a lost queue left. How many."""
        found: list[tuple[str, Instance | Binding]] = [
            *((INSTANCE, one) for one in self.parts.ledger.instances()),
            *((BINDING, one) for one in self.parts.ledger.bindings()),
        ]
        resumed = 0
        for what, record in found:
            operation = record.operation
            if record.state is State.WORKING and operation and operation.progress is Progress.RUNNING:
                text = job(what, record.id, operation)
                if not busy(text):
                    self.parts.enqueue(text)
                    resumed += 1
        return resumed

    def _last(
        self, record: Instance | Binding | None, id: str, operation: str, service_id: str, plan_id: str
    ) -> Operation:
        if record is None:
            if self.parts.ledger.gone(id):
                raise Gone(f"`{id}` was removed.")
            raise Absent(f"There is no `{id}`.")
        if (service_id and service_id not in (record.service_id, record.plan_id)) or (
            plan_id and plan_id != record.plan_id
        ):
            raise Malformed(f"`{id}` is of the service `{record.service_id}` and the plan `{record.plan_id}`.")
        if record.operation is None or (operation and operation != record.operation.id):
            raise Malformed(f"`{operation}` is not the operation under way on `{id}`.", "ask without `operation`")
        return record.operation


def _doing(record: Instance) -> Doing | None:
    return record.operation.doing if record.operation else None
