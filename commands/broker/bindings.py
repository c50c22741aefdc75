"""Service bindings: credentials of an instance for one consumer, delivered, renewed, and taken back.

The intent is written first, then credentials are issued, then the Secret is written, each noted as it is done: a crash
leaves nothing that the record does not know, and `work` goes on from there.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from commands.base.errors import TesseraError, Unavailable
from commands.broker.drawing import order_of
from commands.broker.errors import Absent, Busy, Clash, Conflict, Gone, Malformed
from commands.broker.instances import Instances
from commands.broker.noting import Noter
from commands.broker.offered import held_entry, wanted
from commands.broker.owners import owner
from commands.broker.parts import BINDING, Parts, job, new_operation_id
from commands.broker.ports import Stopped
from commands.broker.records import Binding, Doing, Instance, Json, Operation, Progress, State, Thing
from commands.broker.wishes import BindWish, Bound
from explainers.catalog.secret import ClashingKeys, merged

GRACE = timedelta(hours=1)
"""How long the credentials of a predecessor stay good after a rotation."""


class Bindings:
    """The life of bindings. Raises the errors of commands/broker/errors.py; Unavailable where the store is away."""

    def __init__(self, parts: Parts, instances: Instances) -> None:
        self._parts = parts
        self._instances = instances

    def bind(self, wish: BindWish) -> Bound:
        """Let a consumer have credentials. They are there when this returns."""
        instance = self._bindable(wish)
        found = self._parts.ledger.binding(wish.id)
        if found:
            return self._repeated(found, wish)
        self._may(instance, wish)
        if wish.predecessor:
            self._rotatable(instance, wish.predecessor)
        operation = Operation(new_operation_id(), Doing.BIND, self._parts.now, told="begun")
        record = Binding(
            wish.id,
            wish.instance,
            instance.service_id,
            instance.plan_id,
            instance.namespace,
            wish.secret,
            wish.app,
            wish.resource,
            wish.predecessor,
            by=wish.by,
            user=wish.user,
            operation=operation,
            created=self._parts.now,
            hidden={"parameters": wish.parameters},
        )
        try:
            record = self._parts.ledger.save(record)
        except Conflict:  # the same wish, twice at once
            return self.bind(wish)
        self._parts.audit.note(wish.by, "bind", _about(record), "begun")
        return self._now(record)

    def unbind(self, instance: str, id: str, service_id: str, plan_id: str, by: str = "") -> None:
        """Take credentials back: the Secret goes, what can be revoked is revoked. Raises Gone, Malformed, TesseraError
        where something could not be taken back: the record stays, so that it can be tried again."""
        record = self._parts.ledger.binding(id)
        if record is None or record.instance != instance:
            raise Gone(f"There is no binding `{id}` of the instance `{instance}`.")
        if service_id not in (record.service_id, record.plan_id) or plan_id != record.plan_id:
            raise Malformed(
                f"The binding is of the service `{record.service_id}` and the plan `{record.plan_id}`.",
                "give these as service_id and plan_id",
            )
        operation = Operation(new_operation_id(), Doing.UNBIND, self._parts.now, told="removing")
        record = self._saved(replace(record, state=State.WORKING, operation=operation))
        self._parts.audit.note(by or record.by, "unbind", _about(record), "begun")
        self.work(id, operation.id)
        left = self._parts.ledger.binding(id)
        if left and left.operation and left.state is State.FAILED:
            raise TesseraError(f"The binding could not be taken back: {left.operation.told}")

    def rotate(self, id: str, successor: str, by: str) -> Bound:
        """Newer credentials under the same Secret; those of the predecessor stay good for the time of grace.

        `successor` is the id of the new binding. Raises Gone, Malformed for credentials of which there is only one.
        """
        old = self.there(id)
        wish = BindWish(
            old.instance,
            successor,
            old.service_id,
            old.plan_id,
            old.app,
            old.resource,
            old.hidden["parameters"],
            predecessor=id,
            by=by,
            secret=old.secret,
            user=old.user,
        )
        bound = self.bind(wish)
        self._parts.audit.note(by, "rotate", _about(bound.binding), f"takes over from {id}")
        return bound

    def abandon(self, id: str, by: str) -> None:
        """Forget a binding that cannot be taken back; the audit keeps what is left. Raises Gone, Conflict."""
        record = self.there(id)
        left = f"Secret {record.namespace}/{record.secret}" if record.secret else "nothing in the cluster"
        lease = ", and its credentials may be good still" if record.hidden.get("lease") else ""
        self._parts.audit.note(by, "abandon", _about(record), f"left: {left}{lease}")
        self._parts.ledger.remove(record)

    def there(self, id: str, instance: str = "") -> Binding:
        """The binding. Raises Gone."""
        record = self._parts.ledger.binding(id)
        if record is None or (instance and record.instance != instance):
            raise Gone(f"There is no binding `{id}`.")
        return record

    def read(self, instance: str, id: str) -> Bound:
        """A binding with its credentials. Raises Absent, also while it is not there yet."""
        record = self._parts.ledger.binding(id)
        if record is None or record.instance != instance or record.state is not State.READY:
            raise Absent(f"There is no binding `{id}` of the instance `{instance}`.")
        return Bound(record, False, credentials(record))

    def work(self, id: str, operation: str) -> None:
        """Do the work of an operation, from its beginning or from where a crash left it. Raises Unavailable when it may
        be tried again; every other failure is noted in the record."""
        record = self._parts.ledger.binding(id)
        if record is None or record.operation is None or record.operation.id != operation or not _running(record):
            return
        note = Noter(self._parts.ledger, self._parts.ledger.binding, self._parts.clock, record)
        try:
            if record.operation.doing is Doing.UNBIND:
                self._take_back(note)
            else:
                self._give(note)
        except Stopped:
            return

    def failed(self, id: str, operation: str, why: str) -> None:
        """Give an operation up: it was tried often enough."""
        record = self._parts.ledger.binding(id)
        if record and record.operation and record.operation.id == operation and _running(record):
            note = Noter(self._parts.ledger, self._parts.ledger.binding, self._parts.clock, record)
            note.end(State.FAILED, Progress.FAILED, why)

    def begin(self, record: Binding, doing: Doing, told: str) -> Binding:
        """Let a worker do something with a binding, such as ending one whose time of grace is over."""
        operation = Operation(new_operation_id(), doing, self._parts.now, told=told, asynchronous=True)
        record = self._saved(replace(self.there(record.id), state=State.WORKING, operation=operation))
        self._parts.enqueue(job(BINDING, record.id, operation))
        return record

    def redeliver(self, record: Binding, instance: Instance) -> Binding:
        """Write the Secret of a ready binding again. Raises Denied, Clash, NotFound, Unavailable."""
        uid = self.deliver(record, instance)
        thing = Thing("Secret", "v1", record.namespace, record.secret, uid)
        self._parts.audit.note(record.by, "redeliver", _about(record), "written again")
        return self._saved(replace(record, things=(thing,)))

    def deliver(self, record: Binding, instance: Instance) -> str:
        """Write the Secret of a binding, or write it again; its uid. Raises Denied, Clash, Unavailable."""
        entry = held_entry(instance)
        return self._parts.delivery.put(
            record.namespace, record.secret, credentials(record), entry.type or "service", self._owner(instance)
        )

    def _owner(self, instance: Instance) -> Mapping[str, str]:
        """The labels that say whose a Secret is: of the instance, since a successor takes its predecessor's over."""
        return owner(self._parts.name, instance.id, instance.team)

    def _give(self, note: Noter[Binding]) -> None:
        try:
            instance = self._instances.there(note.record.instance)
            if "credentials" not in note.record.hidden:
                self._issue(note, instance)
            if note.record.secret:
                uid = self.deliver(note.record, instance)
                note.thing(Thing("Secret", "v1", note.record.namespace, note.record.secret, uid))
                self._relieve(note.record)
        except Unavailable:
            raise
        except TesseraError as error:
            note.end(State.FAILED, Progress.FAILED, f"{error.message} {error.hint}".strip())
            return
        note.end(State.READY, Progress.SUCCEEDED, "ready")

    def _issue(self, note: Noter[Binding], instance: Instance) -> None:
        order = order_of(self._parts, instance)
        issued = self._parts.credentials.issue(order, note.record.id)
        try:
            values = merged(order.entry, instance.coordinates, issued.values)
        except ClashingKeys as error:
            if issued.lease:
                self._parts.credentials.revoke(order, issued.lease)
            raise Malformed(str(error), f"the team {instance.team} has to mend its entry") from error
        held: Json = {"lease": issued.lease, "credentials": dict(values)}
        note.change(lambda record: replace(record, hidden={**held, **record.hidden}))
        if issued.lease and issued.lease != note.record.hidden["lease"]:  # the same wish at once: one of them is kept
            self._parts.credentials.revoke(order, issued.lease)

    def _relieve(self, record: Binding) -> None:
        """The predecessor has no Secret any more, and ends with the time of grace."""
        old = self._parts.ledger.binding(record.predecessor) if record.predecessor else None
        if old and old.secret:
            until = (self._parts.clock.now() + GRACE).isoformat(timespec="seconds")
            self._saved(old.relieved(until))

    def _holder(self, record: Binding) -> Binding | None:
        """The predecessor, if it still has the Secret that the record was to take over."""
        old = self._parts.ledger.binding(record.predecessor) if record.predecessor else None
        return old if old and old.secret and old.secret == record.secret else None

    def _take_back(self, note: Noter[Binding]) -> None:
        record = note.record
        instance = self._instances.there(record.instance)
        try:
            holder = self._holder(record)
            if holder:  # the rotation did not come to its end: the Secret is the predecessor's as before
                self.deliver(holder, instance)
            elif record.secret:
                uid = next((thing.uid for thing in record.things), "")
                self._parts.delivery.take_back(record.namespace, record.secret, uid, self._owner(instance))
            if record.hidden.get("lease"):
                self._parts.credentials.revoke(order_of(self._parts, instance), record.hidden["lease"])
        except Unavailable:
            raise
        except TesseraError as error:
            note.end(State.FAILED, Progress.FAILED, f"{error.message} {error.hint}".strip())
            return
        while True:
            try:
                self._parts.ledger.remove(note.record)
            except Conflict:
                note.change(lambda found: found)
            else:
                break
        self._parts.audit.note(record.by, "unbind", _about(record), "removed")

    def _now(self, record: Binding) -> Bound:
        """Do a binding's work inside the request; one that fails leaves nothing behind."""
        if record.operation:
            try:
                self.work(record.id, record.operation.id)
            except Unavailable as error:
                self._undo(record.id)
                raise Unavailable(error.message, error.hint) from error
        done = self._parts.ledger.binding(record.id)
        if done is None:
            raise Malformed("The binding was taken back while it was made.")
        if done.state is State.FAILED:
            why = done.operation.told if done.operation else "It could not be made."
            self._undo(record.id)
            raise Malformed(why)
        return Bound(done, True, credentials(done))

    def _undo(self, id: str) -> None:
        """Take back what a failed binding may have made; where that cannot be done now, a worker does it."""
        record = self._parts.ledger.binding(id)
        if record:
            self.begin(record, Doing.UNBIND, "undoing")

    def _bindable(self, wish: BindWish) -> Instance:
        record = self._parts.ledger.instance(wish.instance)
        if record is None:
            raise Malformed(f"There is no instance `{wish.instance}`.", "request one first")
        if wish.service_id not in (record.service_id, record.plan_id) or wish.plan_id != record.plan_id:
            raise Malformed(
                f"The instance is of the service `{record.service_id}` and the plan `{record.plan_id}`.",
                "give these as service_id and plan_id",
            )
        if record.state is not State.READY:
            told = record.operation.told if record.operation else ""
            raise Busy(f"The instance is not ready: {told or record.state.value}.", "bind once it is")
        return record

    def _may(self, instance: Instance, wish: BindWish) -> None:
        """The allow list counts at each binding, as it is now. Raises Malformed."""
        shelf = self._parts.catalog.shelf()
        wanted(shelf, instance.service_id, instance.plan_id, instance.namespace, wish.team, wish.user)

    def _rotatable(self, instance: Instance, predecessor: str) -> None:
        old = self._parts.ledger.binding(predecessor)
        if old is None or old.instance != instance.id or old.state is not State.READY:
            raise Malformed(f"The instance has no binding `{predecessor}` to take over from.")
        entry = held_entry(instance)
        if not entry.rotatable:
            raise Malformed(
                f"`{entry.title}` has one set of credentials for each instance, so they cannot be rotated alone.",
                "request a second instance, move to it, then release this one",
            )

    def _repeated(self, found: Binding, wish: BindWish) -> Bound:
        mine = (found.instance, found.app, found.resource, found.predecessor, found.hidden["parameters"])
        if mine != (wish.instance, wish.app, wish.resource, wish.predecessor, wish.parameters):
            raise Clash(f"The id `{wish.id}` is that of a binding with other attributes.", "choose a new id")
        operation = found.operation
        if operation and operation.doing is Doing.UNBIND:
            raise Busy("The binding is being removed.", "wait until it is gone, or choose a new id")
        if found.state is State.WORKING:
            return self._now(found)
        return Bound(found, False, credentials(found))

    def _saved(self, record: Binding) -> Binding:
        """Raises Busy when somebody else was first."""
        try:
            return self._parts.ledger.save(record)
        except Conflict:
            raise Busy("Somebody else has just changed this binding.", "look at it again") from None


def credentials(record: Binding) -> Mapping[str, str]:
    """What the binding's credentials are; empty until they are issued."""
    held: Mapping[str, str] = record.hidden.get("credentials", {})
    return held


def _running(record: Binding) -> bool:
    return record.operation is not None and record.operation.progress is Progress.RUNNING


def _about(record: Binding) -> str:
    secret = f", Secret {record.namespace}/{record.secret}" if record.secret else ""
    return f"binding {record.id} of instance {record.instance}{secret}"
