"""A real redis-server for tests: its own port and folder, stopped at the end."""

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from tests.ports import free_port

needs_redis = pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed")


class RedisServer:
    """redis-server with an append-only file in `folder`; `kill` and `start` make it crash and come back as it was."""

    def __init__(self, folder: Path, port: int) -> None:
        self.url = f"redis://127.0.0.1:{port}/0"
        options = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""]
        where = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
        self._command = ["redis-server", *where, *options]
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        _wait(self.url)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(60)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(60)


@contextmanager
def mortal_redis(folder: Path, port: int = 0) -> Iterator[RedisServer]:
    """Run redis-server on a free port unless one is named."""
    server = RedisServer(folder, port or free_port())
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def redis_server(folder: Path, port: int = 0) -> Iterator[str]:
    """The same for those who need its URL alone."""
    with mortal_redis(folder, port) as server:
        yield server.url


def _wait(url: str) -> None:
    with Redis.from_url(url) as client:
        for _ in range(1200):
            try:
                client.ping()
            except RedisError:
                threading.Event().wait(0.05)
            else:
                return
    raise RuntimeError("redis-server did not start within a minute")
