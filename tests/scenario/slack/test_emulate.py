"""The bot against npm's independent Slack emulator: posts, updates, threads and look-ups, with its own scopes only."""

import json
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.console.signing import signature_headers
from bot.http.app import http_app
from bot.http.serving import HttpServer
from bot.observe.metrics import Metrics
from bot.slack.client import web_client
from bot.slack.sender import Sender
from bot.slack.surface import SlackConfig, SlackSurface
from bot.state.connect import connect_redis
from commands.base.ports import Audience
from commands.base.request import Reply, Request
from explainers.document import Document, Tone
from tests.scenario.slack.emulator import Eyes, emulator
from tests.scenario.slack.stack import BOT_TOKEN, FAST, SECRET, namespace_of
from tests.unit.bot.slack.documents import VERDICT

pytestmark = pytest.mark.emulate


def answer(request: Request, audience: Audience) -> Reply:
    audience.progress("reading shop")
    if request.command == "diagnose":
        return Reply(VERDICT, "deployment/checkout", "shop", "fault")
    return Reply(Document(Tone.INFO, f"{request.command} of `{request.text}`"), "deployment/checkout", "shop")


@dataclass(frozen=True)
class Running:
    url: str
    eyes: Eyes
    sender: Sender

    def send(self, body: bytes, kind: str) -> None:
        headers = signature_headers(SECRET, body, int(time.time())) | {"Content-Type": f"application/{kind}"}
        assert httpx.post(f"{self.url}/slack/events", content=body, headers=headers).status_code == 200

    def command(self) -> None:
        fields = {"command": "/diagnose", "text": "checkout", "trigger_id": "1", **self._who()}
        self.send(urllib.parse.urlencode(fields).encode(), "x-www-form-urlencoded")

    def mention(self, text: str, thread: str) -> None:
        said = {"channel": self.eyes.channel, "user": self.eyes.user, "text": f"<@U0TESSERA> {text}"}
        event = {"type": "app_mention", "ts": thread, "thread_ts": thread, "team": self.eyes.team, **said}
        body = {"type": "event_callback", "team_id": self.eyes.team, "event_id": "Ev1", "event": event}
        self.send(json.dumps(body).encode(), "json")

    def click(self, message: dict[str, Any], value: str) -> None:
        payload = {
            "type": "block_actions",
            "team": {"id": self.eyes.team},
            "user": {"id": self.eyes.user, "team_id": self.eyes.team},
            "channel": {"id": self.eyes.channel},
            "container": {"message_ts": message["ts"], "channel_id": self.eyes.channel},
            "trigger_id": "2",
            "actions": [{"type": "button", "action_id": "tessera.0", "block_id": "x", "value": value}],
        }
        self.send(urllib.parse.urlencode({"payload": json.dumps(payload)}).encode(), "x-www-form-urlencoded")

    def _who(self) -> dict[str, str]:
        return {"user_id": self.eyes.user, "team_id": self.eyes.team, "channel_id": self.eyes.channel}


@contextmanager
def bot(api_url: str) -> Iterator[str]:
    server, metrics = HttpServer("127.0.0.1", 0), Metrics()
    with connect_redis() as redis:
        config = SlackConfig(BOT_TOKEN, SECRET, api_url=api_url)
        surface = SlackSurface(config, redis, answer, namespace_of, "kind", metrics, FAST)
        server.start(http_app(metrics, surface.checks, surface.endpoint()))
        surface.jobs.start(threads=2)
        try:
            yield f"http://127.0.0.1:{server.port}"
        finally:
            surface.jobs.stop(5)
            server.stop()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with emulator(tmp_path) as api_url, bot(api_url) as url:
        yield Running(url, Eyes(api_url), Sender(web_client(BOT_TOKEN, api_url)))


def test_command_mention_and_click(running: Running) -> None:
    running.command()
    running.eyes.wait(1)
    [root] = running.eyes.roots()
    running.eyes.wait(2, root["ts"])
    assert root["text"].startswith("✗ checkout is down")
    evidence, plan = running.eyes.replies(root["ts"])
    assert "*Evidence*" in str(evidence["blocks"])
    assert "rollout undo deployment/checkout" in str(plan["blocks"])

    running.mention("why", root["ts"])
    running.eyes.wait(3, root["ts"])
    assert "why of `deployment/checkout -n shop`" in str(running.eyes.replies(root["ts"])[-1]["blocks"])

    [recheck] = [each for each in root["blocks"][-1]["elements"] if each["text"]["text"] == "Re-check"]
    running.click(root, recheck["value"])
    running.eyes.wait(4, root["ts"])
    assert [each["ts"] for each in running.eyes.roots()] == [root["ts"]]
    assert httpx.get(f"{running.url}/readyz").json()["parts"]["slack"] is True


def test_a_posted_part_is_found_again_by_its_mark(running: Running) -> None:
    running.command()
    running.eyes.wait(1)
    [root] = running.eyes.roots()
    mark = {"request": root["metadata"]["event_payload"]["request"], "part": "root"}
    assert running.sender.find(running.eyes.channel, "", mark) == root["ts"]
    assert running.sender.find(running.eyes.channel, "", mark | {"part": "other"}) == ""
