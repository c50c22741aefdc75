"""The ledger against the cluster: what is missing, changed or unknown, and the repair of what is the broker's own.

The ledger is the truth about what should be. What it does not know is reported and removed only when that is asked for:
after an older ledger was restored, it may be somebody's data.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from commands.base.errors import Denied, NotFound, TesseraError
from commands.broker.bindings import credentials
from commands.broker.broker import Broker
from commands.broker.drawing import blueprint, order_of
from commands.broker.owners import label_value
from commands.broker.records import Binding, Instance, State, Thing

RECONCILER = "reconcile"


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be. `what` is `missing`, `changed`, `unknown`, `stuck` or `unchecked`;
    `mended` says what was done about it, empty when nothing was."""

    about: str
    what: str
    detail: str
    mended: str = ""


class Own(Protocol):
    """What of this broker exists in the cluster, whatever the ledger says."""

    def listed(self) -> Sequence[tuple[Thing, str]]:
        """Every object with the broker's label, and the id of its instance."""

    def remove(self, thing: Thing) -> None:
        """Delete it, guarded by its uid."""


def reconcile(broker: Broker, own: Own, repair: bool, remove_unknown: bool = False) -> list[Finding]:
    """Every difference; with `repair` each that can be mended is."""
    found: list[Finding] = []
    records = [broker.instances.there(one.id) for one in broker.parts.ledger.instances()]
    for record in records:
        try:
            found += _instance(broker, record, repair)
        except TesseraError as error:
            found.append(Finding(_named(record), "unchecked", f"{error.message} {error.hint}".strip()))
    known = {(thing.kind, thing.namespace, thing.name) for one in records for thing in one.things}
    bindings = [broker.bindings.there(one.id) for one in broker.parts.ledger.bindings()]
    known |= {("Secret", one.namespace, one.secret) for one in bindings if one.secret}
    ids = {label_value(one.id) for one in records}
    for thing, instance in own.listed():
        if (thing.kind, thing.namespace, thing.name) in known and instance in ids:
            continue
        if remove_unknown:
            own.remove(thing)
        detail = f"it carries the label of the instance {instance or '(none)'}, which the ledger does not know"
        found.append(Finding(str(thing), "unknown", detail, "removed" if remove_unknown else ""))
    return found


def _instance(broker: Broker, record: Instance, repair: bool) -> list[Finding]:
    if record.state in (State.WORKING, State.ASKED):
        return []
    if record.state is State.FAILED:
        told = record.operation.told if record.operation else ""
        return [Finding(_named(record), "stuck", told)]
    order = order_of(broker.parts, record)
    drifts = broker.parts.provisioner.look(record.things, blueprint(record), order)
    mended = "made again" if repair and drifts else ""
    if mended:
        broker.instances.mend(record)
    found = [Finding(str(drift.thing), drift.what, f"of {_named(record)}", mended) for drift in drifts]
    for one in broker.parts.ledger.bindings(record.id):
        found += _binding(broker, record, broker.bindings.there(one.id), repair)
    return found


def _binding(broker: Broker, record: Instance, binding: Binding, repair: bool) -> list[Finding]:
    if binding.state is State.FAILED:
        told = binding.operation.told if binding.operation else ""
        return [Finding(f"binding {binding.id}", "stuck", told)]
    if binding.state is not State.READY or not binding.secret:
        return []
    uid = next((thing.uid for thing in binding.things), "")
    what = broker.parts.delivery.differs(binding.namespace, binding.secret, uid, credentials(binding))
    if not what:
        return []
    mended, detail = "", f"of {_named(record)}"
    if repair:
        try:
            broker.bindings.redeliver(binding, record)
            mended = "written again"
        except NotFound:  # so is whoever used it: nothing of the credentials may live on
            broker.unbind(record.id, binding.id, record.service_id, record.plan_id, incomplete=True, by=RECONCILER)
            mended = "taken back, since its namespace is gone"
        except Denied as error:
            detail = error.message
    return [Finding(f"Secret {binding.namespace}/{binding.secret}", what, detail, mended)]


def _named(record: Instance) -> str:
    return f"instance {record.name or record.id} ({record.title}) of {record.namespace}"
