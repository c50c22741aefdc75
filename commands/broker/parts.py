"""What the broker works with, put together once."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from commands.base.ports import Clock
from commands.broker.ports import Catalog, CredentialSource, Delivery, Ledger, Provisioner, Standings, Unseen
from commands.broker.records import Operation


class Audit(Protocol):
    """An append-only record of what was done for whom; holds no credential."""

    def note(self, by: str, what: str, about: str, result: str) -> None: ...


def always() -> bool:
    """The `worked` of a broker that does its work in its own process."""
    return True


def never() -> bool:
    """The `closed` of a broker that stays."""
    return False


@dataclass(frozen=True)
class Parts:
    """`name` tells brokers of one cluster apart; `enqueue` takes a job for the workers (see `job`), and `worked` says
    whether any of them lives. One that is `closed` takes nothing new: it is being retired."""

    name: str
    catalog: Catalog
    ledger: Ledger
    provisioner: Provisioner
    credentials: CredentialSource
    delivery: Delivery
    clock: Clock
    enqueue: Callable[[str], None]
    audit: Audit
    worked: Callable[[], bool] = always
    closed: Callable[[], bool] = never
    standings: Standings = field(default_factory=Unseen)

    @property
    def now(self) -> str:
        return self.clock.now().isoformat(timespec="seconds")


INSTANCE, BINDING = "instance", "binding"


def job(what: str, id: str, operation: Operation) -> str:
    """The work on one operation as the queue carries it: ids alone, nothing secret."""
    return json.dumps({"what": what, "id": id, "operation": operation.id})


def new_operation_id() -> str:
    return f"op-{secrets.token_hex(8)}"
