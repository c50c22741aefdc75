"""Forged, late, replayed and foreign requests are refused; what Slack repeats is answered once."""

import json
import time
import urllib.parse
from collections.abc import Iterator

import httpx
import pytest

from bot.console.signing import signature_headers
from bot.state.connect import connect_redis
from tests.scenario.slack.stack import SECRET, TEAM, Stack, stack

FORM = "x-www-form-urlencoded"


@pytest.fixture
def running() -> Iterator[Stack]:
    with connect_redis() as redis, stack(redis) as parts:
        yield parts


def form(**changes: str) -> bytes:
    fields = {
        "command": "/diagnose",
        "text": "checkout",
        "user_id": "U0ANA",
        "team_id": TEAM,
        "channel_id": "C0SHOP",
        "trigger_id": "1.2.abc",
        "api_app_id": "A0TESSERA",
    }
    return urllib.parse.urlencode(fields | changes).encode()


def send(parts: Stack, body: bytes, secret: str = SECRET, age: int = 0, kind: str = FORM) -> httpx.Response:
    headers = signature_headers(secret, body, int(time.time()) - age) | {"Content-Type": f"application/{kind}"}
    return httpx.post(f"{parts.url}/slack/events", content=body, headers=headers)


def test_a_signed_request_is_taken(running: Stack) -> None:
    assert send(running, form()).status_code == 200
    running.wait(running.roots)


def test_a_forged_signature_is_refused(running: Stack) -> None:
    assert send(running, form(), secret="another").status_code == 401
    assert running.asked.requests == []


def test_a_late_request_is_refused(running: Stack) -> None:
    assert send(running, form(), age=301).status_code == 401


def test_an_unsigned_and_an_altered_request_are_refused(running: Stack) -> None:
    url = f"{running.url}/slack/events"
    assert httpx.post(url, content=form()).status_code == 401
    headers = signature_headers(SECRET, form(), int(time.time()))
    assert httpx.post(url, content=form(text="other"), headers=headers).status_code == 401


def test_a_replayed_request_is_answered_once(running: Stack) -> None:
    for _ in range(3):
        assert send(running, form()).status_code == 200
    running.wait(lambda: running.roots() and len(running.replies(running.roots()[0]["ts"])) == 2)
    running.wait(lambda: running.surface.jobs.depth() == 0)
    assert len(running.asked.requests) == 1
    assert len(running.roots()) == 1


def test_a_repeated_event_is_answered_once(running: Stack) -> None:
    said = running.slack.mention("ana", "shop", "diagnose checkout")
    running.wait(lambda: len(running.replies(said.ts)) == 1)
    event = {"type": "app_mention", "user": "U0ANA", "text": "<@U0TESSERA> why", "channel": "C0SHOP", "ts": said.ts}
    body = json.dumps({"type": "event_callback", "team_id": TEAM, "event_id": "Ev1", "event": event}).encode()
    for _ in range(2):
        assert send(running, body, kind="json").status_code == 200
    running.wait(lambda: len(running.replies(said.ts)) == 2)
    running.wait(lambda: running.surface.jobs.depth() == 0)
    assert len(running.replies(said.ts)) == 2


def test_another_workspace_is_refused(running: Stack) -> None:
    assert send(running, form(team_id="T9")).status_code == 403
    assert running.asked.requests == []


def test_a_shared_channel_is_refused(running: Stack) -> None:
    said = running.slack.say("ana", "shop", "hello")
    event = {"type": "app_mention", "user": "U0ANA", "text": "<@U0TESSERA> diagnose checkout", "channel": "C0SHOP"}
    envelope = {"type": "event_callback", "team_id": TEAM, "event_id": "Ev2", "is_ext_shared_channel": True}
    body = json.dumps(envelope | {"event": event | {"ts": said.ts}}).encode()
    assert send(running, body, kind="json").status_code == 200
    running.wait(lambda: "shared with another organisation" in str(running.slack.ephemerals("ana", "shop")))


def test_another_bot_is_refused_in_the_thread(running: Stack) -> None:
    root = running.slack.say("ana", "shop", "hello")
    event = {"type": "app_mention", "user": "U0DEPLOYS", "bot_id": "B9", "text": "<@U0TESSERA> diagnose checkout"}
    body = json.dumps(
        {
            "type": "event_callback",
            "team_id": TEAM,
            "event_id": "Ev3",
            "event": event | {"channel": "C0SHOP", "ts": root.ts},
        }
    ).encode()
    assert send(running, body, kind="json").status_code == 200
    running.wait(lambda: "other bots are not answered" in str(running.replies(root.ts)))


def test_the_challenge_of_a_saved_url_is_echoed(running: Stack) -> None:
    assert running.slack.verify_url()


def test_nonsense_is_an_error_of_the_sender(running: Stack) -> None:
    url = f"{running.url}/slack/events"
    assert httpx.post(url, content=b"\xff\xfe").status_code == 400
    assert httpx.post(url, content=b"x" * 1_000_001).status_code == 413
    assert send(running, b"{", kind="json").status_code in (400, 403, 404, 500)
    assert send(running, b"[1]", kind="json").status_code < 600
    assert httpx.get(f"{running.url}/healthz").status_code == 200
