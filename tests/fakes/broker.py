"""A broker in memory with the port of bot/osb: what takes time takes it until a test says that it is over.

It keeps to the specification in earnest, so that tests of the API over it mean something: plans that are made at once
are, all others are asynchronous, and bindings are asynchronous where `slow_bindings` says so.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from itertools import count

from commands.broker.drawing import asked
from commands.broker.errors import (
    Absent,
    Busy,
    Clash,
    Gone,
    MaintenanceConflict,
    Malformed,
    NeedsAsync,
    Unsupported,
)
from commands.broker.ports import R
from commands.broker.records import Binding, Doing, Instance, Operation, Progress, State
from commands.broker.wishes import BindWish, Bound, Provisioned, ProvisionWish, UpdateWish
from explainers.catalog.model import Entry, Shelf

BEGAN = "2030-01-02T03:04:05+00:00"


class FakeBroker:
    """`calls` counts what reached the broker; `trouble`, when set, is raised by every method."""

    def __init__(self, shelf: Shelf, slow_bindings: bool = False) -> None:
        self._shelf = shelf
        self.slow_bindings = slow_bindings
        self.trouble: Exception | None = None
        self.instances: dict[str, Instance] = {}
        self.bindings: dict[str, Binding] = {}
        self.removed: set[str] = set()
        self._numbers = count(1)
        self._lock = threading.RLock()

    def stock(self, shelf: Shelf) -> None:
        """The catalog has changed."""
        self._shelf = shelf

    def everything(self) -> object:
        """All that it remembers, to see that nothing has changed."""
        return dict(self.instances), dict(self.bindings), set(self.removed)

    def finish(self, id: str) -> None:
        """The work on an instance or binding succeeds."""
        with self._lock:
            self._end(id, Progress.SUCCEEDED, "ready")

    def fail(self, id: str, why: str) -> None:
        with self._lock:
            self._end(id, Progress.FAILED, why)

    def shelf(self) -> Shelf:
        self._stumble()
        return self._shelf

    def provision(self, wish: ProvisionWish) -> Provisioned:
        self._stumble()
        with self._lock:
            found = self.instances.get(wish.id)
            if found:
                return Provisioned(self._same(found, wish), False)
            entry = self._entry(wish.service_id, wish.plan_id)
            if wish.maintenance is not None and wish.maintenance != entry.maintenance:
                raise MaintenanceConflict(f"The plan is at maintenance version {entry.maintenance or '(none)'}.")
            operation = self._begun(Doing.PROVISION, not entry.at_once, wish.incomplete)
            self.removed.discard(wish.id)
            self.instances[wish.id] = made = replace(
                asked(entry, wish),
                state=State.WORKING if operation.asynchronous else State.READY,
                operation=operation,
            )
            return Provisioned(made, True)

    def update(self, wish: UpdateWish) -> Instance:
        self._stumble()
        with self._lock:
            found = self._instance(wish.id)
            if wish.service_id not in (found.service_id, found.plan_id):
                raise Malformed(f"The instance is of the service `{found.service_id}`.")
            target = self._entry(found.service_id, wish.plan_id or found.plan_id)
            if wish.maintenance is not None and wish.maintenance != target.maintenance:
                raise MaintenanceConflict(f"The plan is at maintenance version {target.maintenance or '(none)'}.")
            parameters = found.hidden["asked"] if wish.parameters is None else wish.parameters
            running = _running(found)
            if running:
                raise Busy(f"The operation {running.doing.value} is under way.")
            if not target.at_once and target.plan_id != found.plan_id:
                raise Unsupported("This plan cannot be changed.")
            if (target.plan_id, parameters) == (found.plan_id, found.hidden["asked"]):
                return found
            operation = self._begun(Doing.UPDATE, not target.at_once, wish.incomplete)
            state = State.WORKING if operation.asynchronous else State.READY
            self.instances[wish.id] = changed = replace(
                found, plan_id=target.plan_id, hidden={"asked": parameters}, state=state, operation=operation
            )
            return changed

    def deprovision(self, id: str, service_id: str, plan_id: str, incomplete: bool, by: str = "") -> Instance | None:
        self._stumble()
        with self._lock:
            found = self.instances.get(id)
            if found is None:
                raise Gone(f"There is no instance `{id}`.")
            _same_plan(found, service_id, plan_id)
            running = _running(found)
            if running and running.doing is Doing.DEPROVISION:
                return found
            if running and running.doing is Doing.UPDATE:
                raise Busy("The instance is being updated.")
            if any(binding.instance == id for binding in self.bindings.values()):
                raise Malformed("The instance still has bindings.", "unbind them first")
            slow = not self._entry(found.service_id, found.plan_id).at_once
            operation = self._begun(Doing.DEPROVISION, slow, incomplete)
            if slow:
                self.instances[id] = found = replace(found, state=State.WORKING, operation=operation)
                return found
            del self.instances[id]
            return None

    def bind(self, wish: BindWish) -> Bound:
        self._stumble()
        with self._lock:
            instance = self.instances.get(wish.instance)
            if instance is None:
                raise Absent(f"There is no instance `{wish.instance}`.", "provision it first")
            _same_plan(instance, wish.service_id, wish.plan_id)
            if instance.state is not State.READY:
                raise Busy("The instance is not ready.")
            found = self.bindings.get(wish.id)
            if found:
                mine = (found.instance, found.app, found.resource, found.hidden["parameters"], found.predecessor)
                if mine != (wish.instance, wish.app, wish.resource, wish.parameters, wish.predecessor):
                    raise Clash(f"The id `{wish.id}` is that of another binding.")
                return self._bound(found, False)
            operation = self._begun(Doing.BIND, self.slow_bindings, wish.incomplete)
            self.removed.discard(wish.id)
            self.bindings[wish.id] = made = Binding(
                wish.id,
                wish.instance,
                instance.service_id,
                instance.plan_id,
                instance.namespace,
                app=wish.app,
                resource=wish.resource,
                predecessor=wish.predecessor,
                by=wish.by,
                state=State.WORKING if operation.asynchronous else State.READY,
                operation=operation,
                hidden={"parameters": wish.parameters},
            )
            return self._bound(made, True)

    def unbind(
        self, instance: str, id: str, service_id: str, plan_id: str, incomplete: bool, by: str = ""
    ) -> Binding | None:
        self._stumble()
        with self._lock:
            found = self.bindings.get(id)
            if found is None or found.instance != instance:
                raise Gone(f"There is no binding `{id}`.")
            _same_plan(found, service_id, plan_id)
            running = _running(found)
            if running and running.doing is Doing.UNBIND:
                return found
            operation = self._begun(Doing.UNBIND, self.slow_bindings, incomplete)
            if operation.asynchronous:
                self.bindings[id] = found = replace(found, state=State.WORKING, operation=operation)
                return found
            del self.bindings[id]
            return None

    def instance(self, id: str) -> Instance:
        self._stumble()
        found = self._instance(id)
        running = _running(found)
        if running and running.doing is Doing.UPDATE:
            raise Busy("The instance is being updated.")
        if found.state is not State.READY:
            raise Absent(f"There is no instance `{id}` yet.")
        return found

    def binding(self, instance: str, id: str) -> Bound:
        self._stumble()
        found = self.bindings.get(id)
        if found is None or found.instance != instance or found.state is not State.READY:
            raise Absent(f"There is no binding `{id}`.")
        return self._bound(found, False)

    def last_operation(self, id: str, operation: str = "", service_id: str = "", plan_id: str = "") -> Operation:
        self._stumble()
        return self._last(self.instances.get(id), id, operation)

    def last_binding_operation(
        self, instance: str, id: str, operation: str = "", service_id: str = "", plan_id: str = ""
    ) -> Operation:
        self._stumble()
        found = self.bindings.get(id)
        return self._last(found if found and found.instance == instance else None, id, operation)

    def _last(self, found: Instance | Binding | None, id: str, operation: str) -> Operation:
        if found is None:
            raise Gone(f"`{id}` was removed.") if id in self.removed else Absent(f"There is no `{id}`.")
        if found.operation is None or operation not in ("", found.operation.id):
            raise Malformed(f"`{operation}` is not the operation under way.")
        return found.operation

    def _stumble(self) -> None:
        if self.trouble:
            raise self.trouble

    def _instance(self, id: str) -> Instance:
        if id not in self.instances:
            raise Absent(f"There is no instance `{id}`.")
        return self.instances[id]

    def _entry(self, service_id: str, plan_id: str) -> Entry:
        entry = self._shelf.plan(plan_id)
        if entry is None or service_id not in (entry.service_id, entry.plan_id):
            raise Malformed(f"The catalog has no plan `{plan_id}` of a service `{service_id}`.")
        return entry

    def _same(self, found: Instance, wish: ProvisionWish) -> Instance:
        mine = (found.plan_id, found.organization, found.space, found.namespace, found.hidden["asked"])
        theirs = (wish.plan_id, wish.organization, wish.space, wish.namespace, wish.parameters)
        if wish.service_id not in (found.service_id, found.plan_id) or mine != theirs:
            raise Clash(f"The id `{wish.id}` is that of an instance with other attributes.")
        return found

    def _begun(self, doing: Doing, slow: bool, incomplete: bool) -> Operation:
        if slow and not incomplete:
            raise NeedsAsync("This takes longer than a request may.", "ask with accepts_incomplete=true")
        progress = Progress.RUNNING if slow else Progress.SUCCEEDED
        return Operation(f"op-{next(self._numbers)}", doing, BEGAN, progress, "begun", slow)

    def _bound(self, record: Binding, made: bool) -> Bound:
        ready = record.state is State.READY
        return Bound(record, made, {"host": "db", "port": "5432", "password": f"of {record.id}"} if ready else {})

    def _end(self, id: str, progress: Progress, told: str) -> None:
        _end(self.instances, id, progress, told, self.removed.add)
        _end(self.bindings, id, progress, told, self.removed.add)


def _end(records: dict[str, R], id: str, progress: Progress, told: str, forget: Callable[[str], None]) -> None:
    record = records.get(id)
    if record is None or record.operation is None:
        return
    if record.operation.doing in (Doing.DEPROVISION, Doing.UNBIND) and progress is Progress.SUCCEEDED:
        del records[id]
        forget(id)
        return
    state = State.READY if progress is Progress.SUCCEEDED else State.FAILED
    records[id] = replace(record, state=state, operation=record.operation.ended(progress, told))


def _running(record: Instance | Binding) -> Operation | None:
    operation = record.operation
    return operation if operation and operation.progress is Progress.RUNNING else None


def _same_plan(record: Instance | Binding, service_id: str, plan_id: str) -> None:
    if service_id not in (record.service_id, record.plan_id) or plan_id != record.plan_id:
        raise Malformed(f"It is of the service `{record.service_id}` and the plan `{record.plan_id}`.")
