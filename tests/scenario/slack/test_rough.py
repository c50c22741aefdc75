"""Connections that break and payloads that nobody meant: the bot lives on and nothing of its code is shown."""

import json
import threading
import time
import urllib.parse
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.console.signing import signature_headers
from bot.state.connect import connect_redis
from tests.scenario.slack.stack import SECRET, TEAM, Stack, stack

SHOWN_NEVER = ("Traceback", "Error(", ".py")


@pytest.fixture(scope="module")
def over_http() -> Iterator[Stack]:
    with connect_redis() as redis, stack(redis, work=False) as parts:
        yield parts


def dispatch(parts: Stack, body: str, kind: str) -> tuple[int, str]:
    headers = {key.lower(): value for key, value in signature_headers(SECRET, body.encode(), int(time.time())).items()}
    answer = parts.surface.endpoint()(body, headers | {"content-type": f"application/{kind}"})
    return answer.status, answer.body


_names = ("event", "user", "container", "actions", "channel", "text", "command", "trigger_id", "event_id")
_words = st.text(max_size=12) | st.sampled_from([TEAM, "U0ANA", "C0SHOP"])
_json = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | _words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
_fields = st.dictionaries(st.sampled_from(_names), _json)
_types = st.sampled_from(["event_callback", "block_actions", "view_submission", "shortcut", "message_action", "odd"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=_fields, kind=_types, encoded=st.booleans())
def test_any_signed_payload_gets_an_answer_without_code(
    over_http: Stack, fields: dict[str, Any], kind: str, encoded: bool
) -> None:
    payload = json.dumps({"type": kind, "team_id": TEAM, "team": {"id": TEAM}, **fields})
    body = urllib.parse.urlencode({"payload": payload}) if encoded else payload
    status, said = dispatch(over_http, body, "x-www-form-urlencoded" if encoded else "json")
    assert 200 <= status < 600
    assert not any(word in said for word in SHOWN_NEVER)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=3500))
@example(text="diagnose payload-api")
@example(text="payload=x")
def test_any_typed_text_is_receipted(over_http: Stack, text: str) -> None:
    fields = {"command": "/tessera", "text": text.encode("utf-8", "ignore").decode(), "team_id": TEAM}
    who = {"user_id": "U0ANA", "channel_id": "C0SHOP", "trigger_id": str(time.time_ns())}
    status, said = dispatch(over_http, urllib.parse.urlencode(fields | who), "x-www-form-urlencoded")
    assert status == 200
    assert "I read: " in json.loads(said)["text"]


def pause() -> bool:
    """A moment for the bot to connect again; not while waiting on the workspace, which would hold up everything."""
    return threading.Event().wait(0.5)


def counted(parts: Stack, number: int) -> bool:
    return len(parts.roots()) == number


def test_socket_mode_connects_again_when_slack_closes_the_link() -> None:
    with connect_redis() as redis, stack(redis, socket=True) as parts:
        parts.slack.slash("ana", "shop", "/diagnose", "checkout")
        parts.wait(lambda: len(parts.roots()) == 1)
        for number in (2, 3):
            parts.slack.sockets.refresh()
            assert any(parts.slack.slash("ana", "shop", "/diagnose", "checkout").ok or pause() for _ in range(60))
            parts.wait(partial(counted, parts, number), 30)
