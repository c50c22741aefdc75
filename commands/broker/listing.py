"""What a namespace has from the catalog: instances, their Secrets, whose, how old, until when."""

from collections.abc import Sequence
from datetime import datetime

from commands.base.ports import Services
from commands.base.request import Reply
from commands.broker.broker import Broker
from commands.broker.finishing import told, when
from commands.broker.records import Binding, Instance, State
from explainers.diagnosis.when import ago
from explainers.document import Button, Document, Evidence, Tone

MOST, OFFERED = 40, 5
WORDS = {
    State.READY: "ready",
    State.WORKING: "being made or removed",
    State.ASKED: "waits for approval",
    State.FAILED: "failed",
}


def of_namespace(services: Services, broker: Broker, namespace: str) -> Reply:
    """A line an instance, the troubled first, with buttons for them."""
    order = (State.FAILED, State.ASKED, State.WORKING, State.READY)
    mine = [one for one in broker.parts.ledger.instances() if one.namespace == namespace]
    mine.sort(key=lambda one: (order.index(one.state), one.name))
    bindings: dict[str, list[Binding]] = {}
    for binding in broker.parts.ledger.bindings():
        bindings.setdefault(binding.instance, []).append(binding)
    now = services.clock.now()
    rows = tuple(_row(one, bindings.get(one.id, []), now) for one in mine[:MOST])
    document = Document(
        Tone.INFO,
        _headline(mine, namespace),
        facts=() if mine else (f"`/catalog -n {namespace}` lists what there is",),
        evidence=rows,
        buttons=tuple(
            Button(f"Release {one.name}", "release", f"{one.name} -n {namespace}", "danger")
            for one in mine[:OFFERED]
            if one.name
        ),
    )
    data: dict[str, object] = {
        "namespace": namespace,
        "instances": [told(one) | {"secrets": _secrets(bindings.get(one.id, []))} for one in mine],
    }
    return Reply(document, namespace=namespace, data=data)


def _headline(mine: Sequence[Instance], namespace: str) -> str:
    if not mine:
        return f"`{namespace}` has nothing from the catalog."
    bad = sum(one.state is State.FAILED for one in mine)
    wrong = f", {bad} of them failed" if bad else ""
    return f"`{namespace}` has {len(mine)} thing{'s' if len(mine) != 1 else ''} from the catalog{wrong}."


def _row(record: Instance, bindings: Sequence[Binding], now: datetime) -> Evidence:
    failed = record.operation.told if record.state is State.FAILED and record.operation else ""
    parts = [
        f"`{record.title}` {record.version}",
        WORDS[record.state] + (f": {failed}" if failed else ""),
        *(f"Secret `{name}`" for name in _secrets(bindings)),
        f"asked for by {record.by}",
        *([f"until {when(record.expires)}"] if record.expires else []),
    ]
    return Evidence(record.name or record.id, " · ".join(parts), ago(now, datetime.fromisoformat(record.created)))


def _secrets(bindings: Sequence[Binding]) -> list[str]:
    return [one.secret for one in bindings if one.secret]
