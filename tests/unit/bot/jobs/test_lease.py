"""Long work runs once at a time, whatever the queue gives out twice."""

import threading
import time

from bot.jobs.lease import leased
from bot.state.memory import MemoryState

KEY = "at-work:r1"


def test_the_second_run_waits_for_the_first() -> None:
    state, inside, most = MemoryState(), 0, 0
    working = threading.Event()

    def run(seconds: float) -> None:
        nonlocal inside, most
        with leased(state, KEY, 3):
            inside += 1
            most = max(most, inside)
            working.set()
            time.sleep(seconds)
            inside -= 1

    # The first works for longer than a lease that nobody renews.
    threads = [threading.Thread(target=run, args=(seconds,)) for seconds in (4, 0)]
    threads[0].start()
    assert working.wait(120)
    threads[1].start()
    for thread in threads:
        thread.join(120)
    assert most == 1
    assert state.get(KEY) is None


def test_a_dead_run_is_followed_by_the_next() -> None:
    state = MemoryState()
    began = time.monotonic()
    state.put_new(KEY, "of a run that was killed", 1)
    with leased(state, KEY, 1):
        assert time.monotonic() - began >= 1


def test_a_lease_that_another_run_took_meanwhile_is_left_to_it() -> None:
    state = MemoryState()
    with leased(state, KEY, 60):
        state.put(KEY, "another", 60)
    assert state.get(KEY) == "another"
