"""The queues of requests with the workers of this process: one for answers, one for work that takes minutes.

A job is one JSON text. Redis keeps it until it is acknowledged; a worker that dies in the middle stops its heartbeat,
and after `lost_after` seconds any other worker (or the same, started again) gets the job anew. So a handler runs at
least once and must make its effects happen once: bot/slack/outbox.py does that for messages.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import Middleware, Retries, TimeLimit
from dramatiq.worker import Worker
from redis import Redis
from redis.exceptions import RedisError

from bot.observe.logs import logger
from commands.base.errors import Unavailable

NAMESPACE = "tessera-jobs"
QUEUE = "tessera"
LONG_QUEUE = "tessera-long"
MOST_RETRIES = 3
IDLE_POLL_MS = 100

Handle = Callable[[str], None]
Failed = Callable[[str, BaseException, bool], None]

_log = logger(__name__)


@dataclass(frozen=True)
class Limits:
    """Seconds: the time limit of a job and of a long one, the silence after which a worker counts as lost, the pause
    before a retry. Long work keeps its own, shorter deadline, so that it can say how far it came."""

    job: float = 180
    long_job: float = 2 * 3600
    lost_after: float = 15
    retry_after: float = 60


STANDARD = Limits()


class Jobs:
    """The queues. `handle` works on one job; `failed(job, error, final)` hears of every failure before a retry."""

    def __init__(
        self,
        client: "Redis",
        handle: Handle,
        failed: Failed,
        transient: Callable[[BaseException], bool],
        limits: Limits = STANDARD,
    ) -> None:
        again = _Again(transient)
        self._client = client
        self._answers = Lane(client, QUEUE, handle, _Report(failed, again), again, limits, limits.job)
        self._work = Lane(client, LONG_QUEUE, handle, _Report(failed, again), again, limits, limits.long_job)

    def enqueue(self, job: str) -> None:
        """Keep a job for the workers. When this returns, Redis has it.

        Raises Unavailable when Redis does not take it.
        """
        self._answers.enqueue(job)

    def enqueue_long(self, job: str) -> None:
        """The same for work that takes minutes: it never keeps those who ask small things waiting."""
        self._work.enqueue(job)

    def depth(self) -> float:
        """Jobs that wait, run or will be retried; NaN when Redis does not answer."""
        try:
            client: Any = self._client
            queues = (name for queue in (QUEUE, LONG_QUEUE) for name in (queue, f"{queue}.DQ"))
            return float(sum(client.hlen(f"{NAMESPACE}:{queue}.msgs") for queue in queues))
        except RedisError:
            return float("nan")

    def start(self, threads: int = 4) -> None:
        """Start working in this process, with as many threads for each queue."""
        self._answers.start(threads)
        self._work.start(threads)

    def stop(self, seconds: float = 25) -> None:
        """Stop taking jobs and wait for the running ones; those not finished in time are done again elsewhere."""
        for lane in (self._answers, self._work):
            lane.stop(seconds)


def lane(
    client: "Redis",
    queue: str,
    handle: Handle,
    failed: Failed,
    transient: Callable[[BaseException], bool],
    limits: Limits = STANDARD,
    retries: float = MOST_RETRIES,
) -> "Lane":
    """A queue of its own, for work that does not answer anybody: its jobs may take as long as long work."""
    again = _Again(transient, retries)
    return Lane(client, queue, handle, _Report(failed, again), again, limits, limits.long_job)


class Lane:
    """One queue with its broker and its worker threads; see `Jobs` for what the methods do."""

    def __init__(
        self,
        client: "Redis",
        queue: str,
        handle: Handle,
        report: Middleware,
        again: "_Again",
        limits: Limits,
        time_limit: float,
    ) -> None:
        self._client = client
        self._handle = handle
        self._queue = queue
        self._limits = limits
        connect: Any = RedisBroker  # dramatiq's Redis broker carries no types
        retries = Retries(min_backoff=int(limits.retry_after * 1000), max_backoff=int(limits.retry_after * 4000))
        self._broker: Any = connect(
            client=client,
            namespace=NAMESPACE,
            middleware=[TimeLimit(time_limit=time_limit * 1000), retries, report],
            maintenance_chance=1_000_000,
            heartbeat_timeout=int(limits.lost_after * 1000),
        )
        declare = dramatiq.actor(actor_name="answer", queue_name=queue, broker=self._broker, retry_when=again)
        self._actor: Any = declare(self._work)
        self._workers: Any = None
        self._stopping = threading.Event()
        self._heartbeat = threading.Thread(target=self._beat, name=f"{queue}-heartbeat", daemon=True)

    def enqueue(self, job: str) -> None:
        try:
            self._actor.send(job)
        except RedisError as error:
            raise Unavailable(f"the queue did not take the request: {error}. Nothing was changed.") from error

    def start(self, threads: int) -> None:
        self._workers = Worker(self._broker, worker_threads=threads, worker_timeout=IDLE_POLL_MS)
        self._workers.start()
        self._heartbeat.start()

    def stop(self, seconds: float) -> None:
        self._stopping.set()
        if self._workers is not None:
            self._workers.stop(timeout=int(seconds * 1000))
            self._heartbeat.join(seconds)
        self._broker.close()

    def _work(self, job: str) -> None:
        """Handle a job. A failure is passed on once Redis is there to take the retry; without it the job was lost."""
        try:
            self._handle(job)
        except Exception:
            self._wait_for_redis()
            raise

    def _wait_for_redis(self) -> None:
        while not self._stopping.is_set():
            try:
                self._client.ping()
            except RedisError as error:
                _log.warning("a failed job waits for Redis", error=str(error))
                self._stopping.wait(1)
            else:
                return

    def _beat(self) -> None:
        """Tell Redis that this process lives, also while every thread is busy and none asks for work."""
        while not self._stopping.wait(self._limits.lost_after / 5):
            try:
                self._broker.do_qsize(self._queue)
            except RedisError as error:
                _log.warning("heartbeat failed", error=str(error))


class _Again:
    """Whether a failed job is tried again: only what may heal by itself, and so many times."""

    def __init__(self, transient: Callable[[BaseException], bool], most: float = MOST_RETRIES) -> None:
        self._transient = transient
        self._most = most

    def __call__(self, retries: int, error: BaseException) -> bool:
        return retries < self._most and self._transient(error)


class _Report(Middleware):
    """Tells of failures; comes after Retries in the list, so that it hears of them before the next try is set."""

    def __init__(self, failed: Failed, again: _Again) -> None:
        self._failed = failed
        self._again = again

    def after_process_message(
        self, broker: Any, message: Any, *, result: object = None, exception: BaseException | None = None
    ) -> None:
        if exception is not None:
            final = not self._again(message.options.get("retries", 0), exception)
            self._failed(message.args[0], exception, final)
