"""What a broker has in Redis: that it is closed, and how all of it goes."""

import re
from collections.abc import Sequence
from typing import Any

from redis import Redis

from bot.broker.ledger import PREFIX
from bot.broker.stored import BINDINGS, INSTANCES

CLOSED_SECONDS = 86_400
SHUT_SECONDS = 3600
"""How long a process that still runs takes nothing new after all is gone; the mark ends by itself."""


def closed_key(name: str) -> str:
    return f"{PREFIX}{name}:closed"


def close(client: "Redis", name: str) -> None:
    """Let the broker take nothing new for a day, or until it is gone."""
    client.set(closed_key(name), "yes", ex=CLOSED_SECONDS)


def forget(client: "Redis", name: str, more: Sequence[str]) -> None:
    """Remove every key of the broker, its audit and what the patterns `more` find included, but the mark that it is
    closed. A broker whose name begins alike keeps all of its own."""
    root = literal(f"{PREFIX}{name}:")
    patterns = (f"{root}{INSTANCES}", f"{root}{BINDINGS}", f"{root}audit", f"{root}of:*", f"{root}gone:*", *more)
    redis: Any = client
    keys = {key for pattern in patterns for key in redis.scan_iter(match=pattern, count=1000)}
    if keys:
        redis.delete(*keys)
    redis.set(closed_key(name), "yes", ex=SHUT_SECONDS)


def literal(text: str) -> str:
    """Text in a pattern of Redis that means itself."""
    return re.sub(r"([*?\[\]\\])", r"\\\1", text)
