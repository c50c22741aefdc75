"""Long work in Slack: once, also when it came upon the queue twice, and with two bots that got the same delivery."""

import threading
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from bot.console.signing import signature_headers
from bot.observe.metrics import Metrics
from bot.slack.surface import SlackSurface
from bot.slack.task import Task
from bot.state.connect import connect_redis
from commands.base.errors import Unavailable
from commands.base.ports import Audience
from commands.base.request import Reply, Request
from tests.scenario.slack.stack import FAST, SECRET, TEAM, Asked, config_of, namespace_of, stack, verdict

BUILD = Task("r-build", "command", "U0ANA", TEAM, "C0SHOP", command="/build", text="shop", delivery="d1", long=True)


class Slow:
    """An answer that takes long; counts how many work at the same time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = 0
        self.most = 0

    def __call__(self, request: Request, audience: Audience) -> Reply:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        threading.Event().wait(2 * FAST.lost_after)
        with self._lock:
            self._now -= 1
        return verdict(replace(request, command="diagnose", text="checkout"), audience)


def test_long_work_that_is_queued_twice_runs_once() -> None:
    slow = Slow()
    asked = Asked(slow)
    with connect_redis() as redis, stack(redis, asked) as parts:
        for _ in range(2):  # the short job that queued it died before it was acknowledged, and ran again
            parts.surface.jobs.enqueue_long(BUILD.to_json())
        parts.wait(lambda: parts.surface.jobs.depth() == 0)
        assert slow.most == 1
        assert len(asked.requests) == 1
        [root] = parts.roots()
        assert root["text"].startswith("✗ checkout is down")


def test_two_bots_that_get_the_same_delivery_work_once() -> None:
    slow = Slow()
    asked = Asked(slow)
    typed = {"command": "/build", "text": "shop", "team_id": TEAM, "user_id": "U0ANA", "channel_id": "C0SHOP"}
    body = urllib.parse.urlencode(typed | {"trigger_id": "13345224609.738474920.8088930838d88f008e0"})
    headers = {key.lower(): value for key, value in signature_headers(SECRET, body.encode(), int(time.time())).items()}
    headers |= {"content-type": "application/x-www-form-urlencoded"}
    with connect_redis() as redis, stack(redis, asked) as parts:
        other = SlackSurface(config_of(parts.slack), redis, asked, namespace_of, "kind", Metrics(), FAST)
        other.jobs.start(threads=2)
        together = threading.Barrier(2)

        def deliver(surface: SlackSurface) -> int:
            endpoint = surface.endpoint()
            together.wait(30)
            return endpoint(body, headers).status

        try:
            with ThreadPoolExecutor(2) as bots:
                assert list(bots.map(deliver, (parts.surface, other))) == [200, 200]
            parts.wait(lambda: parts.roots() and parts.surface.jobs.depth() == 0)
        finally:
            other.jobs.stop(5)
        assert len(asked.requests) == 1
        [root] = parts.roots()
        assert root["text"].startswith("✗ checkout is down")


def test_a_run_that_fails_beside_another_leaves_one_answer() -> None:
    slow, tries = Slow(), iter([Unavailable("Redis does not answer.")])

    def answer(request: Request, audience: Audience) -> Reply:
        if failure := next(tries, None):
            raise failure
        return slow(request, audience)

    with connect_redis() as redis, stack(redis, Asked(answer)) as parts:
        for _ in range(2):  # it came upon the queue again while the first run was out of reach, and failed after that
            parts.surface.jobs.enqueue_long(BUILD.to_json())
        parts.wait(lambda: parts.surface.jobs.depth() == 0)
        [root] = parts.roots()
        assert root["text"].startswith("✗ checkout is down")
