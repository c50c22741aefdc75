"""/connect in Slack: the form opens at once, the login is tried, and stands nowhere but in the vault, encrypted."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from bot.logins import MountedLogins
from bot.secrets.kept import KeptConnections
from bot.secrets.keys import Keys, new_key
from bot.secrets.vault import Vault
from bot.state.connect import connect_redis
from bot.state.store import RedisState
from commands.base.dispatch import dispatch
from commands.base.errors import Denied, Unavailable
from commands.base.policy import Grant, Policy, Team
from commands.base.ports import Audience
from commands.base.request import Reply, Request
from explainers.builds.model import Credentials
from tests.contract.redis_server import needs_redis, redis_server
from tests.scenario.slack.stack import TEAM, Asked, Stack, objections, stack
from tests.unit.clusters import services
from tests.unit.fakes import FakeRegistry, builds_with

CANARY = "canary-77e0b1"
WRONG = "canary-1f-wrong"
BEN_MAY_NOT = Policy({TEAM: Team({"U0ANA": Grant("ana@x.com"), "U0BEN": Grant("ben@x.com", commands=("diagnose",))})})


@dataclass
class Registries:
    """What is at the other end: takes one login, or answers nobody while it is `away`."""

    away: bool = False
    tried: list[str] = field(default_factory=list)

    def check(self, host: str, login: Credentials | None) -> str:
        self.tried.append(host)
        if self.away:
            raise Unavailable(f"{host} did not answer.", "try again")
        if login is None or login.password != CANARY:
            raise Denied(f"{host} does not take this login.", "check it")
        return ""


@dataclass(frozen=True)
class Scene:
    """The bot with a vault over a Redis."""

    bot: Stack
    redis: "Redis"
    vault: Vault
    registries: Registries

    def view(self, words: str, user: str = "ana") -> dict[str, Any]:
        """The view of a person, once it says this."""
        self.bot.wait(lambda: words in json.dumps(self.bot.slack.view(user) or {}, ensure_ascii=False))
        return self.bot.slack.view(user) or {}

    def ask(self, text: str = "registry ghcr.io", user: str = "ana") -> None:
        assert self.bot.slack.slash(user, "shop", "/connect", text).ok

    def submit(self, password: str) -> None:
        self.bot.slack.submit("ana", {"username": "ana", "password": password})

    def everything(self) -> str:
        """All that Slack has, and all that Redis holds."""
        client: Any = self.redis
        held: list[object] = []
        for key in client.keys("*"):
            kind = client.type(key)
            read = {
                b"string": client.get,
                b"hash": client.hgetall,
                b"set": client.smembers,
                b"list": lambda key: client.lrange(key, 0, -1),
                b"zset": lambda key: client.zrange(key, 0, -1),
            }
            if kind != b"none":  # gone meanwhile
                held.append((key, read[kind](key)))
        slack = self.bot.slack
        said = [slack.messages("shop"), slack.view("ana"), *(slack.ephemerals(who, "shop") for who in ("ana", "ben"))]
        return f"{held}{said}{slack.refusals}"


@pytest.fixture(params=["in the process", pytest.param("redis-server", marks=[needs_redis, pytest.mark.redis])])
def redis(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator["Redis"]:
    if request.param == "in the process":
        with connect_redis() as client:
            yield client
        return
    with redis_server(tmp_path) as url, connect_redis(url) as client:
        yield client


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    path = tmp_path / "keys"
    path.write_text(new_key())
    return Keys(path)


@pytest.fixture
def scene(redis: "Redis", keys: Keys) -> Iterator[Scene]:
    yield from _scene(redis, keys)


def _scene(redis: "Redis", keys: Keys) -> Iterator[Scene]:
    registries, vault = Registries(), Vault(RedisState(redis), keys)
    kept = KeptConnections(vault, MountedLogins(None), {"registry": registries.check})
    builds = replace(builds_with(FakeRegistry({})), connections=kept)

    def answer(request: Request, audience: Audience) -> Reply:
        return dispatch(request, BEN_MAY_NOT, lambda _who: replace(services(), builds=builds), "shop")

    with stack(redis, Asked(answer), vault=vault) as bot:
        yield Scene(bot, redis, vault, registries)
        assert objections(bot.slack) == []


def test_a_login_that_works_is_kept_and_nowhere_in_clear(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    scene.ask()
    shown = scene.view("Password or token")
    assert "Slack has no field that hides" in json.dumps(shown)
    scene.submit(CANARY)
    scene.view("takes the login")
    assert scene.vault.find("registry", "ghcr.io") == Credentials("ana", CANARY)
    scene.bot.wait(lambda: any("takes the login" in root["text"] for root in scene.bot.roots()))
    request = scene.bot.asked.requests[-1]
    assert request.filled
    assert request.filled["password"] == CANARY, "the command did get it"
    logs = f"{caplog.text}{[vars(record) for record in caplog.records]}"
    for place in (scene.everything(), logs, repr(request)):
        assert CANARY not in place
    assert "request taken" in logs, "the logs were read"
    client: Any = scene.redis
    scene.bot.wait(lambda: not client.keys("*parked*"))


def test_a_login_that_does_not_work_is_said_beside_its_field_and_not_kept(scene: Scene) -> None:
    scene.ask()
    scene.view("Password or token")
    scene.submit(WRONG)
    again = scene.view("does not take this login")
    assert scene.vault.listed() == []
    assert [block["element"].get("initial_value") for block in again["blocks"] if block["type"] == "input"] == [
        "ana",
        None,
    ], "the user name stays, the password has to be given again"
    assert WRONG not in scene.everything()
    scene.submit(CANARY)
    scene.view("takes the login")
    assert [one.by for one in scene.vault.listed()] == ["U0ANA"]


def test_what_is_wrong_at_first_sight_is_said_without_a_job(scene: Scene) -> None:
    scene.ask()
    scene.view("Password or token")
    found = scene.bot.slack.submit("ana", {"username": " ", "password": CANARY})
    assert found.errors == {"username": "This is needed."}
    assert scene.registries.tried == []


def test_who_may_not_use_the_command_gets_no_form(scene: Scene) -> None:
    scene.ask(user="ben")
    said = scene.view("is not allowed", "ben")
    assert not [block for block in said["blocks"] if block["type"] == "input"]


def test_who_closes_the_form_meanwhile_is_not_left_in_silence(scene: Scene) -> None:
    scene.ask()
    scene.view("Password or token")
    scene.submit(CANARY)
    scene.bot.slack.close_view("ana")
    scene.bot.wait(lambda: any("takes the login" in root["text"] for root in scene.bot.roots()))
    assert scene.vault.listed()


def test_listed_with_health_and_removed_after_a_yes(scene: Scene) -> None:
    scene.ask()
    scene.view("Password or token")
    scene.submit(CANARY)
    scene.view("takes the login")
    scene.ask("")
    scene.bot.wait(lambda: any("1 connection, all working" in root["text"] for root in scene.bot.roots()))
    scene.registries.away = True
    scene.ask("")
    scene.bot.wait(lambda: any("1 of them not working" in root["text"] for root in scene.bot.roots()))
    scene.ask("remove registry ghcr.io")
    scene.bot.wait(lambda: any("Remove the login" in root["text"] for root in scene.bot.roots()))
    assert scene.vault.listed(), "nothing is removed before the yes"
    question = next(root for root in scene.bot.roots() if "Remove the login" in root["text"])
    scene.bot.slack.click("ana", question["ts"], "Remove")
    scene.bot.wait(lambda: not scene.vault.listed())


def test_without_keys_no_form_is_shown_and_it_is_said_how_to_make_one() -> None:
    with connect_redis() as client:
        for scene in _scene(client, Keys(None)):
            scene.ask()
            said = scene.view("tessera keys new")
            assert not [block for block in said["blocks"] if block["type"] == "input"]
