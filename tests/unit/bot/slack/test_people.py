"""What only Slack knows about people and channels: guests, bots, other organisations; unknown is refused."""

from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from fastapi import FastAPI, Form

from bot.http.serving import HttpServer
from bot.slack.client import web_client
from bot.slack.people import People
from bot.state.connect import connect_redis
from bot.state.store import RedisState
from commands.base.errors import Denied
from commands.base.request import Actor

TOKEN = "-".join(["xo" + "xb", "local"])
USER = {"id": "U1", "team_id": "T1", "real_name": "Ada", "profile": {"display_name": "ada"}}
USERS: dict[str, dict[str, Any]] = {
    "U1": USER,
    "U2": USER | {"is_restricted": True},
    "U3": USER | {"is_ultra_restricted": True},
    "U4": USER | {"team_id": "T9"},
    "U5": USER | {"is_stranger": True},
    "U6": USER | {"deleted": True},
    "U7": USER | {"is_bot": True},
    "U8": USER | {"team_id": "T9", "enterprise_user": {"id": "W1"}},
}
CHANNELS: dict[str, dict[str, Any]] = {
    "C1": {"is_ext_shared": False},
    "C2": {"is_ext_shared": True},
    "C3": {"is_pending_ext_shared": True},
}


def slack(calls: list[str]) -> FastAPI:
    """A Slack that answers users.info and conversations.info only: the console knows no other organisations."""
    app = FastAPI()

    @app.post("/api/users.info")
    def users_info(user: Annotated[str, Form()]) -> dict[str, Any]:
        calls.append(user)
        return {"ok": True, "user": USERS[user]} if user in USERS else {"ok": False, "error": "user_not_found"}

    @app.post("/api/conversations.info")
    def conversations_info(channel: Annotated[str, Form()]) -> dict[str, Any]:
        calls.append(channel)
        if channel == "C0":
            return {"ok": False, "error": "missing_scope"}
        known = CHANNELS.get(channel)
        return {"ok": True, "channel": known} if known else {"ok": False, "error": "channel_not_found"}

    return app


@pytest.fixture
def calls() -> list[str]:
    return []


@pytest.fixture
def people(calls: list[str]) -> Iterator[People]:
    server = HttpServer("127.0.0.1", 0)
    server.start(slack(calls))
    with connect_redis() as redis:
        yield People(web_client(TOKEN, f"http://127.0.0.1:{server.port}/api/"), RedisState(redis))
    server.stop()


@pytest.mark.parametrize(
    ("user", "guest", "bot"),
    [
        ("U1", False, False),
        ("U2", True, False),
        ("U3", True, False),
        ("U4", True, False),
        ("U5", True, False),
        ("U6", True, False),
        ("U7", False, True),
        ("U8", False, False),
    ],
)
def test_who_is_a_guest_or_a_bot(people: People, user: str, guest: bool, bot: bool) -> None:
    actor = people.complete(Actor(user, team="T1", channel="C1"))
    assert (actor.guest, actor.bot) == (guest, bot)


@pytest.mark.parametrize(
    ("channel", "shared"), [("C1", False), ("C2", True), ("C3", True), ("D1", False), ("C-private", False)]
)
def test_which_channels_are_shared(people: People, channel: str, shared: bool) -> None:
    assert people.complete(Actor("U1", team="T1", channel=channel)).shared_channel is shared


def test_what_slack_does_not_tell_is_refused(people: People) -> None:
    with pytest.raises(Denied, match=r"users\.info answers `user_not_found`"):
        people.complete(Actor("U404", team="T1", channel="C1"))
    with pytest.raises(Denied, match=r"conversations\.info answers `missing_scope`"):
        people.complete(Actor("U1", team="T1", channel="C0"))


def test_answers_are_kept(people: People, calls: list[str]) -> None:
    for _ in range(3):
        assert people.person("U1", "T1").name == "ada"
        people.complete(Actor("U1", team="T1", channel="C1"))
    assert calls == ["U1", "C1"]
