"""The queue's contract, over the Redis inside the process and over a real redis-server."""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dramatiq.brokers.redis import RedisBroker
from redis import Redis

from bot.jobs.queue import NAMESPACE, QUEUE, Jobs, Limits
from bot.state.connect import connect_redis
from commands.base.errors import Unavailable
from tests.contract.redis_server import mortal_redis, needs_redis, redis_server

LIMITS = Limits(job=120, lost_after=10, retry_after=0.2)
"""Retries come at once; a worker counts as lost only after a silence that no busy machine makes."""


@pytest.fixture(params=["in the process", pytest.param("redis-server", marks=[needs_redis, pytest.mark.redis])])
def client(request: pytest.FixtureRequest, tmp_path: Path) -> "Iterator[Redis]":
    if request.param == "in the process":
        with connect_redis() as inside:
            yield inside
        return
    with redis_server(tmp_path) as url, connect_redis(url) as outside:
        yield outside


class Recorder:
    """Keeps what was handled and what failed."""

    def __init__(self, handle: Callable[[str], None] = lambda _job: None) -> None:
        self._handle = handle
        self._changed = threading.Condition()
        self.jobs: list[str] = []
        self.failures: list[tuple[str, bool]] = []

    def handle(self, job: str) -> None:
        with self._changed:
            self.jobs.append(job)
            self._changed.notify_all()
        self._handle(job)

    def failed(self, job: str, error: BaseException, final: bool) -> None:
        with self._changed:
            self.failures.append((type(error).__name__, final))
            self._changed.notify_all()

    def wait(self, ready: Callable[[], bool], seconds: float = 60) -> bool:
        with self._changed:
            return self._changed.wait_for(ready, seconds)


@contextmanager
def working(client: "Redis", recorder: Recorder, limits: Limits = LIMITS) -> Iterator[Jobs]:
    jobs = Jobs(client, recorder.handle, recorder.failed, lambda error: isinstance(error, Unavailable), limits)
    jobs.start(threads=2)
    try:
        yield jobs
    finally:
        jobs.stop(5)


def test_long_work_keeps_nobody_waiting(client: "Redis") -> None:
    release = threading.Event()

    def handle(job: str) -> None:
        if job.startswith("long"):
            assert release.wait(60)

    recorder = Recorder(handle)
    with working(client, recorder) as jobs:
        for number in range(4):
            jobs.enqueue_long(f"long {number}")
        jobs.enqueue("short")
        try:
            assert recorder.wait(lambda: "short" in recorder.jobs)
            assert jobs.depth() >= 4
        finally:
            release.set()
        assert recorder.wait(lambda: len(recorder.jobs) == 5)


def test_every_job_is_handled_once(client: "Redis") -> None:
    recorder = Recorder()
    with working(client, recorder) as jobs:
        for number in range(30):
            jobs.enqueue(f'{{"number": {number}, "text": "ünï"}}')
        assert recorder.wait(lambda: len(recorder.jobs) == 30)
        assert sorted(set(recorder.jobs)) == sorted(recorder.jobs)
    assert jobs.depth() == 0


def test_what_may_heal_is_tried_again_and_each_failure_is_told(client: "Redis") -> None:
    def broken(_job: str) -> None:
        raise Unavailable("the cluster did not answer")

    recorder = Recorder(broken)
    with working(client, recorder) as jobs:
        jobs.enqueue("x")
        assert recorder.wait(lambda: len(recorder.failures) == 4)
    assert recorder.failures == [("Unavailable", False)] * 3 + [("Unavailable", True)]


def test_a_bug_is_told_once_and_not_repeated(client: "Redis") -> None:
    def broken(_job: str) -> None:
        raise ZeroDivisionError

    recorder = Recorder(broken)
    with working(client, recorder) as jobs:
        jobs.enqueue("x")
        assert recorder.wait(lambda: bool(recorder.failures))
        assert not recorder.wait(lambda: len(recorder.jobs) > 1, 1)
    assert recorder.failures == [("ZeroDivisionError", True)]


def test_a_worker_whose_threads_are_all_busy_keeps_its_jobs(client: "Redis") -> None:
    release = threading.Event()
    busy, other = Recorder(lambda _job: _wait(release)), Recorder()
    with working(client, busy) as jobs:
        for number in range(4):
            jobs.enqueue(str(number))
        until(lambda: client.llen(f"{NAMESPACE}:{QUEUE}") == 0)  # all are taken: two run, two wait
        assert busy.wait(lambda: len(busy.jobs) == 2)
        with working(client, other):
            for _ in range(2):
                until_a_sign_of_life(client)
            release.set()
            assert busy.wait(lambda: len(busy.jobs) == 4)
    assert other.jobs == []


def until_a_sign_of_life(client: "Redis") -> None:
    """Wait until Redis hears anew from the one worker that has jobs."""
    redis: Any = client
    [held] = redis.keys(f"{NAMESPACE}:__acks__.*.{QUEUE}")
    worker = held.decode().split(".")[1]
    last = redis.zscore(f"{NAMESPACE}:__heartbeats__", worker)
    until(lambda: bool(redis.zscore(f"{NAMESPACE}:__heartbeats__", worker) > last))


def until(ready: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for what Redis tells; fails after `seconds`."""
    pause, end = threading.Event(), time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end
        pause.wait(0.05)


def _wait(event: threading.Event) -> None:
    event.wait(60)


def test_jobs_of_a_lost_worker_go_to_the_next(client: "Redis") -> None:
    Jobs(client, Recorder().handle, Recorder().failed, lambda _error: False, LIMITS).enqueue("x")
    connect: Any = RedisBroker
    assert next(connect(client=client, namespace=NAMESPACE).consume(QUEUE)) is not None
    recorder = Recorder()
    with working(client, recorder, replace(LIMITS, lost_after=1)):
        assert recorder.wait(lambda: recorder.jobs[:1] == ["x"])


@needs_redis
@pytest.mark.redis
def test_nothing_is_lost_while_redis_is_away(tmp_path: Path) -> None:
    recorder = Recorder()
    with redis_server(tmp_path) as url:
        port = int(url.rsplit(":", 1)[1].removesuffix("/0"))
        with connect_redis(url) as client:
            Jobs(client, recorder.handle, recorder.failed, lambda _error: False, LIMITS).enqueue("before")
    with connect_redis(url) as client, working(client, recorder) as jobs:
        assert not recorder.wait(lambda: bool(recorder.jobs), 1.5)
        with redis_server(tmp_path, port):
            assert recorder.wait(lambda: recorder.jobs == ["before"])
            until(lambda: jobs.depth() == 0)
        with redis_server(tmp_path, port):
            jobs.enqueue("after")
            assert recorder.wait(lambda: recorder.jobs == ["before", "after"])


def test_a_queue_that_cannot_be_reached_says_so() -> None:
    with connect_redis("redis://127.0.0.1:1/0") as client:
        recorder = Recorder()
        jobs = Jobs(client, recorder.handle, recorder.failed, lambda _error: False)
        assert math.isnan(jobs.depth())
        with pytest.raises(Unavailable, match="did not take the request"):
            jobs.enqueue("x")


@needs_redis
@pytest.mark.redis
def test_a_job_that_fails_while_redis_is_away_is_tried_again(tmp_path: Path) -> None:
    with mortal_redis(tmp_path) as server, connect_redis(server.url) as client:

        def handle(_job: str) -> None:
            if len(recorder.jobs) == 1:
                server.kill()
                raise Unavailable("Redis does not answer.")

        recorder = Recorder(handle)
        with working(client, recorder) as jobs:
            jobs.enqueue("lost?")
            assert recorder.wait(lambda: recorder.jobs == ["lost?"])
            threading.Event().wait(2)
            server.start()
            assert recorder.wait(lambda: recorder.jobs == ["lost?", "lost?"])
            assert recorder.failures == [("Unavailable", False)]
