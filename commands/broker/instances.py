"""Service instances: what may be asked of them, and the work that then has to be done.

Every method that takes a wish checks first, writes the intent, and only then lets anything outside change. The work
(`work`) may be done again after a crash at any point.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from commands.base.errors import Denied, TesseraError, Unavailable
from commands.broker.drawing import blueprint, drawn, order_of
from commands.broker.errors import (
    Busy,
    Clash,
    Conflict,
    Gone,
    MaintenanceConflict,
    Malformed,
    NeedsAsync,
    Unsupported,
)
from commands.broker.noting import Noter
from commands.broker.offered import held_entry, wanted
from commands.broker.parts import INSTANCE, Parts, job, new_operation_id
from commands.broker.ports import Stopped
from commands.broker.records import Doing, Instance, Json, Operation, Progress, State
from commands.broker.wishes import Provisioned, ProvisionWish, UpdateWish
from explainers.catalog.model import Entry


class Instances:
    """The life of instances. Raises the errors of commands/broker/errors.py; Unavailable where the store is away."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def provision(self, wish: ProvisionWish) -> Provisioned:
        """Let an instance exist. What is made at once is there when this returns; else its operation is running."""
        found = self._parts.ledger.instance(wish.id)
        if found:
            return self._repeated(found, wish)
        if self._parts.closed():
            raise Unsupported("This broker is being retired, so it makes nothing new.", "ask the team that runs it")
        shelf = self._parts.catalog.shelf()
        entry = wanted(shelf, wish.service_id, wish.plan_id, wish.namespace, wish.team, wish.user)
        _current(wish.maintenance, entry)
        slow = entry.approval or not entry.at_once
        if slow and not wish.incomplete:
            raise NeedsAsync("This takes longer than a request may.", "ask with accepts_incomplete=true")
        record = drawn(self._parts, shelf, entry, wish, slow)
        try:
            record = self._parts.ledger.save(record)
        except Conflict:  # the same wish, twice at once
            return self.provision(wish)
        self._parts.audit.note(wish.by, "provision", _about(record), "asked" if entry.approval else "begun")
        if record.state is State.ASKED:
            return Provisioned(record, True)
        return Provisioned(self._begin(record), True)

    def update(self, wish: UpdateWish) -> Instance:
        """Change what can be changed without making anything anew: the plan and parameters of what is only pointed to.

        Raises Unsupported for what would have to be made anew.
        """
        record = self.there(wish.id, wish.service_id)
        if _running(record):
            raise Busy("Another operation on this instance is under way.", "poll it, then ask again")
        entry, plan = held_entry(record), wish.plan_id or record.plan_id
        parameters: Json = record.hidden["asked"] if wish.parameters is None else wish.parameters
        same = plan == record.plan_id and parameters == record.hidden["asked"]
        if same and wish.maintenance is None:
            return record
        shelf = self._parts.catalog.shelf()
        target = wanted(shelf, record.service_id, plan, record.namespace)
        _current(wish.maintenance, target)
        if same and target.maintenance == record.maintenance:
            return record
        if not (entry.at_once and target.at_once):
            raise Unsupported(
                "This instance consists of objects of its own, which would have to be made anew.",
                "request a second instance with the other plan or parameters, move to it, then release this one",
            )
        again = replace(_as_wish(record, plan, parameters), maintenance=target.maintenance or None)
        fresh = drawn(self._parts, shelf, target, again, slow=False)
        operation = replace(fresh.operation, doing=Doing.UPDATE) if fresh.operation else None
        changed = replace(
            fresh, operation=operation, created=record.created, expires=record.expires, revision=record.revision
        )
        self._parts.audit.note(wish.by, "update", _about(changed), "begun")
        return self._now(self._saved(changed), record)

    def deprovision(self, id: str, service_id: str, plan_id: str, incomplete: bool, by: str = "") -> Instance | None:
        """Let an instance end; None when it is gone already. One that is still being made is stopped.

        Raises Gone when there is none, Malformed when it still has bindings or is of another plan.
        """
        record = self._parts.ledger.instance(id)
        if record is None:
            raise Gone(f"There is no instance `{id}`.")
        _same_plan(record, service_id, plan_id)
        running = record.operation if _running(record) else None
        if running and running.doing is Doing.DEPROVISION and running.asynchronous:
            return record
        if running and running.doing is Doing.UPDATE:
            raise Busy("An update of this instance is under way.", "poll it, then ask again")
        bound = self._parts.ledger.bindings(id)
        if bound:
            names = ", ".join(one.id for one in bound[:3])
            raise Malformed(f"The instance still has {len(bound)} bindings: {names}.", "unbind them first")
        slow = bool(record.things)
        if slow and not incomplete:
            raise NeedsAsync("This takes longer than a request may.", "ask with accepts_incomplete=true")
        operation = Operation(
            new_operation_id(), Doing.DEPROVISION, self._parts.now, told="removing", asynchronous=slow
        )
        record = self._saved(replace(record, state=State.WORKING, operation=operation))
        self._parts.audit.note(by or record.by, "deprovision", _about(record), "begun")
        if slow:
            self._parts.enqueue(job(INSTANCE, id, operation))
            return record
        self.work(id, operation.id)
        return None

    def approve(self, id: str, by: str) -> Instance:
        """Somebody of the owning team agrees: the work begins. Raises Gone when the request does not wait any more."""
        record = self._waiting(id)
        record = self._saved(
            replace(record, state=State.WORKING, approved=by, operation=_as(record, told=f"approved by {by}"))
        )
        self._parts.audit.note(by, "approve", _about(record), "begun")
        return self._begin(record)

    def approved_by(self, record: Instance, by: str) -> bool:
        """Whether the one who asks is who agreed to it: a job that runs again."""
        return record.state in (State.WORKING, State.READY) and record.approved == by

    def reject(self, id: str, by: str, why: str) -> Instance:
        """Somebody of the owning team says no. The record stays as failed for platforms that poll."""
        record = self._waiting(id)
        told = f"rejected by {by}: {why}"
        operation = _as(record, told=told).ended(Progress.FAILED, told)
        self._parts.audit.note(by, "reject", _about(record), why)
        return self._saved(replace(record, state=State.FAILED, operation=operation))

    def extend(self, id: str, days: int, by: str) -> Instance:
        """Let an instance live that many days from now. Raises Gone."""
        record = self.there(id)
        until = self._parts.clock.now() + timedelta(days=days)
        record = self._saved(replace(record, expires=until.isoformat(timespec="seconds"), warned=False))
        self._parts.audit.note(by, "extend", _about(record), f"until {record.expires}")
        return record

    def warned(self, record: Instance) -> Instance:
        """Note that somebody was told of the end."""
        return self._saved(replace(self.there(record.id), warned=True))

    def announced(self, record: Instance) -> Instance:
        """Note that those who decide about it were told."""
        return self._saved(replace(self.there(record.id), announced=True))

    def abandon(self, id: str, by: str) -> Instance:
        """Forget an instance whose things cannot be removed; the audit keeps what is left. Raises Gone, Malformed."""
        record = self.there(id)
        if self._parts.ledger.bindings(id):
            raise Malformed("The instance still has bindings.", "unbind them first")
        left = ", ".join(str(thing) for thing in record.things) or "nothing"
        self._parts.audit.note(by, "abandon", _about(record), f"left: {left}")
        self._parts.ledger.remove(record)
        return record

    def there(self, id: str, service_id: str = "") -> Instance:
        """The instance. Raises Gone."""
        record = self._parts.ledger.instance(id)
        if record is None:
            raise Gone(f"There is no instance `{id}`.")
        if service_id and service_id not in (record.service_id, record.plan_id):
            raise Malformed(f"The instance is of another service than `{service_id}`.")
        return record

    def work(self, id: str, operation: str) -> None:
        """Do the work of an operation, from its beginning or from where a crash left it. Raises Unavailable when it may
        be tried again; every other failure is noted in the record."""
        record = self._parts.ledger.instance(id)
        if record is None or record.operation is None or record.operation.id != operation or not _running(record):
            return
        note = Noter(self._parts.ledger, self._parts.ledger.instance, self._parts.clock, record)
        try:
            if record.operation.doing is Doing.DEPROVISION:
                self._remove(note)
            else:
                self._make(note)
        except Stopped:
            return

    def failed(self, id: str, operation: str, why: str) -> None:
        """Give an operation up: it was tried often enough."""
        record = self._parts.ledger.instance(id)
        if record and record.operation and record.operation.id == operation and _running(record):
            self._end(Noter(self._parts.ledger, self._parts.ledger.instance, self._parts.clock, record), why)

    def mend(self, record: Instance) -> Instance:
        """Make again what is missing of a ready instance."""
        operation = Operation(new_operation_id(), Doing.PROVISION, self._parts.now, told="mending", asynchronous=True)
        return self._begin(self._saved(replace(record, state=State.WORKING, operation=operation)))

    def _make(self, note: Noter[Instance]) -> None:
        order = order_of(self._parts, note.record)
        try:
            where = self._parts.provisioner.make(order, blueprint(note.record), note.thing, note.tell)
        except Unavailable:
            raise
        except TesseraError as error:
            self._end(note, f"{error.message} {error.hint}".strip())
            return
        note.change(lambda record: replace(record, coordinates=dict(where)))
        note.end(State.READY, Progress.SUCCEEDED, "ready")
        self._parts.audit.note(note.record.by, "provision", _about(note.record), "ready")

    def _remove(self, note: Noter[Instance]) -> None:
        record = note.record
        if record.things:
            try:
                self._parts.provisioner.remove(record.things, order_of(self._parts, record), note.tell)
            except Unavailable:
                raise
            except TesseraError as error:
                self._end(note, f"{error.message} {error.hint}".strip())
                return
        while True:
            try:
                self._parts.ledger.remove(note.record)
            except Conflict:
                note.change(lambda record: record)
            else:
                break
        self._parts.audit.note(record.by, "deprovision", _about(record), "removed")

    def _end(self, note: Noter[Instance], why: str) -> None:
        note.end(State.FAILED, Progress.FAILED, why)
        doing = note.record.operation.doing.value if note.record.operation else ""
        self._parts.audit.note(note.record.by, doing, _about(note.record), f"failed: {why}")

    def _begin(self, record: Instance) -> Instance:
        """Start the operation of a record: now where nothing is made, by a worker else."""
        if record.operation and record.operation.asynchronous:
            self._parts.enqueue(job(INSTANCE, record.id, record.operation))
            return record
        return self._now(record)

    def _now(self, record: Instance, before: Instance | None = None) -> Instance:
        """Do the work of an operation inside the request. One that fails leaves what was there `before`, or nothing."""
        if record.operation is None:
            return record
        try:
            self.work(record.id, record.operation.id)
        except Unavailable:
            self._undo(record, before)
            raise
        done = self.there(record.id)
        if done.state is State.FAILED:
            self._undo(done, before)
            raise Malformed(done.operation.told if done.operation else "It could not be done.")
        return done

    def _undo(self, record: Instance, before: Instance | None) -> None:
        """Nothing was made, so nothing has to be remembered but what was there before."""
        found = self._parts.ledger.instance(record.id)
        if found is None or found.things:
            return
        if before:
            self._parts.ledger.save(replace(before, revision=found.revision))
        else:
            self._parts.ledger.remove(found)

    def _repeated(self, found: Instance, wish: ProvisionWish) -> Provisioned:
        """The same wish again, or an id that is taken."""
        if not _same(found, wish):
            raise Clash(f"The id `{wish.id}` is that of an instance with other attributes.", "choose a new id")
        operation = found.operation
        if operation and operation.doing is Doing.DEPROVISION:
            raise Busy("The instance is being removed.", "wait until it is gone, or choose a new id")
        if found.state is State.WORKING and operation and not operation.asynchronous:
            return Provisioned(self._now(found), True)
        return Provisioned(found, False)

    def _waiting(self, id: str) -> Instance:
        record = self.there(id)
        if record.state is not State.ASKED:
            told = record.operation.told if record.operation else ""
            raise Gone("This request does not wait any more.", told)
        return record

    def _saved(self, record: Instance) -> Instance:
        """Raises Busy when somebody else was first."""
        try:
            return self._parts.ledger.save(record)
        except Conflict:
            raise Busy("Somebody else has just changed this instance.", "look at it again") from None


def expired(record: Instance, now: datetime, within: timedelta = timedelta()) -> bool:
    """Whether the time of an instance is over, or will be `within` that time."""
    return bool(record.expires) and datetime.fromisoformat(record.expires) <= now + within


def may_decide(entry: Entry, user: str, groups: tuple[str, ...]) -> None:
    """Raises Denied unless that person is of the owning team."""
    if not entry.owners.hold(user, groups):
        raise Denied(
            f"Only the team {entry.team} decides about `{entry.title}`.",
            f"the entry's `owners` name its people: users {', '.join(entry.owners.users) or '(none)'}, "
            f"groups {', '.join(entry.owners.groups) or '(none)'}",
        )


def _current(maintenance: str | None, entry: Entry) -> None:
    """Raises MaintenanceConflict where somebody believes a plan to be at another version than it is."""
    if maintenance is not None and maintenance != entry.maintenance:
        raise MaintenanceConflict(
            f"The plan is at maintenance version {entry.maintenance or '(none)'}, not {maintenance}.",
            "read the catalog again",
        )


def _same(found: Instance, wish: ProvisionWish) -> bool:
    """Whether a wish has the attributes of an instance (specification, "Provisioning": 200 and 409)."""
    service = wish.service_id in (found.service_id, found.plan_id)
    mine = (found.plan_id, found.organization, found.space, found.namespace, found.hidden["asked"])
    return service and mine == (wish.plan_id, wish.organization, wish.space, wish.namespace, wish.parameters)


def _same_plan(record: Instance, service_id: str, plan_id: str) -> None:
    if service_id not in (record.service_id, record.plan_id) or plan_id != record.plan_id:
        raise Malformed(
            f"The instance is of the service `{record.service_id}` and the plan `{record.plan_id}`.",
            "give these as service_id and plan_id",
        )


def _running(record: Instance) -> bool:
    return record.operation is not None and record.operation.progress is Progress.RUNNING


def _as(record: Instance, told: str) -> Operation:
    if record.operation is None:
        raise Gone("Nothing is under way.")
    return replace(record.operation, told=told)


def _as_wish(record: Instance, plan_id: str, parameters: Json) -> ProvisionWish:
    return ProvisionWish(
        record.id,
        record.service_id,
        plan_id,
        record.organization,
        record.space,
        record.namespace,
        record.name,
        parameters,
        platform=record.platform,
        by=record.by,
        user=record.user,
    )


def _about(record: Instance) -> str:
    return f"instance {record.id} of {record.team}/{record.offering} {record.version} for {record.namespace}"
