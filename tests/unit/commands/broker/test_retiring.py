"""The end of a broker: all that it made ends first, what does not go is named or abandoned, and nothing new comes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from bot.broker.retired import close, closed_key, forget
from commands.base.errors import Denied, Unavailable
from commands.broker.broker import Broker
from commands.broker.errors import Unsupported
from commands.broker.records import Thing
from commands.broker.retiring import end, living
from tests.unit.commands.broker.bench import Bench, Clock, entry, objects, objects_entry

STRAY = Thing("Deployment", "apps/v1", "api-team", "stray", "uid-9")


@dataclass
class Own:
    """What carries the broker's label; `held` does not go."""

    things: list[tuple[Thing, str]] = field(default_factory=list)
    held: bool = False

    def listed(self) -> Sequence[tuple[Thing, str]]:
        return list(self.things)

    def remove(self, thing: Thing) -> None:
        if self.held:
            raise Denied("The cluster did not delete it.")
        self.things = [one for one in self.things if one[0] != thing]


class Working(Clock):
    """Time in which the workers work; a job that fails is failed for good."""

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self._bench = bench

    def wait(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
        while self._bench.jobs:
            job = self._bench.jobs.pop(0)
            try:
                self._bench.broker.work(job)
            except Unavailable as error:
                self._bench.broker.failed(job, error, final=True)


def worked(bench: Bench) -> Broker:
    bench.broker = Broker(replace(bench.broker.parts, clock=Working(bench)))
    return bench.broker


@pytest.fixture
def bench() -> Bench:
    """An instance with a binding and a lease, one without, one that waits for approval."""
    asked = objects_entry("guarded", approval=True, owners={"groups": ["api-people"]})
    bench = Bench(entry(), objects_entry(), asked, *objects(), *objects("guarded"))
    bench.bound()
    bench.broker.provision(bench.wish("db", "i-2"))
    bench.broker.provision(bench.wish("guarded", "i-3"))
    return bench


def test_what_lives_is_named_with_what_it_consists_of(bench: Bench) -> None:
    found = living(bench.broker, Own([(STRAY, "i-older")]))
    assert [one.about for one in found] == [
        "`i-1` (api/pg) of `shop`", "`i-2` (api/db) of `shop`", "`i-3` (api/guarded) of `shop`",
        "Deployment api-team/stray",
    ]  # fmt: skip
    assert "ready, asked for by ana: Secret shop/pg, Secret api-team/" in found[0].why


def test_everything_ends_in_the_usual_way(bench: Bench) -> None:
    own, told = Own([(STRAY, "i-older")]), list[str]()
    assert end(worked(bench), own, "root", abandon=False, tell=told.append) == []
    assert (bench.ledger.instances(), bench.ledger.bindings(), own.things) == ([], [], [])
    assert (bench.provisioner.world, bench.delivery.secrets, bench.lender.open) == ({}, {}, {})
    assert told[0] == "ending `i-1` (api/pg) of `shop`"


def test_what_does_not_go_is_named_and_stays_known(bench: Bench) -> None:
    place = next(place for place in bench.provisioner.world if place[0] == "Deployment")
    bench.provisioner.held[place] = "example.com/backup"
    left = end(worked(bench), Own([(STRAY, "i-older")], held=True), "root", abandon=False, tell=lambda _: None)
    assert [(one.about, one.abandoned) for one in left] == [
        ("`i-1` (api/pg) of `shop`", False), ("Deployment api-team/stray", False),
    ]  # fmt: skip
    assert "example.com/backup" in left[0].why
    assert [one.id for one in bench.ledger.instances()] == ["i-1"]
    assert end(worked(bench), Own(), "root", abandon=True, tell=lambda _: None)[0].abandoned
    assert bench.ledger.instances() == []
    by, what, _, result = bench.audit.lines[-1]
    assert (by, what) == ("root", "abandon")
    assert "left: " in result
    assert f"Deployment {place[1]}/{place[2]}" in result


def test_a_binding_that_cannot_be_taken_back_is_abandoned_too(bench: Bench) -> None:
    bench.delivery.closed.add("shop")
    [left] = [one for one in end(worked(bench), Own(), "root", True, lambda _: None) if one.abandoned]
    assert left.about == "`i-1` (api/pg) of `shop`"
    assert bench.ledger.bindings() == []
    abandoned = [line for line in bench.audit.lines if line[1] == "abandon"]
    assert any("left: Secret shop/pg" in line[3] for line in abandoned)


def test_nothing_new_is_taken_meanwhile(bench: Bench) -> None:
    closed = Broker(replace(bench.broker.parts, closed=lambda: True))
    with pytest.raises(Unsupported, match="being retired"):
        closed.provision(bench.wish("db", "i-9"))
    assert closed.provision(bench.wish("db", "i-2")).instance.id == "i-2", "what is there is told as before"


def test_nothing_of_it_is_left_in_redis_and_another_broker_keeps_its_own(bench: Bench) -> None:
    bench.redis.set("tessera:broker:bench-2:instances", "theirs")
    bench.redis.set("tessera-jobs:tessera-broker-bench-2.msgs", "theirs")
    bench.redis.set("tessera-jobs:tessera-broker-bench.msgs", "mine")
    close(bench.redis, "bench")
    forget(bench.redis, "bench", ["tessera-jobs:tessera-broker-bench.msgs"])
    left = sorted(key.decode() for key in bench.redis.scan_iter())
    assert left == [
        "tessera-jobs:tessera-broker-bench-2.msgs", closed_key("bench-2").replace("closed", "instances"),
        closed_key("bench"),
    ]  # fmt: skip
    assert 0 < bench.redis.ttl(closed_key("bench")) <= 3600
