"""A worker killed in the middle (SIGKILL) leaves, after a restart, exactly one answer."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.state.connect import connect_redis
from tests.contract.redis_server import needs_redis, redis_server
from tests.scenario.slack.stack import Stack, stack
from tests.scenario.slack.worker import PARTS

pytestmark = [needs_redis, pytest.mark.redis]


@contextmanager
def worker(redis_url: str, parts: Stack, mode: str) -> "Iterator[subprocess.Popen[bytes]]":
    arguments = [redis_url, parts.slack.api_url, mode]
    with subprocess.Popen([sys.executable, "-m", "tests.scenario.slack.worker", *arguments]) as process:
        try:
            yield process
        finally:
            process.kill()


def answered(parts: Stack) -> bool:
    return len(parts.roots()) == 1 and len(parts.replies(parts.roots()[0]["ts"])) == PARTS


def working(parts: Stack) -> bool:
    return any("reading shop" in str(root["blocks"]) for root in parts.roots())


def half_posted(parts: Stack) -> bool:
    return bool(parts.roots()) and len(parts.replies(parts.roots()[0]["ts"])) >= 2


@pytest.mark.parametrize(("mode", "moment"), [("hang", working), ("answer", half_posted)])
def test_one_answer_after_a_kill(tmp_path: Path, mode: str, moment: Callable[[Stack], bool]) -> None:
    with redis_server(tmp_path) as url, connect_redis(url) as redis, stack(redis, work=False, rates=True) as parts:
        with worker(url, parts, mode) as first:
            assert parts.slack.slash("ana", "shop", "/diagnose", "checkout").ok
            parts.wait(lambda: moment(parts), 60)
            first.send_signal(signal.SIGKILL)
            first.wait(60)
        [half] = parts.roots()
        with worker(url, parts, "answer"):
            parts.wait(lambda: answered(parts), 40)
            parts.wait(lambda: parts.surface.jobs.depth() == 0, 60)
        [root] = parts.roots()
        assert root["ts"] == half["ts"]
        assert root["text"].startswith("✗ checkout is down")
        replies = [str(each["blocks"]) for each in parts.replies(root["ts"])]
        assert len(set(replies)) == len(replies) == PARTS
        assert sum("<@U0ANA>" in str(each["blocks"]) for each in parts.slack.messages("shop")) == 1
