"""Slack's rate limits: a window of a minute for each method, a bucket for posting to each channel.

Source: docs.slack.dev/apis/web-api/rate-limits.
"""

import math
import threading
from collections import deque
from dataclasses import dataclass, field

from bot.console import limits
from bot.console.errors import RateLimited
from bot.console.workspace import Clock

MINUTE = 60.0


@dataclass
class _Bucket:
    tokens: float
    at: float


@dataclass
class Rates:
    """Counts calls and raises `RateLimited`; with `enforced=False` it only lets everything pass."""

    clock: Clock
    enforced: bool = True
    _calls: dict[str, deque[float]] = field(default_factory=dict)
    _buckets: dict[str, _Bucket] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def call(self, key: str, a_minute: int) -> None:
        """Count a call of `key`, of which `a_minute` fit in any sixty seconds."""
        if not self.enforced:
            return
        now = self.clock()
        with self._lock:
            calls = self._calls.setdefault(key, deque())
            while calls and now - calls[0] >= MINUTE:
                calls.popleft()
            if len(calls) >= a_minute:
                raise RateLimited(math.ceil(MINUTE - (now - calls[0])))
            calls.append(now)

    def post(self, channel: str) -> None:
        """Count a message to a channel: one a second, in short bursts up to `limits.POST_BURST`."""
        if not self.enforced:
            return
        now = self.clock()
        with self._lock:
            bucket = self._buckets.setdefault(channel, _Bucket(limits.POST_BURST, now))
            bucket.tokens = min(limits.POST_BURST, bucket.tokens + (now - bucket.at) * limits.POST_A_SECOND)
            bucket.at = now
            if bucket.tokens < 1:
                raise RateLimited(math.ceil((1 - bucket.tokens) / limits.POST_A_SECOND))
            bucket.tokens -= 1
