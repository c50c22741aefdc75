"""Ten builds at once, answered by two workers in one channel: what Slack, with its limits enforced, refuses."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from bot.observe.metrics import Metrics
from bot.slack.surface import SlackSurface
from bot.state.connect import connect_redis
from bot.wiring import SystemClock
from commands.base.building import STAGES
from commands.base.checklist import Checklist
from commands.base.ports import Audience, Clock
from commands.base.request import Reply, Request
from tests.bench.figures import Figure
from tests.scenario.slack.stack import FAST, Asked, config_of, namespace_of, stack
from tests.unit.bot.slack.documents import VERDICT

BUILDS, SECONDS = 10, 45.0


class _Watched:
    clock: Clock = SystemClock()

    def __init__(self, audience: Audience) -> None:
        self.audience = audience


def build(request: Request, audience: Audience) -> Reply:
    """A build that says ten lines a second, and ends with a verdict and its thread."""
    board, pause = Checklist(_Watched(audience), f"Building `{request.text}`", STAGES), threading.Event()
    for stage in STAGES:
        with board.stage(stage):
            for number in range(int(10 * SECONDS / len(STAGES))):
                board.output(f"line {number}")
                pause.wait(0.1)
    return Reply(VERDICT, f"deployment/{request.text}", "shop", "healthy")


def figures(_runs: int) -> Iterator[Figure]:
    with connect_redis() as redis, stack(redis, Asked(build), work=False, rates=True) as parts:
        workers = [
            SlackSurface(config_of(parts.slack), redis, build, namespace_of, "kind", Metrics(), FAST) for _ in range(2)
        ]
        for worker in workers:
            worker.jobs.start(threads=BUILDS // 2)
        with ThreadPoolExecutor(BUILDS) as people:
            acks = list(people.map(lambda n: parts.slack.slash("ana", "shop", "/build", f"shop-{n}"), range(BUILDS)))
        assert all(ack.ok for ack in acks)
        parts.wait(lambda: len(parts.roots()) == BUILDS and parts.surface.jobs.depth() == 0, 300)
        refused = [one for one in parts.slack.refusals if one.error == "ratelimited"]
        for worker in workers:
            worker.jobs.stop(5)
    methods = sorted({one.method for one in refused})
    yield Figure(f"calls refused by Slack's limits, {BUILDS} builds", len(refused), 0, "", ", ".join(methods))
