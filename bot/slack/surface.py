"""Slack put together: the composition root calls this and starts the parts that its process should have.

slack = SlackSurface(config, redis, answer, namespace_of, cluster="prod", metrics=metrics)
slack.jobs.start()                                    # a worker
http_app(metrics, slack.checks, slack.endpoint())     # HTTP mode
slack.socket().start()                                # or Socket Mode
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from urllib.error import URLError

from redis import Redis
from slack_bolt import App
from slack_sdk.errors import SlackClientError

from bot.http.app import SlackEndpoint
from bot.jobs.lease import leased
from bot.jobs.queue import STANDARD, Jobs, Limits
from bot.observe.metrics import Metrics
from bot.observe.redact import redact_document
from bot.registered import load_commands
from bot.secrets.vault import Vault
from bot.slack.answering import Answer, Answering, Parts
from bot.slack.app import Intake, slack_app
from bot.slack.blocks import render
from bot.slack.client import ChannelClosed, transient, web_client
from bot.slack.delivery import Tools
from bot.slack.endpoint import slack_endpoint
from bot.slack.intake import push_task
from bot.slack.memory import Memory
from bot.slack.modals import Modals
from bot.slack.pace import Posting, SharedPace
from bot.slack.people import People
from bot.slack.sender import Sender
from bot.slack.socket import SocketMode
from bot.state.store import RedisState
from commands.base.pushes import Sponsor, note_newest
from commands.base.request import Actor
from explainers.document import Document


@dataclass(frozen=True)
class SlackConfig:
    """What Slack gives for an app. `app_token` is for Socket Mode; `api_url` for a local Slack; `teams` and `app_id`
    narrow whose requests are taken (default: the token's own workspace, any app that knows the secret)."""

    bot_token: str = field(repr=False)
    signing_secret: str = field(repr=False)
    app_token: str = field(default="", repr=False)
    api_url: str = ""
    teams: frozenset[str] = frozenset()
    app_id: str = ""


class SlackSurface:
    """Everything between Slack and `answer`. Nothing is sent until a part is started."""

    def __init__(
        self,
        config: SlackConfig,
        redis: "Redis",
        answer: Answer,
        namespace_of: Callable[[Actor], str],
        cluster: str,
        metrics: Metrics,
        limits: Limits = STANDARD,
        vault: Vault | None = None,
    ) -> None:
        """`vault` takes the secrets of forms; without one, such forms are refused."""
        load_commands()
        self._config = config
        self._client = web_client(config.bot_token, config.api_url)
        self._state = RedisState(redis)
        memory = Memory(self._state)
        self._tools = tools = Tools(Sender(self._client, Posting(self._state).turn), memory, cluster)
        people = People(self._client, self._state)
        modals = Modals(self._client, self._state, vault)
        pace = SharedPace(self._state)
        alone = partial(leased, self._state, seconds=limits.lost_after)
        parts = Parts(
            answer, tools, people, self._state, metrics, namespace_of, self._enqueue_long, modals, alone, pace
        )
        answering = Answering(parts)
        self.jobs = Jobs(redis, answering.handle, answering.failed, transient, limits)
        metrics.watch_queue(self.jobs.depth)
        secret, enqueue = config.signing_secret, self.jobs.enqueue
        self._intake = Intake(self._client, secret, memory, enqueue, metrics, modals, config.teams, config.app_id)
        self._app: App | None = None

    def _enqueue_long(self, job: str) -> None:
        self.jobs.enqueue_long(job)

    @property
    def app(self) -> App:
        """The Bolt app, made when first needed: a process that only works has none."""
        if self._app is None:
            self._app = slack_app(self._intake)
        return self._app

    @property
    def checks(self) -> Mapping[str, Callable[[], bool]]:
        """Readiness of Redis and Slack, for bot/http."""
        return {"redis": self._state.ready, "slack": self.authorized}

    def authorized(self) -> bool:
        """Whether Slack takes the bot's token now."""
        try:
            return bool(self._client.auth_test()["ok"])
        except (SlackClientError, URLError, OSError):
            return False

    def tell(self, user: str, document: Document) -> bool:
        """Say something to a person that nobody asked for just now; whether Slack took it."""
        document = redact_document(document)
        values = self._tools.memory.offer(document.buttons)
        try:
            channel = self._tools.sender.direct(user)
            self._tools.sender.post(channel, render(document, values=values, together=True).root)
        except (ChannelClosed, SlackClientError, URLError, OSError):
            return False
        return True

    def endpoint(self) -> SlackEndpoint:
        """HTTP mode: what bot/http calls for POST /slack/events."""
        return slack_endpoint(self.app)

    def take_push(self, sponsor: Sponsor, branch: str, sha: str, by: str, delivery: str) -> None:
        """Build what somebody stands for. Raises Unavailable when the queue does not take it."""
        note_newest(self._state, sponsor, sha)
        task = push_task(sponsor, branch, sha, by, delivery)
        self.jobs.enqueue(replace(task, delivery=uuid.uuid4().hex).to_json())

    def socket(self) -> SocketMode:
        """Socket Mode: a connection to start."""
        return SocketMode(self.app, self._config.app_token, self._client)
