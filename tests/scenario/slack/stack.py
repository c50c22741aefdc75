"""The whole Slack surface in a test: the strict local Slack, the real app under uvicorn, workers, any answer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from redis import Redis

from bot.console.errors import Refusal
from bot.console.server import Console
from bot.http.app import http_app
from bot.http.serving import HttpServer
from bot.jobs.queue import Limits
from bot.observe.metrics import Metrics
from bot.secrets.vault import Vault
from bot.slack.surface import SlackConfig, SlackSurface
from commands.base.policy import Grant, Policy, Team, decide, default_namespace
from commands.base.ports import Audience
from commands.base.request import Actor, Reply, Request
from explainers.document import Document, Tone
from tests.unit.bot.slack.documents import VERDICT

SECRET = "signing-secret-of-the-tests"
BOT_TOKEN = "-".join(["xo" + "xb", "local"])
APP_TOKEN = "-".join(["xa" + "pp", "local"])
TEAM = "T0TESSERA"
POLICY = Policy({TEAM: Team({"U0ANA": Grant("ana@example.com", ("shop-developers",))})})
FAST = Limits(job=30, lost_after=1, retry_after=0.3)


def verdict(request: Request, audience: Audience) -> Reply:
    """The reply of the tests: policy first, then a verdict about whatever was named."""
    decision = decide(POLICY, request.actor, request.command, "shop")
    if not decision.allowed:
        return Reply(Document(Tone.REFUSED, f"I may not do that for you: {decision.reason}.", code=decision.line))
    audience.progress("reading shop")
    if request.command == "diagnose" and request.text:
        return Reply(VERDICT, "deployment/checkout", "shop", "fault")
    if request.command in ("why", "logs", "events"):
        said = Document(Tone.INFO, f"{request.command} of `{request.text}`", code="line 1\nline 2")
        return Reply(said, "deployment/checkout", "shop")
    return Reply(Document(Tone.REFUSED, f"I know no `{request.command} {request.text}`.", facts=("type `help`",)))


@dataclass
class Asked:
    """An answer that keeps what it was asked."""

    answer: Callable[[Request, Audience], Reply] = verdict
    requests: list[Request] = field(default_factory=list)

    def __call__(self, request: Request, audience: Audience) -> Reply:
        self.requests.append(request)
        return self.answer(request, audience)


@dataclass(frozen=True)
class Stack:
    """The running parts."""

    slack: Console
    surface: SlackSurface
    asked: Asked
    metrics: Metrics
    url: str

    def roots(self, channel: str = "shop") -> list[dict[str, Any]]:
        """The bot's messages outside of threads."""
        return [each for each in self.slack.messages(channel) if each.get("bot_id") and not each.get("thread_ts")]

    def replies(self, timestamp: str, channel: str = "shop") -> list[dict[str, Any]]:
        """The bot's replies in a thread."""
        return [each for each in self.slack.replies(channel, timestamp) if each.get("bot_id")]

    def wait(self, ready: Callable[[], object], seconds: float = 60) -> None:
        assert self.slack.wait_for(ready, seconds), self.slack.refusals


def objections(slack: Console) -> list[Refusal]:
    """What Slack had against the bot, but for what the bot waits out: too many calls, a view that is not shown yet."""
    waited_out = {("views.update", "not_found")}
    return [one for one in slack.refusals if one.error != "ratelimited" and (one.method, one.error) not in waited_out]


def config_of(slack: Console) -> SlackConfig:
    return SlackConfig(BOT_TOKEN, SECRET, APP_TOKEN, api_url=slack.api_url)


def namespace_of(actor: Actor) -> str:
    return default_namespace(POLICY, actor)


@contextmanager
def stack(
    redis: "Redis",
    asked: Asked | None = None,
    socket: bool = False,
    work: bool = True,
    teams: frozenset[str] = frozenset(),
    rates: bool = False,
    vault: Vault | None = None,
) -> Iterator[Stack]:
    """Run everything until the block ends; `work=False` leaves the workers out, `rates` makes Slack answer 429, `vault`
    takes the secrets of forms."""
    asked, metrics = asked or Asked(), Metrics()
    server = HttpServer("127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.port}"
    bot_url = None if socket else f"{url}/slack/events"
    with Console(bot_url, SECRET, BOT_TOKEN, APP_TOKEN, event_retries=(0.2,), enforce_rates=rates) as slack:
        config = replace(config_of(slack), teams=teams)
        surface = SlackSurface(config, redis, asked, namespace_of, "kind", metrics, FAST, vault)
        link = surface.socket() if socket else None
        server.start(http_app(metrics, surface.checks, surface.endpoint()))
        if link:
            link.start()
        if work:
            surface.jobs.start(threads=2)
        try:
            yield Stack(slack, surface, asked, metrics, url)
        finally:
            if link:
                link.stop()
            surface.jobs.stop(5)
            server.stop()
