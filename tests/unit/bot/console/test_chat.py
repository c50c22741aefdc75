"""chat.*: what Slack accepts, changes and refuses."""

from typing import Any

import pytest

from bot.console.errors import RateLimited, SlackError
from bot.console.messages import Message
from bot.console.people import BOT_USER, Channel
from tests.unit.bot.console.build import APP_TOKEN, Slack, actions, button, section


@pytest.fixture
def slack() -> Slack:
    return Slack()


def refused(slack: Slack, name: str, /, **values: Any) -> str:
    with pytest.raises(SlackError) as caught:
        slack.call(name, **values)
    return caught.value.code


def test_post_keeps_text_blocks_and_fills_ids_in(slack: Slack) -> None:
    answer = slack.call("chat.postMessage", channel="C0SHOP", text="hi", blocks=[actions(button("a"))])
    message = answer["message"]
    assert answer["ok"]
    assert answer["channel"] == "C0SHOP"
    assert message["user"] == BOT_USER
    assert message["blocks"][0]["block_id"]
    assert slack.call("conversations.history", channel="C0SHOP")["messages"] == [message]


def test_channel_may_be_named_or_be_a_person(slack: Slack) -> None:
    assert slack.call("chat.postMessage", channel="#shop", text="hi")["channel"] == "C0SHOP"
    assert slack.call("chat.postMessage", channel="U0BEN", text="hi")["channel"] == "D0BEN"


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"channel": "C404", "text": "x"}, "channel_not_found"),
        ({"text": "x"}, "invalid_arguments"),
        ({"channel": "C0SHOP"}, "no_text"),
        ({"channel": "C0SHOP", "text": "x", "blocks": "[{"}, "invalid_blocks_format"),
        ({"channel": "C0SHOP", "text": "x", "blocks": {"type": "section"}}, "invalid_blocks_format"),
        ({"channel": "C0SHOP", "text": "x", "blocks": [{"type": "nope"}]}, "invalid_blocks"),
        ({"channel": "C0SHOP", "text": "x", "blocks": [section("x" * 2900)] * 5}, "msg_blocks_too_long"),
        ({"channel": "C0SHOP", "text": "x", "thread_ts": "1.000000"}, "thread_not_found"),
        ({"channel": "C0PUBLIC", "text": "x"}, "not_in_channel"),
        ({"channel": "C0SECRET", "text": "x"}, "channel_not_found"),
        ({"channel": "C0OLD", "text": "x"}, "is_archived"),
    ],
)
def test_post_is_refused(slack: Slack, values: dict[str, Any], error: str) -> None:
    slack.workspace.add_channel(Channel("C0PUBLIC", "public"))
    slack.workspace.add_channel(Channel("C0SECRET", "secret", is_private=True))
    slack.workspace.add_channel(Channel("C0OLD", "old", {BOT_USER}, is_archived=True))
    assert refused(slack, "chat.postMessage", **values) == error
    assert [each.error for each in slack.backend.refusals] == [error]


def test_invalid_blocks_say_where(slack: Slack) -> None:
    with pytest.raises(SlackError) as caught:
        slack.call("chat.postMessage", channel="C0SHOP", text="x", blocks=[section("x" * 3001)])
    reason = "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    assert caught.value.body() == {
        "ok": False,
        "error": "invalid_blocks",
        "errors": [reason],
        "response_metadata": {"messages": [f"[ERROR] {reason}"]},
    }


def test_long_text_is_cut_and_remarked(slack: Slack) -> None:
    answer = slack.call("chat.postMessage", channel="C0SHOP", text="x" * 40_001)
    assert len(answer["message"]["text"]) == 40_000
    assert answer["response_metadata"] == {"warnings": ["message_truncated"]}
    slack.call("chat.postMessage", channel="C0SHOP", blocks=[section()])
    assert ["4000" in each.text or "no `text`" in each.text for each in slack.backend.advice] == [True, True]


def test_reply_belongs_to_a_root(slack: Slack) -> None:
    root = slack.call("chat.postMessage", channel="C0SHOP", text="root")["ts"]
    reply = slack.call("chat.postMessage", channel="C0SHOP", text="reply", thread_ts=root)["ts"]
    assert refused(slack, "chat.postMessage", channel="C0SHOP", text="x", thread_ts=reply) == "cannot_reply_to_message"
    thread = slack.call("conversations.replies", channel="C0SHOP", ts=root)["messages"]
    assert [each["text"] for each in thread] == ["root", "reply"]
    assert thread[0]["reply_count"] == 1
    assert [each["text"] for each in slack.call("conversations.history", channel="C0SHOP")["messages"]] == ["root"]


def test_update_replaces_blocks_by_text_and_keeps_text_under_blocks(slack: Slack) -> None:
    ts = slack.call("chat.postMessage", channel="C0SHOP", text="one", blocks=[section()])["ts"]
    kept = slack.call("chat.update", channel="C0SHOP", ts=ts, blocks=[section("two")])["message"]
    assert kept["text"] == "one"
    assert "edited" not in kept
    plain = slack.call("chat.update", channel="C0SHOP", ts=ts, text="three")["message"]
    assert "blocks" not in plain
    assert plain["edited"]["user"] == BOT_USER


def test_update_is_refused(slack: Slack) -> None:
    ts = slack.call("chat.postMessage", channel="C0SHOP", text="one")["ts"]
    theirs = slack.workspace.post(Message("C0SHOP", slack.workspace.next_ts(), "U0ANA", "mine")).ts
    hidden = slack.call("chat.postEphemeral", channel="C0SHOP", user="U0ANA", text="psst")["message_ts"]
    assert refused(slack, "chat.update", channel="C0SHOP", ts="1.000000", text="x") == "message_not_found"
    assert refused(slack, "chat.update", channel="C0SHOP", ts=theirs, text="x") == "cant_update_message"
    assert refused(slack, "chat.update", channel="C0SHOP", ts=hidden, text="x") == "message_not_found"
    assert refused(slack, "chat.update", channel="C0SHOP", ts=ts, text="x" * 4001) == "msg_too_long"
    assert refused(slack, "chat.update", channel="C0SHOP", ts=ts) == "no_text"
    assert refused(slack, "chat.delete", channel="C0SHOP", ts=theirs) == "cant_delete_message"


def test_deleted_message_is_gone(slack: Slack) -> None:
    ts = slack.call("chat.postMessage", channel="C0SHOP", text="one")["ts"]
    slack.call("chat.delete", channel="C0SHOP", ts=ts)
    assert refused(slack, "chat.delete", channel="C0SHOP", ts=ts) == "message_not_found"
    assert slack.call("conversations.history", channel="C0SHOP")["messages"] == []


def test_ephemeral_reaches_members_only(slack: Slack) -> None:
    slack.call("chat.postEphemeral", channel="C0OPS", user="U0ANA", text="psst")
    assert refused(slack, "chat.postEphemeral", channel="C0OPS", user="U0GUEST", text="x") == "user_not_in_channel"
    assert refused(slack, "chat.postEphemeral", channel="C0OPS", user="U404", text="x") == "user_not_found"
    assert slack.call("conversations.history", channel="C0OPS")["messages"] == []
    assert [each.text for each in slack.workspace.ephemerals("C0OPS", "U0ANA")] == ["psst"]


def test_permalink_points_into_the_thread(slack: Slack) -> None:
    root = slack.call("chat.postMessage", channel="C0SHOP", text="root")["ts"]
    reply = slack.call("chat.postMessage", channel="C0SHOP", text="reply", thread_ts=root)["ts"]
    link = slack.call("chat.getPermalink", channel="C0SHOP", message_ts=reply)["permalink"]
    assert f"/archives/C0SHOP/p{reply.replace('.', '')}?thread_ts={root}" in link
    assert refused(slack, "chat.getPermalink", channel="C0SHOP", message_ts="1.1") == "message_not_found"


def test_posting_is_limited_to_one_a_second_with_short_bursts(slack: Slack) -> None:
    for _ in range(5):
        slack.call("chat.postMessage", channel="C0SHOP", text="x")
    with pytest.raises(RateLimited) as caught:
        slack.call("chat.postMessage", channel="C0SHOP", text="x")
    assert caught.value.retry_after == 1
    slack.call("chat.postMessage", channel="C0OPS", text="another channel")
    slack.clock.now += 1
    slack.call("chat.postMessage", channel="C0SHOP", text="x")
    assert refused(slack, "chat.postMessage", channel="C0SHOP", text="x") == "ratelimited"


def test_updates_are_limited_to_fifty_a_minute(slack: Slack) -> None:
    ts = slack.call("chat.postMessage", channel="C0SHOP", text="x")["ts"]
    for _ in range(50):
        slack.clock.now += 1
        slack.call("chat.update", channel="C0SHOP", ts=ts, text="x")
    with pytest.raises(RateLimited) as caught:
        slack.call("chat.update", channel="C0SHOP", ts=ts, text="x")
    assert 1 <= caught.value.retry_after <= 11
    slack.clock.now += caught.value.retry_after
    slack.call("chat.update", channel="C0SHOP", ts=ts, text="x")


def test_tokens(slack: Slack) -> None:
    assert refused(slack, "auth.test", token="") == "not_authed"
    assert refused(slack, "auth.test", token="xoxb-other") == "invalid_auth"
    assert refused(slack, "auth.test", token=APP_TOKEN) == "not_allowed_token_type"
    assert refused(slack, "apps.connections.open") == "not_allowed_token_type"
    assert refused(slack, "apps.connections.open", token=APP_TOKEN) == "internal_error", "no server runs here"
    assert refused(slack, "chat.fax") == "unknown_method"
    assert slack.call("auth.test")["user_id"] == BOT_USER


def test_reading_methods_ignore_json_bodies(slack: Slack) -> None:
    assert slack.call("users.info", user="U0ANA")["user"]["name"] == "ana"
    assert refused(slack, "users.info", is_json=True, user="U0ANA") == "invalid_arguments"
    assert slack.call("chat.postMessage", is_json=True, channel="C0SHOP", text="x")["ok"]
