"""GitHub hears how a build ended, though it is away at the very end, and whoever would tell it is killed then."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from bot.jobs.queue import Limits
from bot.noticing import Notices
from bot.source.github.access import Token
from bot.source.github.boards import Checks, Deployments, GitHubWriter
from bot.state.connect import connect_redis
from tests.contract.code_hosts.github_app import Hub, github
from tests.contract.redis_server import mortal_redis, needs_redis
from tests.fakes.code_host import FakeRepository

pytestmark = [needs_redis, pytest.mark.redis]
ROOT = Path(__file__).parents[2]
SHOP = "org/shop"
LIMITS = Limits(lost_after=2, retry_after=0.2)
START = """
import sys
from bot.jobs.queue import Limits
from bot.noticing import Notices
from bot.source.github.access import Token
from bot.source.github.boards import Checks, Deployments, GitHubWriter
from bot.state.connect import connect_redis
redis = connect_redis(sys.argv[1])
writer = GitHubWriter(lambda: Token("secret"), sys.argv[2])
boards = (Deployments(writer), Checks(writer))
notices = Notices(redis, boards, Limits(lost_after=2, retry_after=0.2))
"""
BUILDS = """
from bot.state.store import RedisState
from bot.wiring import SystemClock
from commands.base.announcing import Announcer, Pace
from commands.base.ports import NOBODY
from commands.base.request import Reply
from explainers.builds.notice import Notice
from explainers.document import Document, Stage, StageState, Tone
class services:
    state, audience, clock = RedisState(redis), NOBODY, SystemClock()
notice = Notice("org/shop", sys.argv[3], "shop/web (kind)", "tessera shop/web", "r-1")
with Announcer(boards, notice, services, Pace(again=3600), notices.owe) as told:
    stages = (Stage("build", StageState.RUNNING),)
    told.beside(services.audience).show(Document(Tone.WORKING, "Building", stages=stages))
    print("begun", flush=True)
    sys.stdin.readline()
    reply = told.ended(Reply(Document(Tone.HEALTHY, "`web` runs it"), outcome="healthy"))
print("answered", flush=True)
sys.stdin.readline()
"""
WORKS = """
notices.start()
print("works", flush=True)
sys.stdin.readline()
"""


@contextmanager
def process(code: str, *words: str) -> Iterator[tuple["subprocess.Popen[str]", IO[str], IO[str]]]:
    """A process of this code, what it says and hears; killed at the end."""
    command = [sys.executable, "-c", START + code, *words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as made:
        assert made.stdout
        assert made.stdin
        try:
            yield made, made.stdout, made.stdin
        finally:
            made.kill()


def until(holds: Callable[[], object], why: Callable[[], object]) -> None:
    for _ in range(1200):
        if holds():
            return
        threading.Event().wait(0.05)
    raise AssertionError(why())


def states(hub: Hub) -> list[str]:
    return [one["state"] for made in hub.written.deployments for one in made["statuses"]]


def test_the_end_is_told_though_github_was_away_and_all_were_killed(tmp_path: Path) -> None:
    shop = FakeRepository()
    sha = shop.push("main", {"Dockerfile": "FROM busybox"})
    hub = Hub({SHOP: shop}, token="secret")
    with github(hub) as url, mortal_redis(tmp_path) as redis:
        with process(BUILDS, redis.url, url, sha) as (_, said, hears):
            assert said.readline() == "begun\n"
            until(lambda: states(hub) and hub.written.statuses, lambda: hub.asked)
            hub.fail = [503] * 100_000
            hears.write("go on\n")
            hears.flush()
            assert said.readline() == "answered\n"
        assert states(hub) == ["in_progress"]
        redis.kill()
        redis.start()
        with process(WORKS, redis.url, url) as (_, said, _):
            assert said.readline() == "works\n"
            asked = len(hub.asked)
            until(lambda: len(hub.asked) > asked + 2, lambda: hub.asked)
        hub.fail = []
        writer = GitHubWriter(lambda: Token("secret"), url)
        with connect_redis(redis.url) as client:
            notices = Notices(client, (Deployments(writer), Checks(writer)), LIMITS)
            notices.start()
            try:
                until(lambda: states(hub)[-1] == "success", lambda: hub.written)
                until(lambda: hub.written.statuses[-1]["state"] == "success", lambda: hub.written)
            finally:
                notices.stop()
    assert len(hub.written.deployments) == 1
    assert states(hub) == ["in_progress", "success"]
