"""Commands, mentions and clicks through the real app, over HTTP and Socket Mode, against the strict local Slack."""

import re
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.console.people import Channel
from bot.state.connect import connect_redis
from commands.base.errors import Unavailable
from commands.base.ports import Audience
from commands.base.request import Reply, Request
from tests.scenario.slack.stack import Stack, stack, verdict


@pytest.fixture(params=["http", "socket"])
def running(request: pytest.FixtureRequest) -> Iterator[Stack]:
    with connect_redis() as redis, stack(redis, socket=request.param == "socket") as parts:
        yield parts


@pytest.fixture
def over_http() -> Iterator[Stack]:
    with connect_redis() as redis, stack(redis) as parts:
        yield parts


def diagnosed(parts: Stack, channel: str = "shop") -> str:
    """Ask for a verdict and give its root message's timestamp."""
    assert parts.slack.slash("ana", channel, "/diagnose", "checkout -n shop").ok
    parts.wait(lambda: parts.roots(channel) and len(parts.replies(str(parts.roots(channel)[0]["ts"]), channel)) == 2)
    return str(parts.roots(channel)[0]["ts"])


def test_a_command_is_receipted_then_answered_in_root_and_thread(running: Stack) -> None:
    ack = running.slack.slash("ana", "shop", "/diagnose", "checkout —n shop")
    assert ack.ok
    assert "I read: `diagnose checkout -n shop`" in ack.body["text"]
    assert ack.body["response_type"] == "ephemeral"
    running.wait(lambda: running.roots() and len(running.replies(running.roots()[0]["ts"])) == 2)
    [root] = running.roots()
    assert root["text"].startswith("✗ checkout is down")
    assert "namespace shop" in str(root["blocks"])
    evidence, plan = running.replies(root["ts"])
    assert "*Evidence*" in str(evidence["blocks"])
    assert "```kubectl -n shop rollout undo deployment/checkout```" in str(plan["blocks"])
    mentions = [each for each in (root, evidence, plan) if "<@U0ANA>" in str(each["blocks"])]
    assert mentions == [plan]
    assert running.slack.refusals == []
    assert running.slack.advice == []


def test_tessera_with_a_subcommand_is_the_same_request(over_http: Stack) -> None:
    over_http.slack.slash("ana", "shop", "/tessera", "diagnose “checkout” -n shop")
    over_http.wait(lambda: over_http.asked.requests)
    [asked] = over_http.asked.requests
    assert (asked.command, asked.text, asked.actor.user, asked.surface) == (
        "diagnose",
        '"checkout" -n shop',
        "U0ANA",
        "slack",
    )


def test_a_mention_in_the_thread_goes_on_about_its_target(running: Stack) -> None:
    root = diagnosed(running)
    running.slack.mention("ana", "shop", "why is it down?", root)
    running.wait(lambda: len(running.replies(root)) == 3)
    assert running.asked.requests[-1].command == "why"
    assert running.asked.requests[-1].text == "deployment/checkout -n shop"
    assert "I read: `why deployment/checkout -n shop`" in str(running.slack.ephemerals("ana", "shop"))


def test_a_recheck_renews_the_root_in_place(running: Stack) -> None:
    root = diagnosed(running)
    running.slack.click("ana", root, "Re-check")
    running.wait(lambda: len(running.replies(root)) == 3)
    assert "Checked again: ✗ *checkout is down" in str(running.replies(root)[-1]["blocks"])
    assert [each["ts"] for each in running.roots()] == [root]
    assert running.asked.requests[-1].text == "deployment/checkout -n shop"
    running.slack.mention("ana", "shop", "recheck", root)
    running.wait(lambda: len(running.replies(root)) == 4)
    assert [each["ts"] for each in running.roots()] == [root]


def test_a_recheck_of_a_reply_renews_that_reply_and_says_so(over_http: Stack) -> None:
    said = over_http.slack.mention("ana", "shop", "diagnose checkout")
    over_http.wait(lambda: over_http.replies(said.ts))
    [reply] = over_http.replies(said.ts)
    over_http.slack.click("ana", reply["ts"], "Re-check")
    over_http.wait(lambda: len(over_http.replies(said.ts)) == 2)
    renewed, told = over_http.replies(said.ts)
    assert (renewed["ts"], "*Game plan*" in str(renewed["blocks"])) == (reply["ts"], True)
    assert "Checked again: ✗ *checkout is down" in str(told["blocks"])
    assert "<@U0ANA>" in str(told["blocks"])


def test_a_button_answers_in_the_thread(over_http: Stack) -> None:
    root = diagnosed(over_http)
    over_http.slack.click("ana", root, "Logs")
    over_http.wait(lambda: len(over_http.replies(root)) == 3)
    assert over_http.asked.requests[-1].command == "logs"
    assert "The answer follows in the thread" in str(over_http.slack.ephemerals("ana", "shop")[-1])
    assert "o-" in str(over_http.roots()[0]["blocks"])


def test_who_clicks_is_judged_not_who_asked(over_http: Stack) -> None:
    root = diagnosed(over_http)
    over_http.slack.click("ben", root, "Re-check")
    over_http.wait(lambda: "may not do that" in str(over_http.slack.ephemerals("ben", "shop")))
    assert "U0BEN: {user: ada@example.com" in str(over_http.slack.ephemerals("ben", "shop"))
    assert over_http.roots()[0]["text"].startswith("✗ checkout is down")


def test_guests_and_other_bots_are_refused(over_http: Stack) -> None:
    over_http.slack.slash("guest", "shop", "/diagnose", "checkout")
    over_http.wait(lambda: "guests of the workspace" in str(over_http.slack.ephemerals("guest", "shop")))
    assert over_http.roots() == []


def test_a_mistake_is_answered_to_its_author_only(over_http: Stack) -> None:
    over_http.slack.slash("ana", "shop", "/tessera", "diagnoze checkout")
    over_http.wait(lambda: "I know no `diagnoze checkout`" in str(over_http.slack.ephemerals("ana", "shop")))
    assert over_http.roots() == []


def test_a_mention_outside_of_threads_is_answered_under_it(over_http: Stack) -> None:
    said = over_http.slack.mention("ana", "shop", "diagnose checkout")
    over_http.wait(lambda: over_http.replies(said.ts))
    [reply] = over_http.replies(said.ts)
    diagnosed(over_http)
    told = str(reply["blocks"])
    [root] = [str(each["blocks"]) for each in over_http.roots()]
    [by] = {name for shown in (told, root) for name in re.findall(r"asked by ([^·]*) ·", shown)}
    assert by == "ana"
    assert ("<@U0ANA>" in told, "<@U0ANA>" in root) == (True, False)
    assert "*Game plan*" in str(reply["blocks"])
    over_http.slack.mention("ana", "shop", "events", said.ts)
    over_http.wait(lambda: len(over_http.replies(said.ts)) == 2)
    assert over_http.asked.requests[-1].text == "deployment/checkout -n shop"


def test_direct_messages_need_no_mention(over_http: Stack) -> None:
    over_http.slack.say("ana", "@ana", "diagnose checkout")
    over_http.wait(lambda: over_http.roots("@ana"))
    [root] = over_http.roots("@ana")
    over_http.wait(lambda: len(over_http.replies(root["ts"], "@ana")) == 2)
    over_http.slack.say("ana", "@ana", "why?")
    over_http.wait(lambda: len(over_http.roots("@ana")) == 2)
    assert over_http.asked.requests[-1].text == "deployment/checkout -n shop"


def test_a_mistake_in_a_mention_is_answered_where_its_author_sees_it(over_http: Stack) -> None:
    over_http.slack.mention("ana", "shop", "diagnoze checkout")
    over_http.wait(lambda: "I know no `diagnoze checkout`" in str(over_http.slack.ephemerals("ana", "shop")))
    assert all(not each.get("thread_ts") for each in over_http.slack.ephemerals("ana", "shop"))


def test_a_channel_without_the_bot_gets_a_private_answer(over_http: Stack) -> None:
    over_http.slack.workspace.add_channel(Channel("C0AWAY", "away", {"U0ANA"}))
    over_http.slack.slash("ana", "away", "/diagnose", "checkout")
    over_http.wait(lambda: "/invite @tessera" in str(over_http.slack.ephemerals("ana", "away")))
    assert "✗ checkout is down" in str(over_http.slack.ephemerals("ana", "away"))


def slow(release: threading.Event, request: Request, audience: Audience) -> Reply:
    audience.progress("found deployment/checkout")
    release.wait(20)
    return verdict(request, audience)


def test_a_long_request_shows_its_progress_in_the_root(over_http: Stack) -> None:
    release = threading.Event()
    over_http.asked.answer = lambda request, audience: slow(release, request, audience)
    over_http.slack.slash("ana", "shop", "/diagnose", "checkout")
    over_http.wait(lambda: over_http.roots() and "found deployment/checkout" in str(over_http.roots()[0]["blocks"]))
    [working] = over_http.roots()
    assert working["text"].startswith("… Working on diagnose checkout")
    release.set()
    over_http.wait(lambda: len(over_http.replies(working["ts"])) == 2)
    [done] = over_http.roots()
    assert done["ts"] == working["ts"]
    assert done["text"].startswith("✗ checkout is down")


def test_what_may_heal_is_tried_again_and_said(over_http: Stack) -> None:
    tries: list[str] = []

    def flaky(request: Request, audience: Audience) -> Reply:
        tries.append(request.id)
        if len(tries) == 1:
            raise Unavailable("the cluster's API did not answer for 30 s.")
        over_http.wait(lambda: "try again by myself" in str(over_http.roots()))
        return verdict(request, audience)

    over_http.asked.answer = flaky
    over_http.slack.slash("ana", "shop", "/diagnose", "checkout")
    over_http.wait(lambda: over_http.roots() and len(over_http.replies(over_http.roots()[0]["ts"])) == 2, 20)
    assert len(over_http.roots()) == 1
    assert over_http.roots()[0]["text"].startswith("✗ checkout is down")


def test_a_fault_of_ours_is_said_without_a_word_of_the_code(over_http: Stack) -> None:
    def broken(request: Request, audience: Audience) -> Reply:
        raise ZeroDivisionError("division by zero in secret_place")

    over_http.asked.answer = broken
    over_http.slack.slash("ana", "shop", "/diagnose", "checkout")
    over_http.wait(over_http.roots)
    [root] = over_http.roots()
    assert root["text"].startswith("? I could not finish: a fault of mine. Nothing was changed.")
    assert over_http.asked.requests[0].id in str(root["blocks"])
    assert "secret_place" not in str(over_http.slack.messages("shop"))


def test_the_same_delivery_twice_is_one_request(over_http: Stack) -> None:
    root = diagnosed(over_http)
    task = over_http.asked.requests[0]
    again = f'{{"id": "{task.id}", "kind": "command", "user": "U0ANA", "team": "T0TESSERA", "channel": "C0SHOP"}}'
    over_http.surface.jobs.enqueue(again)
    over_http.wait(lambda: over_http.surface.jobs.depth() == 0)
    assert [each["ts"] for each in over_http.roots()] == [root]
    assert len(over_http.asked.requests) == 1


def test_metrics_count_the_request(over_http: Stack) -> None:
    diagnosed(over_http)
    over_http.wait(lambda: b'command="diagnose",outcome="fault"} 1.0' in over_http.metrics.text())
    assert replace(over_http.asked.requests[0], id="x").namespace == ""
