"""Turns, so that all processes together keep to what Slack allows: https://docs.slack.dev/apis/web-api/rate-limits

All messages of a workspace together may be updated 50 times a minute; answers come first, so progress takes less than
that. A channel takes one message a second, in short bursts more.
"""

import math
import threading
import time
from typing import Protocol

from commands.base.errors import Unavailable
from commands.base.ports import StateStore

SPACE_SECONDS = 1.5
"""Between two updates that show progress."""
POST_SECONDS, BURST = 1.0, 3
"""Between two messages to a channel, and how many may come earlier than that."""
_KEPT = 10


class Pace(Protocol):
    """`turn` says how many seconds the next turn is away, and takes it."""

    def turn(self) -> float: ...


class OwnPace:
    """The turns of one process."""

    def __init__(self, space: float = SPACE_SECONDS) -> None:
        self._space = space
        self._lock = threading.Lock()
        self._free = 0.0

    def turn(self) -> float:
        with self._lock:
            now = time.monotonic()
            at = max(now, self._free)
            self._free = at + self._space
            return at - now


class SharedPace:
    """The turns of all processes with the same state: time is cut into slots, and each slot is taken once.

    A slot may be used `burst` slots before its time. While the state does not answer, the process keeps to a pace of
    its own.
    """

    def __init__(self, state: StateStore, space: float = SPACE_SECONDS, burst: int = 0, name: str = "progress") -> None:
        self._state = state
        self._space = space
        self._burst = burst
        self._name = name
        self._own = OwnPace(space)
        self._lock = threading.Lock()
        self._next = 0

    def turn(self) -> float:
        now = time.time()
        try:
            slot = self._taken(int(now / self._space), now)
        except Unavailable:
            return self._own.turn()
        return max(0.0, (slot - self._burst) * self._space - now)

    def _taken(self, slot: int, now: float) -> int:
        with self._lock:
            slot = max(slot, self._next)
            while not self._state.put_new(f"pace:{self._name}:{slot}", "taken", self._kept(slot, now)):
                slot += 1
            self._next = slot + 1
            return slot

    def _kept(self, slot: int, now: float) -> int:
        """Until the slot is over, and somewhat longer: clocks differ."""
        return max(0, math.ceil((slot + 1) * self._space - now)) + _KEPT


class Posting:
    """The turns of each channel."""

    def __init__(self, state: StateStore) -> None:
        self._state = state
        self._channels: dict[str, SharedPace] = {}

    def turn(self, channel: str) -> float:
        """How many seconds the next message to this channel is away; its turn is taken."""
        new = SharedPace(self._state, POST_SECONDS, BURST, channel)
        return self._channels.setdefault(channel, new).turn()
