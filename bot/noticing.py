"""What code hosts did not take of how builds ended: told from a queue, until they take it or refuse it for good.

A host is asked again after a quarter of a minute, then after a minute each time, for the two days that the requests
themselves are remembered.
"""

import math
from collections.abc import Sequence

from redis import Redis

from bot.jobs.queue import Limits, lane
from bot.observe.logs import logger
from bot.state.store import RedisState
from commands.base.errors import Unavailable
from commands.base.owing import pay
from commands.base.ports import Noticeboard

QUEUE = "tessera-notices"
THREADS = 2
STANDARD = Limits(retry_after=15)

_log = logger(__name__)


class Notices:
    """The queue and its workers. `owe` may be used at once; `start` works in this process."""

    def __init__(self, redis: "Redis", boards: Sequence[Noticeboard], limits: Limits = STANDARD) -> None:
        self._state = RedisState(redis)
        self._boards = tuple(boards)
        self._lane = lane(redis, QUEUE, self._pay, _failed, _transient, limits, math.inf)

    def owe(self, job: str) -> None:
        """See commands.base.owing.Later."""
        self._lane.enqueue(job)

    def start(self) -> None:
        self._lane.start(THREADS)

    def stop(self) -> None:
        self._lane.stop(25)

    def _pay(self, job: str) -> None:
        if refused := pay(self._state, self._boards, job):
            _log.warning("a code host refused how a build ended", why=refused)


def _failed(_job: str, error: BaseException, final: bool) -> None:
    _log.warning("a code host was not told how a build ended", final=final, error=repr(error))


def _transient(error: BaseException) -> bool:
    return isinstance(error, Unavailable)
