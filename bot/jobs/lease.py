"""One run of a job at a time, also when the queue gives it out twice: a worker silent for long counts as lost."""

import math
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from commands.base.errors import Unavailable
from commands.base.ports import StateStore

LOOK_EVERY = 0.5
"""Seconds between two looks whether the other run is over."""


@contextmanager
def leased(state: StateStore, key: str, seconds: float) -> Iterator[None]:
    """Hold `key` inside the `with`; while another run holds it, wait.

    A run that dies loses it after `seconds`, one that lives renews it. Raises Unavailable when the store does not
    answer at the start.
    """
    run, kept, over = secrets.token_hex(8), max(1, math.ceil(seconds)), threading.Event()
    while not (state.put_new(key, run, kept) or state.get(key) == run):
        over.wait(LOOK_EVERY)
    renewing = threading.Thread(target=_renew, args=(state, key, run, kept, over), name="lease", daemon=True)
    renewing.start()
    try:
        yield
    finally:
        over.set()
        renewing.join()
        with suppress(Unavailable):  # then it ends by itself
            if state.get(key) == run:
                state.delete(key)


def _renew(state: StateStore, key: str, run: str, kept: int, over: threading.Event) -> None:
    while not over.wait(kept / 4):
        with suppress(Unavailable):
            if state.get(key) == run:
                state.put(key, run, kept)
            else:
                state.put_new(key, run, kept)
