"""A worker process to be killed: `python -m tests.scenario.slack.worker REDIS_URL API_URL MODE`.

MODE `hang` works forever after its first step, as a worker does that is killed in the middle; `answer` answers at
once with more thread messages than Slack takes in a burst.
"""

import sys
import threading
from dataclasses import replace

from bot.jobs.queue import Limits
from bot.observe.metrics import Metrics
from bot.slack.surface import SlackConfig, SlackSurface
from bot.state.connect import connect_redis
from commands.base.ports import Audience
from commands.base.request import Reply, Request
from explainers.document import Evidence
from tests.scenario.slack.stack import APP_TOKEN, BOT_TOKEN, SECRET, namespace_of
from tests.unit.bot.slack.documents import VERDICT

LIMITS = Limits(job=60, lost_after=2, retry_after=1)
PARTS = 6
LONG = replace(VERDICT, evidence=tuple(Evidence(f"pod {n}", "x" * 2500) for n in range(4 * (PARTS - 1))))


def main(redis_url: str, api_url: str, mode: str) -> None:
    def answer(_request: Request, audience: Audience) -> Reply:
        audience.progress("reading shop")
        if mode == "hang":
            threading.Event().wait()
        return Reply(LONG, "deployment/checkout", "shop", "fault")

    config = SlackConfig(BOT_TOKEN, SECRET, APP_TOKEN, api_url=api_url)
    with connect_redis(redis_url) as redis:
        surface = SlackSurface(config, redis, answer, namespace_of, "kind", Metrics(), LIMITS)
        surface.jobs.start(threads=2)
        threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
