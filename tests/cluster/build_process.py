"""A bot or a worker that builds for real, to be killed: `python -m tests.cluster.build_process ROLE REDIS_URL API_URL`.

ROLE is `bot`, which takes requests from Slack over Socket Mode, or `worker`, which answers them. The cluster is the
kubeconfig's, the engines and the repositories those of the settings (TESSERA_…).
"""

import sys
import threading

from bot import wiring
from bot.building import builds
from bot.jobs.queue import Limits
from bot.observe.metrics import Metrics
from bot.settings import load
from bot.slack.surface import SlackConfig, SlackSurface
from bot.state.connect import connect_redis
from bot.state.store import RedisState
from tests.scenario.slack.stack import APP_TOKEN, BOT_TOKEN, POLICY, SECRET, namespace_of

LIMITS = Limits(job=60, long_job=300, lost_after=3, retry_after=1)
THREADS = 5


def main(role: str, redis_url: str, api_url: str) -> None:
    config = SlackConfig(BOT_TOKEN, SECRET, APP_TOKEN, api_url=api_url)
    settings = load()
    with connect_redis(redis_url) as redis:
        state = RedisState(redis)
        answer = wiring.answerer(
            wiring.live_clusters(), POLICY, settings.probe_image, True, state, builds(settings, state)
        )
        surface = SlackSurface(config, redis, answer, namespace_of, "kind", Metrics(), LIMITS)
        if role == "bot":
            surface.socket().start()
        else:
            surface.jobs.start(THREADS)
        threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
