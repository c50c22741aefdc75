"""Each part of an answer is in Slack once, at whatever point an earlier run ended."""

from collections.abc import Iterator

import pytest

from bot.console.people import Channel
from bot.console.server import Console
from bot.slack.client import ChannelClosed, web_client
from bot.slack.message import Message, section
from bot.slack.outbox import Outbox
from bot.slack.sender import Sender
from bot.state.connect import connect_redis
from bot.state.store import RedisState
from commands.base.ports import StateStore

TOKEN = "-".join(["xo" + "xb", "local"])
FIRST, SECOND = (Message(text, (section(text),)) for text in ("first", "second"))


@pytest.fixture
def slack() -> Iterator[Console]:
    with Console(None, "secret", TOKEN, None, enforce_rates=False) as console:
        yield console


@pytest.fixture
def state() -> Iterator[StateStore]:
    with connect_redis() as client:
        yield RedisState(client)


def outbox(slack: Console, state: StateStore, channel: str = "C0SHOP") -> Outbox:
    return Outbox(Sender(web_client(TOKEN, slack.api_url)), state, "r-1", channel)


def texts(slack: Console) -> list[str]:
    return [each["text"] for each in slack.messages("shop")]


def test_a_part_is_posted_once(slack: Console, state: StateStore) -> None:
    first = outbox(slack, state).post("root", FIRST)
    assert outbox(slack, state).post("root", SECOND) == first
    assert texts(slack) == ["first"]


def test_a_part_is_updated_in_place(slack: Console, state: StateStore) -> None:
    first = outbox(slack, state).put("root", FIRST)
    assert outbox(slack, state).put("root", SECOND) == first
    assert texts(slack) == ["second"]


@pytest.mark.parametrize("thread", [False, True])
def test_a_run_that_died_right_after_posting_is_continued(slack: Console, state: StateStore, thread: bool) -> None:
    root = str(slack.say("ana", "shop", "hello").ts) if thread else ""
    posted = outbox(slack, state).put("root", FIRST, root)
    state.put("sent:r-1:root", "", 60)
    assert outbox(slack, state).put("root", SECOND, root) == posted
    assert texts(slack)[-1] == "second"
    assert len(texts(slack)) == 1 + thread


def test_a_run_that_died_right_before_posting_is_continued(slack: Console, state: StateStore) -> None:
    state.put("sent:r-1:root", "", 60)
    outbox(slack, state).put("root", FIRST)
    assert texts(slack) == ["first"]


def test_another_requests_message_is_not_taken_for_ours(slack: Console, state: StateStore) -> None:
    Outbox(Sender(web_client(TOKEN, slack.api_url)), state, "r-2", "C0SHOP").post("root", FIRST)
    state.put("sent:r-1:root", "", 60)
    outbox(slack, state).post("root", SECOND)
    assert texts(slack) == ["first", "second"]


def test_an_older_message_can_be_renewed(slack: Console, state: StateStore) -> None:
    older = Outbox(Sender(web_client(TOKEN, slack.api_url)), state, "r-0", "C0SHOP").post("root", FIRST)
    mine = outbox(slack, state)
    mine.adopt("root", older)
    assert mine.put("root", SECOND) == older
    assert texts(slack) == ["second"]


def test_a_closed_channel_is_said_and_nothing_is_remembered(slack: Console, state: StateStore) -> None:
    slack.workspace.add_channel(Channel("C0AWAY", "away", {"U0ANA"}))
    with pytest.raises(ChannelClosed, match="not_in_channel"):
        outbox(slack, state, "C0AWAY").post("root", FIRST)
    assert state.get("sent:r-1:root") is None


@pytest.mark.parametrize("died", ["", "before", "after"])
def test_a_file_is_put_into_the_thread_once(slack: Console, state: StateStore, died: str) -> None:
    root = outbox(slack, state).post("root", FIRST)
    if died != "before":
        outbox(slack, state).attach("shop-r-1.log", "The output", "line 1", root)
    if died:
        state.put("sent:r-1:file-shop-r-1.log", "", 60)
    outbox(slack, state).attach("shop-r-1.log", "The output", "line 1", root)
    files = [file["name"] for reply in slack.replies("shop", root) for file in reply.get("files") or []]
    assert files == ["shop-r-1.log"]
