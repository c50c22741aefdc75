"""The whole bot in one process: the local Slack, the jobs, a cluster. What `tessera console` and `tessera demo` run."""

import errno
import secrets
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from pydantic import SecretStr

from bot.console import people
from bot.console.server import Console
from bot.http.serving import HttpServer
from bot.service import Roles, Service
from bot.settings import Settings, SlackMode, load
from bot.slack.manifest import manifest
from commands.base.errors import UsageError
from commands.base.policy import Channel, Grant, Policy, Team
from commands.base.ports import Clusters

PORT = 8070


@dataclass(frozen=True)
class Local:
    """A running console; `url` is its page."""

    url: str
    console: Console
    service: Service
    parts: ExitStack

    def stop(self) -> None:
        self.parts.close()


def policy(namespace: str) -> Policy:
    """The people of the local workspace; `namespace` is meant where nobody names one. The guest is nobody."""
    team = Team(
        users={
            people.ANA.id: Grant("ana@tessera-local.example", ("shop-leads",)),
            people.BEN.id: Grant("ben@tessera-local.example", ("shop-developers",)),
        },
        channels={"C0SHOP": Channel(namespace=namespace)},
    )
    return Policy({people.TEAM_ID: team})


def start(
    clusters: Clusters,
    namespace: str,
    probe_image: str,
    own_identity: bool,
    port: int = PORT,
    settings: Settings | None = None,
    to_try: Sequence[str] = (),
) -> Local:
    """Start the local Slack and the bot behind it, joined by signed HTTP with secrets made for this run.

    The app is installed from its real manifest: what the manifest does not ask for, the bot cannot do here either.
    `own_identity` reads the cluster as the connection itself: a laptop's kubeconfig may seldom impersonate.
    `settings` say with what is built; by default those of the process. The page takes a free port where `port` is
    taken, and offers the lines `to_try`. Raises UsageError for a port that may not be used.
    """
    token, secret = f"xoxb-{secrets.token_hex(16)}", secrets.token_hex(16)
    with ExitStack() as parts:
        http = HttpServer("127.0.0.1", 0)
        parts.callback(http.stop)
        console = _console(http.port, secret, token, port, to_try)
        parts.callback(console.start().stop)
        mine = {
            "slack_mode": SlackMode.HTTP,
            "slack_bot_token": SecretStr(token),
            "slack_signing_secret": SecretStr(secret),
            "slack_api_url": console.api_url,
            "probe_image": probe_image,
            "redis_url": "",
        }
        settings = (settings or load()).model_copy(update=mine)
        service = Service(settings, Roles(takes=True, works=True), clusters, policy(namespace), own_identity, http)
        parts.callback(service.start().stop)
        return Local(console.url, console, service, parts.pop_all())


def _console(bot_port: int, secret: str, token: str, port: int, examples: Sequence[str]) -> Console:
    bot = f"http://127.0.0.1:{bot_port}"
    app = manifest(bot)
    try:
        return Console(f"{bot}/slack/events", secret, token, None, port, manifest=app, examples=examples)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise UsageError(
                f"Port {port} cannot be used: {error.strerror}.", "choose another with `--port`"
            ) from error
        return Console(f"{bot}/slack/events", secret, token, None, manifest=app, examples=examples)
