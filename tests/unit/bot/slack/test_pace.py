"""Processes with one state take turns; one whose state is away keeps to its own pace."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

from bot.slack.pace import Posting, SharedPace
from bot.state.connect import connect_redis
from bot.state.memory import MemoryState
from bot.state.store import RedisState
from commands.base.errors import Unavailable


class Away(MemoryState):
    def put_new(self, key: str, value: str, seconds: int) -> bool:
        raise Unavailable("Redis does not answer.")


def test_processes_share_their_turns() -> None:
    state = MemoryState()
    processes = [SharedPace(state, 1000.0) for _ in range(3)]
    turns = sorted(processes[number % 3].turn() for number in range(12))
    assert turns[0] == 0.0
    assert all(990 < later - sooner < 1010 for sooner, later in pairwise(turns[1:]))


def test_threads_share_their_turns() -> None:
    with connect_redis() as redis:
        pace = SharedPace(RedisState(redis), 1000.0)
        with ThreadPoolExecutor(6) as threads:
            turns = sorted(threads.map(lambda _: pace.turn(), range(12)))
    assert turns[-1] > 9_900


def test_a_channel_takes_a_burst_and_then_one_at_a_time() -> None:
    state = MemoryState()
    channels = [SharedPace(state, 1000.0, 3, "C1") for _ in range(2)]
    turns = [channels[number % 2].turn() for number in range(8)]
    assert turns[:4] == [0.0] * 4
    assert turns[7] > 2_900
    assert Posting(state).turn("C2") == 0.0


def test_without_the_state_each_keeps_its_own_pace() -> None:
    pace = SharedPace(Away(), 1000.0)
    turns = [pace.turn() for _ in range(3)]
    assert turns[0] == 0.0
    assert 1900 < turns[2] <= 2000
