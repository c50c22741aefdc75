"""A broker over plain data that can be killed at any of its calls, started again, and looked at."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.broker.drawing import Drawing
from bot.broker.ledger import RedisLedger
from bot.secrets.keys import OwnKeys
from bot.state.connect import connect_redis
from commands.broker.broker import Broker
from commands.broker.parts import Parts
from commands.broker.ports import Issued, Ledger, Order, R
from commands.broker.records import Binding, Instance
from commands.broker.wishes import BindWish, ProvisionWish
from explainers.catalog.model import Shelf
from explainers.catalog.reading import read_shelf
from tests.fakes.delivery import FakeDelivery
from tests.fakes.provisioner import FakeProvisioner

Json = dict[str, Any]
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Killer:
    """Kills at the call whose turn it is: `at` counts twice for each call, right before and right after it."""

    at: int = 0
    seen: int = 0

    def reach(self, what: Callable[[], Any]) -> Any:
        self._count()
        result = what()
        self._count()
        return result

    def _count(self) -> None:
        self.seen += 1
        if self.seen == self.at:
            raise Killed


class Clock:
    """A clock that only moves when it is told to."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time

    def wait(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class FragileLedger:
    """A ledger each of whose writes is a call that may be the last."""

    def __init__(self, ledger: Ledger, killer: Killer) -> None:
        self._ledger = ledger
        self._killer = killer

    def instance(self, id: str) -> Instance | None:
        return self._ledger.instance(id)

    def binding(self, id: str) -> Binding | None:
        return self._ledger.binding(id)

    def instances(self) -> Sequence[Instance]:
        return self._ledger.instances()

    def bindings(self, instance: str = "") -> Sequence[Binding]:
        return self._ledger.bindings(instance)

    def save(self, record: R) -> R:
        saved: R = self._killer.reach(lambda: self._ledger.save(record))
        return saved

    def remove(self, record: Instance | Binding) -> None:
        self._killer.reach(lambda: self._ledger.remove(record))

    def gone(self, id: str) -> bool:
        return self._ledger.gone(id)


@dataclass
class Lender:
    """A CredentialSource that lends: each lease is open until it is revoked."""

    killer: Killer
    open: dict[str, str] = field(default_factory=dict)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def issue(self, order: Order, binding: str) -> Issued:
        if order.credentials:
            return Issued(dict(order.credentials))
        lease = f"lease-{binding}"

        def lend() -> Issued:
            password = self.open.setdefault(lease, f"canary-{next(self._numbers)}")
            return Issued({"username": "app", "password": password}, lease)

        issued: Issued = self.killer.reach(lend)
        return issued

    def revoke(self, order: Order, lease: str) -> None:
        self.killer.reach(lambda: self.open.pop(lease, None))


@dataclass
class Audited:
    """An audit that can be read."""

    lines: list[tuple[str, str, str, str]] = field(default_factory=list)

    def note(self, by: str, what: str, about: str, result: str) -> None:
        self.lines.append((by, what, about, result))


def entry(name: str = "db", **more: Any) -> Json:
    """A catalog entry as a ConfigMap; `more` replaces or adds keys."""
    raw: Json = {
        "team": "api",
        "offering": name,
        "description": "A database",
        "uuid": f"uuid-{name}",
        "version": "1",
        "whitelist": ["shop"],
        "provisionkind": "ProvisionNonClusterURL",
        "provisiondata": {"url": "https://db.example.com:5432"},
        "credentialkind": "CredentialFromVault",
        "credentialdata": {"vaulturl": "https://vault.example.com", "vaultauth": "app", "vaultpath": "db/creds/app"},
    }
    return configmap(f"entry-{name}", {**raw, **more}, {"mesitis/kind": "catalog-entry"})


def objects_entry(name: str = "pg", **more: Any) -> Json:
    """An entry for which objects are made, with a password of its own."""
    made = {
        "provisionkind": "ProvisionNewClusterObjects",
        "provisiondata": {"namespace": "api-team", "name": "{{ instance.name }}", "labelselector": f"offering={name}"},
        "credentialkind": "CredentialGenerated",
        "credentialdata": {"username": "app"},
    }
    return entry(name, **{**made, **more})


def configmap(name: str, raw: Json, labels: Mapping[str, str]) -> Json:
    import json

    return {
        "metadata": {"name": name, "namespace": "api-team", "labels": {"mesitis/enabled": "true", **labels}},
        "data": {"wrapped-resource": json.dumps(raw)},
    }


def objects(offering: str = "pg") -> list[Json]:
    """A Secret, a Deployment and a Service for each instance."""
    name = "{{ instance.name }}"
    secret = {"apiVersion": "v1", "kind": "Secret", "stringData": {"password": "{{ credentials.password }}"}}
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"replicas": 1}}
    service = {"apiVersion": "v1", "kind": "Service", "spec": {"ports": [{"port": 5432}]}}
    return [
        configmap(
            f"object-{number}",
            {**one, "metadata": {"name": name}},
            {"offering": offering, "mesitis/order": str(number)},
        )
        for number, one in enumerate((secret, deployment, service), start=1)
    ]


class Shelved:
    """A Catalog of these ConfigMaps."""

    def __init__(self, configmaps: Sequence[Json]) -> None:
        self.configmaps = list(configmaps)

    def shelf(self) -> Shelf:
        return read_shelf(self.configmaps)


class Bench:
    """A broker and its world. `restart` forgets what only the process knew."""

    def __init__(self, *configmaps: Json) -> None:
        self.killer, self.clock, self.audit = Killer(), Clock(), Audited()
        self.catalog = Shelved(configmaps or (entry(), objects_entry(), *objects()))
        self.redis: Any = connect_redis()
        self.ledger = RedisLedger(self.redis, "bench", OwnKeys())
        self.provisioner = FakeProvisioner(Drawing("api-team"), reach=self._reach)
        self.delivery = FakeDelivery(reach=self._reach)
        self.lender = Lender(self.killer)
        self.jobs: list[str] = []
        self.broker = self._broker()

    def restart(self) -> None:
        self.killer.at = 0
        self.jobs.clear()
        self.broker = self._broker()
        self.broker.resume(lambda _: False)

    def drain(self) -> None:
        """Work on the queue until it is empty."""
        while self.jobs:
            self.broker.work(self.jobs.pop(0))

    def kill_at(self, point: int) -> None:
        self.killer.at, self.killer.seen = point, 0

    def wish(self, offering: str = "pg", id: str = "i-1", **more: Any) -> ProvisionWish:
        service, plan = self.ids(offering)
        usual: Json = {"organization": "o", "space": "s", "namespace": "shop", "incomplete": True, "by": "ana"}
        return ProvisionWish(id, service, plan, **{**usual, **more})

    def bind_wish(self, offering: str = "pg", id: str = "b-1", **more: Any) -> BindWish:
        service, plan = self.ids(offering)
        return BindWish("i-1", id, service, plan, **{"secret": "pg", "by": "ana", **more})

    def ids(self, offering: str) -> tuple[str, str]:
        found = self.catalog.shelf().service("api", offering)[0]
        return found.service_id, found.plan_id

    def provisioned(self, offering: str = "pg") -> None:
        self.broker.provision(self.wish(offering))
        self.drain()

    def bound(self, offering: str = "pg") -> None:
        self.provisioned(offering)
        self.broker.bind(self.bind_wish(offering))

    def _reach(self, what: Callable[[], Any]) -> Any:
        return self.killer.reach(what)

    def _broker(self) -> Broker:
        return Broker(
            Parts(
                "api-team",
                self.catalog,
                FragileLedger(self.ledger, self.killer),
                self.provisioner,
                self.lender,
                self.delivery,
                self.clock,
                self.jobs.append,
                self.audit,
            )
        )


def same_listing(bench: Bench) -> None:
    """What exists is what the ledger says, each once: objects, Secrets, leases."""
    things = {(t.kind, t.namespace, t.name): t.uid for one in bench.ledger.instances() for t in one.things}
    assert {place: made.uid for place, made in bench.provisioner.world.items()} == things
    bindings = [bench.ledger.binding(one.id) for one in bench.ledger.bindings()]
    assert set(bench.delivery.secrets) == {(one.namespace, one.secret) for one in bindings if one and one.secret}
    assert set(bench.lender.open) == {one.hidden["lease"] for one in bindings if one and one.hidden.get("lease")}
