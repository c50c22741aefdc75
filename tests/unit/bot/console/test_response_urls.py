"""Response URLs: five uses, thirty minutes, ephemeral by default, replacing and deleting their source."""

from typing import Any

import pytest

from bot.console.errors import SlackError
from bot.console.response_urls import respond
from tests.unit.bot.console.build import Slack, section


@pytest.fixture
def slack() -> Slack:
    return Slack(enforce_rates=False)


def refused(slack: Slack, name: str, body: Any) -> str:
    with pytest.raises(SlackError) as caught:
        respond(slack.backend, name, body)
    return caught.value.code


def url(slack: Slack, source_ts: str | None = None) -> str:
    return slack.backend.passes.response_url("U0ANA", "C0SHOP", source_ts)


def test_five_uses(slack: Slack) -> None:
    name = url(slack)
    for number in range(5):
        respond(slack.backend, name, {"text": str(number)})
    assert refused(slack, name, {"text": "six"}) == "used_url"
    assert [each.text for each in slack.workspace.ephemerals("C0SHOP", "U0ANA")] == ["0", "1", "2", "3", "4"]
    assert slack.workspace.messages("C0SHOP") == []


def test_thirty_minutes(slack: Slack) -> None:
    name = url(slack)
    slack.clock.now += 30 * 60
    respond(slack.backend, name, {"text": "just in time"})
    slack.clock.now += 1
    assert refused(slack, name, {"text": "late"}) == "expired_url"


def test_in_channel_is_for_everyone(slack: Slack) -> None:
    respond(slack.backend, url(slack), {"text": "hello", "response_type": "in_channel"})
    assert [each.text for each in slack.workspace.messages("C0SHOP")] == ["hello"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("hello", "invalid_payload"),
        ({}, "no_text"),
        ({"text": "x", "response_type": "loud"}, "invalid_response_type"),
        ({"text": "x", "blocks": [section("")]}, "invalid_blocks"),
        ({"delete_original": True}, "message_not_found"),
    ],
)
def test_refused_bodies(slack: Slack, body: Any, error: str) -> None:
    assert refused(slack, url(slack), body) == error
    assert slack.backend.refusals[-1].method == "response_url"


def test_replace_works_even_on_ephemeral_messages(slack: Slack) -> None:
    ts = slack.call("chat.postEphemeral", channel="C0SHOP", user="U0ANA", text="old", blocks=[section()])["message_ts"]
    respond(slack.backend, url(slack, ts), {"text": "new", "replace_original": True})
    assert [(each.text, each.blocks) for each in slack.workspace.ephemerals("C0SHOP", "U0ANA")] == [("new", [])]
    respond(slack.backend, url(slack, ts), {"delete_original": True})
    assert slack.workspace.ephemerals("C0SHOP", "U0ANA") == []


def test_unsaid_replace_original_is_remarked(slack: Slack) -> None:
    ts = slack.call("chat.postMessage", channel="C0SHOP", text="old")["ts"]
    respond(slack.backend, url(slack, ts), {"text": "new"})
    assert "replace_original" in slack.backend.advice[-1].text
    assert slack.workspace.messages("C0SHOP")[0].text == "old"
