"""The StateStore's contract, over memory, the Redis inside the process and a real redis-server."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.state.connect import connect_redis
from bot.state.memory import MemoryState
from bot.state.store import RedisState
from commands.base.errors import Unavailable
from commands.base.ports import StateStore
from tests.contract.redis_server import needs_redis, redis_server


@pytest.fixture(
    params=["memory", "in the process", pytest.param("redis-server", marks=[needs_redis, pytest.mark.redis])]
)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StateStore]:
    if request.param == "memory":
        yield MemoryState()
        return
    if request.param == "in the process":
        with connect_redis() as client:
            yield RedisState(client)
        return
    with redis_server(tmp_path) as url, connect_redis(url) as client:
        yield RedisState(client)


def test_a_value_comes_back_until_it_is_deleted(store: StateStore) -> None:
    store.put("thread:1", '{"ünï": 1}', 60)
    assert store.get("thread:1") == '{"ünï": 1}'
    store.delete("thread:1")
    assert store.get("thread:1") is None


def test_the_first_of_several_wins(store: StateStore) -> None:
    won: list[int] = []
    start = threading.Barrier(8)

    def race(number: int) -> None:
        start.wait()
        if store.put_new("lease", str(number), 60):
            won.append(number)

    threads = [threading.Thread(target=race, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert store.get("lease") == str(won[0])


def test_taking_reads_once(store: StateStore) -> None:
    store.put("button", "x", 60)
    assert (store.take("button"), store.take("button")) == ("x", None)


def test_values_expire(store: StateStore) -> None:
    store.put("short", "x", 1)
    threading.Event().wait(1.3)
    assert store.get("short") is None
    assert store.put_new("short", "y", 60)


def test_an_unreachable_redis_is_said_so() -> None:
    with connect_redis("redis://127.0.0.1:1/0") as client:
        state = RedisState(client)
        assert not state.ready()
        with pytest.raises(Unavailable, match="Redis does not answer"):
            state.get("x")
