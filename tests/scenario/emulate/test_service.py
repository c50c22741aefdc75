"""The whole bot, as `tessera serve` runs it, on the sandbox cluster, with npm's emulate 0.11.2 as its Slack.

What emulate judges: the bot's token and scopes (strict), `auth.test`, `users.info`, `conversations.info`,
`chat.postMessage`, `chat.update`, `chat.postEphemeral`, `conversations.replies` and `.history`. Messages are read back
through its API with a person's own token.

What emulate 0.11.2 has not: slash commands, request URLs for interactions, response URLs, Slack's request signature and
Socket Mode; it also checks none of Block Kit's limits. So the requests here are made and signed as Slack documents it
(https://docs.slack.dev/authentication/verifying-requests-from-slack), and the limits are the console's to judge.
"""

import json
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from bot.console.signing import signature_headers
from bot.demo import PROBE_IMAGE, sandbox_clusters
from bot.http.serving import HttpServer
from bot.service import Roles, Service
from bot.settings import Settings, SlackMode
from commands.base.policy import Grant, Policy, Team
from tests.scenario.slack.emulator import APP, Eyes, emulator
from tests.scenario.slack.stack import BOT_TOKEN, SECRET

pytestmark = pytest.mark.emulate


@dataclass(frozen=True)
class Ana:
    """A person who types; Slack's part of sending and signing is done here, reading is emulate's."""

    url: str
    eyes: Eyes
    numbers: Iterator[int] = field(default_factory=count)

    def types(self, command: str, text: str) -> str:
        """Type a slash command; gives the words of the acknowledgement."""
        who = {"user_id": self.eyes.user, "team_id": self.eyes.team, "channel_id": self.eyes.channel}
        fields = {"command": command, "text": text, "trigger_id": f"trigger-{next(self.numbers)}", **who}
        return str(self._send(urllib.parse.urlencode(fields).encode(), "x-www-form-urlencoded").json()["text"])

    def mentions(self, text: str, thread: str) -> None:
        said = {"channel": self.eyes.channel, "user": self.eyes.user, "text": f"<@{APP['bot_user_id']}> {text}"}
        number = next(self.numbers)
        event = {"type": "app_mention", "ts": f"{number}.0", "thread_ts": thread, "team": self.eyes.team, **said}
        body = {"type": "event_callback", "team_id": self.eyes.team, "event_id": f"Ev{number}", "event": event}
        self._send(json.dumps(body).encode(), "json")

    def _send(self, body: bytes, kind: str) -> httpx.Response:
        headers = signature_headers(SECRET, body, int(time.time())) | {"Content-Type": f"application/{kind}"}
        response = httpx.post(f"{self.url}/slack/events", content=body, headers=headers)
        assert response.status_code == 200
        return response


@pytest.fixture
def ana(tmp_path: Path) -> Iterator[Ana]:
    with emulator(tmp_path) as api_url, sandbox_clusters("shop", ["shop"]) as clusters:
        eyes, http = Eyes(api_url), HttpServer("127.0.0.1", 0)
        policy = Policy({eyes.team: Team({eyes.user: Grant("ana@example.com", ("shop-leads",))})})
        settings = Settings(
            slack_mode=SlackMode.HTTP,
            slack_bot_token=SecretStr(BOT_TOKEN),
            slack_signing_secret=SecretStr(SECRET),
            slack_api_url=api_url,
            probe_image=PROBE_IMAGE,
            redis_url="",
        )
        service = Service(settings, Roles(takes=True, works=True), clusters, policy, http=http).start()
        try:
            yield Ana(f"http://127.0.0.1:{http.port}", eyes)
        finally:
            service.stop()


def test_a_command_and_a_mention_read_back_from_emulate(ana: Ana) -> None:
    assert "I read: `diagnose checkout`" in ana.types("/diagnose", "checkout")
    ana.eyes.wait(1)
    [root] = ana.eyes.roots()
    ana.eyes.wait(2, root["ts"])
    [root] = ana.eyes.roots()
    assert root["text"].startswith("✗ checkout is down: DATABASE_URL points to pg-main")
    assert "asked by" in str(root["blocks"])
    evidence, plan = ana.eyes.replies(root["ts"])
    assert "could not translate host name" in str(evidence["blocks"])
    assert "kubectl -n shop " in str(plan["blocks"])

    ana.mentions("pods", root["ts"])
    ana.eyes.wait(3, root["ts"])
    assert "CrashLoopBackOff" in str(ana.eyes.replies(root["ts"])[-1]["blocks"])


def test_a_healthy_service_and_readiness(ana: Ana) -> None:
    ana.types("/tessera", "diagnose web")
    ana.eyes.wait(1)
    [root] = ana.eyes.roots()
    ana.eyes.wait(1, root["ts"])
    [root] = ana.eyes.roots()
    assert root["text"].startswith("✓ web is healthy")
    assert httpx.get(f"{ana.url}/readyz").json()["parts"] == {"redis": True, "slack": True, "cluster": True}
