"""Slack's own framework is at home in the console: the same conversation over HTTP and over Socket Mode."""

from collections.abc import Iterator

import pytest

from bot.console.people import BOT_USER
from bot.console.server import Console
from tests.contract.console.example_app import http_bot, socket_bot

Bot = tuple[Console, list[str]]


@pytest.fixture(params=["http", "socket"])
def bot(request: pytest.FixtureRequest) -> Iterator[Bot]:
    with (http_bot if request.param == "http" else socket_bot)() as made:
        yield made


def test_command_is_acknowledged_and_answered(bot: Bot) -> None:
    console, _ = bot
    ack = console.slash("ana", "shop", "/diagnose", "web")
    assert ack.ok
    assert ack.seconds < 3
    assert console.wait_for(lambda: console.messages("shop"), 60)
    assert console.ephemerals("ana", "shop")[0]["text"] == "Looking at web"
    assert console.ephemerals("ben", "shop") == []
    root = console.messages("shop")[0]
    assert root["text"] == "web is healthy"
    assert root["user"] == BOT_USER
    assert console.refusals == []


def test_button_updates_the_message_in_place(bot: Bot) -> None:
    console, _ = bot
    console.slash("ana", "shop", "/diagnose", "web")
    assert console.wait_for(lambda: console.messages("shop"), 60)
    ts = console.messages("shop")[0]["ts"]
    assert console.click("ben", ts, "Re-check").ok
    assert console.wait_for(lambda: console.ephemerals("ben", "shop"), 60)
    assert [each["text"] for each in console.messages("shop")] == ["web is still healthy"]
    assert "blocks" not in console.messages("shop")[0]
    with pytest.raises(LookupError, match="no element"):
        console.click("ben", ts, "recheck")


def test_modal_is_filled_in_refused_and_accepted(bot: Bot) -> None:
    console, _ = bot
    console.slash("ana", "shop", "/diagnose", "web")
    assert console.wait_for(lambda: console.messages("shop"), 60)
    assert console.click("ana", console.messages("shop")[0]["ts"], "ask").ok
    assert console.wait_for(lambda: console.view("ana"), 60)
    assert console.view("ben") is None
    assert console.submit("ana", {}).errors == {"why": "Please complete this required field."}
    assert console.submit("ana", {"reason": "no"}).errors == {"why": "Say more than no."}
    assert console.submit("ana", {"reason": "slow since noon"}).errors == {}
    assert console.view("ana") is None
    assert console.wait_for(lambda: console.messages("@ana"), 60)
    assert console.messages("@ana")[0]["text"] == "You asked: slow since noon"


def test_closed_modal_is_reported(bot: Bot) -> None:
    console, seen = bot
    console.slash("ana", "shop", "/diagnose", "web")
    assert console.wait_for(lambda: console.messages("shop"), 60)
    console.click("ana", console.messages("shop")[0]["ts"], "ask")
    assert console.wait_for(lambda: console.view("ana"), 60)
    assert [each.ok for each in console.close_view("ana")] == [True]
    assert seen == ["closed"]


def test_mention_in_a_thread_is_answered_there(bot: Bot) -> None:
    console, seen = bot
    console.slash("ana", "shop", "/diagnose", "web")
    assert console.wait_for(lambda: console.messages("shop"), 60)
    ts = console.messages("shop")[0]["ts"]
    console.mention("ben", "shop", "why", thread_ts=ts)
    assert console.wait_for(lambda: len(console.replies("shop", ts)) == 2, 60)
    assert console.replies("shop", ts)[1]["text"] == "Because all pods are ready."
    assert seen == [f"<@{BOT_USER}> why"]


def test_direct_message_is_heard_once_and_the_bot_ignores_itself(bot: Bot) -> None:
    console, seen = bot
    console.say("guest", "@guest", "hello <b> #shop https://example.com")
    assert console.wait_for(lambda: seen, 60)
    assert seen == ["hello &lt;b&gt; <#C0SHOP|shop> <https://example.com>"]


def test_unknown_command_ends_in_words(bot: Bot) -> None:
    console, _ = bot
    assert not console.slash("ana", "shop", "/nothing").ok
    assert "failed" in console.ephemerals("ana", "shop")[0]["text"]


def test_menu_offers_what_the_bot_finds(bot: Bot) -> None:
    console, _ = bot
    console.slash("ana", "shop", "/pick")
    ts = console.ephemerals("ana", "shop")[0]["ts"]
    offered = console.suggestions("ana", ts, "service", "check")
    assert [each["value"] for each in offered] == ["checkout", "checkout-db"]
    assert console.click("ana", ts, "service", "checkout-db").ok
    assert console.wait_for(lambda: console.ephemerals("ana", "shop")[0]["text"] == "You picked checkout-db", 60)


def test_shortcut_of_a_message_reaches_the_bot(bot: Bot) -> None:
    console, _ = bot
    said = console.say("ben", "shop", "checkout is slow")
    assert console.shortcut("ana", "diagnose_this", said.ts).ok
    assert console.wait_for(lambda: console.replies("shop", said.ts), 60)
    assert console.replies("shop", said.ts)[0]["text"] == "About: checkout is slow"


def test_other_bots_are_recognisable(bot: Bot) -> None:
    console, _ = bot
    console.mention("deploys", "shop", "done")
    assert console.events_sent[0].envelope["event"]["bot_id"] == "B0DEPLOYS"
