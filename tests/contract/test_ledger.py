"""The Ledger's contract, over the Redis inside the process and a real redis-server, which also loses its process."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.broker.ledger import RedisLedger
from bot.secrets.keys import OwnKeys
from bot.state.connect import connect_redis
from commands.base.errors import Unavailable
from commands.broker.errors import Conflict
from commands.broker.ports import Ledger
from commands.broker.records import Binding, Doing, Instance, Operation, State, Thing
from tests.contract.redis_server import mortal_redis, needs_redis, redis_server

REAL = [needs_redis, pytest.mark.redis]
CANARY = "c4n4ry-1n-th3-l3dg3r"
THING = Thing("Secret", "v1", "shop", "pg", "uid-1")
INSTANCE = Instance(
    "i-1", "s", "p", "api", "pg", "1", "shop", "pg", by="ana", things=(THING,), created="2026-03-02T09:00:00+00:00",
    operation=Operation("op-1", Doing.PROVISION, "2026-03-02T09:00:00+00:00"), hidden={"credentials": {"pw": CANARY}},
)  # fmt: skip
BINDING = Binding("b-1", "i-1", "s", "p", "shop", "pg", hidden={"credentials": {"pw": CANARY}})


@pytest.fixture(params=["in the process", pytest.param("redis-server", marks=REAL)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "in the process":
        yield ""
        return
    with redis_server(tmp_path) as url:
        yield url


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    with connect_redis(url) as client:
        yield RedisLedger(client, "api", OwnKeys())


def test_a_record_comes_back_whole_and_is_listed_without_what_is_hidden(ledger: Ledger) -> None:
    saved = ledger.save(INSTANCE)
    assert ledger.instance("i-1") == saved == replace(INSTANCE, revision=1)
    assert ledger.instances() == [replace(saved, hidden={})]
    assert ledger.binding("i-1") is None


def test_a_record_is_only_stored_over_what_was_read(ledger: Ledger) -> None:
    first = ledger.save(INSTANCE)
    second = ledger.save(replace(first, state=State.READY))
    assert second.revision == 2
    for stale in (INSTANCE, replace(first, state=State.FAILED)):
        with pytest.raises(Conflict):
            ledger.save(stale)
    with pytest.raises(Conflict):
        ledger.remove(first)
    assert ledger.instance("i-1") == second


def test_bindings_are_found_by_their_instance_until_they_are_removed(ledger: Ledger) -> None:
    saved = ledger.save(BINDING)
    ledger.save(replace(BINDING, id="b-2", instance="i-2"))
    assert [one.id for one in ledger.bindings("i-1")] == ["b-1"]
    assert [one.id for one in ledger.bindings()] == ["b-1", "b-2"]
    ledger.remove(saved)
    ledger.remove(saved)
    assert list(ledger.bindings("i-1")) == []
    assert (ledger.gone("b-1"), ledger.gone("b-2"), ledger.binding("b-1")) == (True, False, None)
    assert ledger.save(BINDING).revision == 1
    assert not ledger.gone("b-1")


def test_one_of_many_at_once_wins(ledger: Ledger) -> None:
    first, start, won = ledger.save(INSTANCE), threading.Barrier(8), list[int]()

    def race(number: int) -> None:
        start.wait()
        try:
            ledger.save(replace(first, by=f"worker-{number}"))
        except Conflict:
            return
        won.append(number)

    threads = [threading.Thread(target=race, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = ledger.instance("i-1")
    assert found
    assert ([found.by], found.revision) == ([f"worker-{number}" for number in won], 2)


def test_brokers_that_share_a_redis_do_not_see_each_others(url: str) -> None:
    with connect_redis(url) as client:
        RedisLedger(client, "api", OwnKeys()).save(INSTANCE)
        assert RedisLedger(client, "web", OwnKeys()).instances() == []


def test_what_is_hidden_is_not_readable_in_redis(url: str) -> None:
    with connect_redis(url) as client:
        ledger = RedisLedger(client, "api", OwnKeys())
        ledger.save(INSTANCE)
        ledger.save(BINDING)
        tables = [client.hgetall(key) for key in client.scan_iter("tessera:broker:api:*s")]
    assert len(tables) == 2
    assert CANARY not in repr(tables)


@pytest.mark.redis
@needs_redis
def test_what_was_saved_outlives_a_redis_that_is_killed(tmp_path: Path) -> None:
    keys = OwnKeys()
    with mortal_redis(tmp_path) as server, connect_redis(server.url) as client:
        ledger = RedisLedger(client, "api", keys)
        saved = ledger.save(INSTANCE)
        server.kill()
        with pytest.raises(Unavailable, match="Redis does not answer"):
            ledger.instances()
        server.start()
        assert ledger.instance("i-1") == saved
