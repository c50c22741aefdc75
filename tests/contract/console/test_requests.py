"""What the console sends over HTTP, judged by Slack's own signature verifier and by the three-second rule."""

import json
import threading
from urllib.parse import parse_qs

import pytest
from slack_sdk.signature import Clock, SignatureVerifier

from bot.console.people import BOT_USER
from bot.console.server import Console
from tests.contract.console.raw_bot import SECRET, Answer, Received, raw_bot

BUTTONS = [
    {
        "type": "actions",
        "elements": [{"type": "button", "action_id": "go", "value": "1", "text": {"type": "plain_text", "text": "Go"}}],
    }
]

FAILED = "`/diagnose` failed with the error “{}”."


def form(got: Received) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(got.body.decode(), keep_blank_values=True).items()}


def test_command_is_a_signed_form() -> None:
    with raw_bot() as (console, bot):
        console.slash("ana", "shop", "/diagnose", "web -n shop")
        got = bot.received[0]
        assert got.headers["content-type"] == "application/x-www-form-urlencoded"
        assert SignatureVerifier(SECRET).is_valid_request(got.body, got.headers)
        assert not SignatureVerifier("other").is_valid_request(got.body, got.headers)
        said = form(got)
        assert (said["command"], said["text"]) == ("/diagnose", "web -n shop")
        assert (said["user_id"], said["channel_id"], said["channel_name"]) == ("U0ANA", "C0SHOP", "shop")
        assert said["response_url"].startswith(console.url)
        assert said["trigger_id"].count(".") == 2


def test_signature_is_of_its_minute() -> None:
    class Tomorrow(Clock):
        def now(self) -> float:
            return super().now() + 86_400

    with raw_bot() as (console, bot):
        console.slash("ana", "shop", "/diagnose")
        got = bot.received[0]
        assert not SignatureVerifier(SECRET, Tomorrow()).is_valid_request(got.body, got.headers)


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ((200, "", {}), None),
        ((200, "just text", {}), "just text"),
        ((200, '{"text": "an object"}', {}), "an object"),
        (
            (200, '{"text": "x", "blocks": [{"type": "nope"}]}', {}),
            "`/diagnose` failed with the error “invalid_blocks”.",
        ),
        ((500, "oops", {}), "`/diagnose` failed with the error “dispatch_failed”."),
        ((404, "", {}), "`/diagnose` failed with the error “dispatch_failed”."),
    ],
)
def test_answer_to_a_command_is_shown(answer: Answer, shown: str | None) -> None:
    with raw_bot(lambda _: answer) as (console, _):
        console.slash("ana", "shop", "/diagnose")
        assert [each["text"] for each in console.ephemerals("ana", "shop")] == ([shown] if shown else [])


def test_answer_in_channel_is_for_everyone() -> None:
    with raw_bot(lambda _: (200, '{"text": "hello", "response_type": "in_channel"}', {})) as (console, _):
        console.slash("ana", "shop", "/diagnose")
        assert [each["text"] for each in console.messages("shop")] == ["hello"]


def test_acknowledgement_after_three_seconds_is_too_late() -> None:
    release = threading.Event()

    def slow(_: Received) -> Answer:
        release.wait(60)
        return 200, "", {}

    with raw_bot(slow) as (console, _):
        ack = console.slash("ana", "shop", "/diagnose")
        release.set()
        assert ack.error == "operation_timeout"
        assert 2.9 < ack.seconds < 30
        assert "operation_timeout" in console.ephemerals("ana", "shop")[0]["text"]


def test_nobody_listening_ends_in_words() -> None:
    with Console("http://127.0.0.1:9/slack/events", SECRET, "xoxb-local", None) as console:
        assert console.slash("ana", "shop", "/diagnose").error == "dispatch_failed"
        assert len(console.ephemerals("ana", "shop")) == 1


def test_event_is_retried_with_the_same_id_until_acknowledged() -> None:
    attempts: list[str] = []

    def third_time(got: Received) -> Answer:
        attempts.append(json.loads(got.body)["event_id"])
        return (200 if len(attempts) == 3 else 500), "", {}

    with raw_bot(third_time, event_retries=(0, 0, 0)) as (console, bot):
        console.mention("ana", "shop", "why")
        assert console.wait_for(lambda: len(bot.received) == 3, 60)
        assert len(set(attempts)) == 1
        assert [each.headers.get("x-slack-retry-num") for each in bot.received] == [None, "1", "2"]
        assert bot.received[1].headers["x-slack-retry-reason"] == "http_error"
        event = json.loads(bot.received[0].body)["event"]
        assert (event["type"], event["text"], event["channel"]) == ("app_mention", f"<@{BOT_USER}> why", "C0SHOP")
        assert SignatureVerifier(SECRET).is_valid_request(bot.received[0].body, bot.received[0].headers)


def test_event_is_given_up_after_three_retries_or_when_told() -> None:
    with raw_bot(lambda _: (500, "", {}), event_retries=(0, 0, 0)) as (console, bot):
        console.mention("ana", "shop", "why")
        assert console.wait_for(lambda: len(bot.received) == 4, 60)
        assert not console.wait_for(lambda: len(bot.received) > 4, 0.5)
    with raw_bot(lambda _: (500, "", {"X-Slack-No-Retry": "1"}), event_retries=(0, 0, 0)) as (console, bot):
        console.mention("ana", "shop", "why")
        assert not console.wait_for(lambda: len(bot.received) > 1, 0.5)


def test_only_subscribed_events_are_sent() -> None:
    with raw_bot(events=frozenset({"message.channels"})) as (console, bot):
        console.mention("ana", "shop", "why")
        console.say("ana", "@ana", "hello")
        assert console.wait_for(lambda: console.events_sent and console.events_sent[0].attempts, 60)
        assert [json.loads(each.body)["event"]["type"] for each in bot.received] == ["message"]


def test_url_is_verified_by_its_echo() -> None:
    with raw_bot(lambda got: (200, json.loads(got.body)["challenge"], {})) as (console, bot):
        assert console.verify_url()
        assert json.loads(bot.received[0].body)["type"] == "url_verification"
    with raw_bot() as (console, _):
        assert not console.verify_url()


def test_click_carries_message_and_container() -> None:
    from slack_sdk import WebClient

    with raw_bot() as (console, bot):
        client = WebClient(token="xoxb-local", base_url=console.api_url)
        ts = client.chat_postMessage(channel="C0SHOP", text="go", blocks=BUTTONS)["ts"]
        console.click("ben", ts, "go")
        payload = json.loads(form(bot.received[0])["payload"])
        assert payload["type"] == "block_actions"
        assert payload["user"]["id"] == "U0BEN"
        assert payload["message"]["ts"] == ts
        assert payload["container"] == {
            "type": "message",
            "message_ts": ts,
            "channel_id": "C0SHOP",
            "is_ephemeral": False,
        }
        assert payload["actions"][0]["value"] == "1"
        hidden = client.chat_postEphemeral(channel="C0SHOP", user="U0ANA", text="go", blocks=BUTTONS)["message_ts"]
        with pytest.raises(LookupError):
            console.click("ben", hidden, "go")
        console.click("ana", hidden, "go")
        payload = json.loads(form(bot.received[1])["payload"])
        assert payload["container"]["is_ephemeral"]
        assert "message" not in payload
