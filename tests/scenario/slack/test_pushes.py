"""A push at GitHub becomes a thread in the channel of whoever stands for it, as that person; npm's GitHub sends it."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from bot.http.app import http_app
from bot.http.serving import HttpServer
from bot.observe.metrics import Metrics
from bot.pushes import PushEndpoint
from bot.source.github.access import host_of
from bot.source.github.webhook import Push
from bot.state.connect import connect_redis
from bot.state.store import RedisState
from bot.wiring import SystemClock
from commands.base.dispatch import dispatch
from commands.base.policy import Grant, Policy, Team
from commands.base.ports import Audience, Services
from commands.base.pushes import Sponsor, sponsored, stand_for, step_back
from commands.base.request import Actor, Identity, Reply, Request
from explainers.builds.binding import Binding
from explainers.kinds import Ref
from tests.contract.code_hosts.emulated import emulated
from tests.scenario.slack.stack import TEAM, Asked, Stack, stack
from tests.unit.clusters import services

SECRET = "hook-secret-of-the-tests"
WEB = Ref("Deployment", "shop", "web")
BINDING = Binding("org/shop", "ghcr.io/org/shop", on_push=True)


@dataclass
class Scene:
    """The bot, the webhook's address, and as whom builds were asked for. `policy` may be changed."""

    bot: Stack
    state: RedisState
    url: str
    policy: Policy
    acted: list[tuple[Identity, Request]] = field(default_factory=list)
    works: bool = False

    def stand(self, user: str = "U0ANA") -> None:
        at = "2026-03-01T12:00:00+00:00"
        stand_for(self.state, SystemClock(), sponsored("kind", WEB, BINDING, Actor(user, TEAM, channel="C0SHOP"), at))

    def answer(self, request: Request, audience: Audience) -> Reply:
        """What any build finds here: no engine, said by the command itself."""

        def connect(identity: Identity) -> Services:
            self.acted.append((identity, request))
            return services()

        return dispatch(request, self.policy, connect, "shop")

    def work(self) -> None:
        """Let the workers begin."""
        if not self.works:
            self.works = True
            self.bot.surface.jobs.start(threads=2)

    def push(self, sha: str, delivery: str, secret: str = SECRET, at: float = 0, wait: bool = False) -> int:
        if not wait:
            self.work()
        repository = {"full_name": "org/shop", "default_branch": "main", "pushed_at": int(at or time.time())}
        told = {"ref": "refs/heads/main", "after": sha, "repository": repository, "sender": {"login": "octocat"}}
        return self.send(json.dumps(told).encode(), delivery, secret)

    def send(self, body: bytes, delivery: str, secret: str = SECRET) -> int:
        signature = f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"
        headers = {"X-GitHub-Event": "push", "X-GitHub-Delivery": delivery, "X-Hub-Signature-256": signature}
        return httpx.post(self.url, content=body, headers=headers).status_code

    def texts(self) -> list[str]:
        return [root["text"] for root in self.bot.roots()]


@pytest.fixture
def scene() -> Iterator[Scene]:
    policy = Policy({TEAM: Team({"U0ANA": Grant("ana@example.com", ("shop-developers",))})})
    with connect_redis() as redis, stack(redis, asked := Asked(), work=False) as bot:
        state = RedisState(redis)

        def take(sponsor: Sponsor, push: Push, delivery: str) -> None:
            bot.surface.take_push(sponsor, push.branch, push.sha, push.by, delivery)

        server = HttpServer("127.0.0.1", 0)
        github = host_of("https://api.github.com")
        taker = PushEndpoint(SECRET, state, SystemClock(), bot.metrics, github, take, lambda _: False)
        server.start(http_app(Metrics(), {}, pushes=taker))
        made = Scene(bot, state, f"http://127.0.0.1:{server.port}/github/webhook", policy)
        asked.answer = made.answer
        yield made
        server.stop()
        assert [one.method for one in bot.slack.refusals if one.error != "user_not_found"] == []


def done(scene: Scene) -> bool:
    return scene.bot.surface.jobs.depth() == 0


def test_a_push_is_built_once_as_the_person_who_stands_for_it(scene: Scene) -> None:
    scene.stand()
    assert [scene.push("a" * 40, "d-1"), scene.push("a" * 40, "d-1")] == [202, 409]
    scene.bot.wait(lambda: scene.bot.roots() and done(scene))
    [(identity, request)] = scene.acted
    assert (identity.user, identity.groups) == ("ana@example.com", ("shop-developers",))
    assert (request.command, request.text, request.pushed) == ("build", "deployment/web main -n shop", "a" * 40)
    assert request.actor.channel == "C0SHOP"
    [root] = scene.bot.roots()
    assert "a push of octocat, for" in str(root["blocks"])
    assert root["text"].startswith("✗ A push was not built (build deployment/web main -n shop)")


def test_forged_and_old_ones_leave_no_trace(scene: Scene) -> None:
    scene.stand()
    assert scene.push("a" * 40, "d-1", secret="guess") == 401
    assert scene.push("a" * 40, "d-2", at=time.time() - 5 * 86_400) == 409
    assert scene.send(b"x" * 6_000_000, "d-3") == 413
    assert done(scene)
    assert (scene.acted, scene.bot.roots()) == ([], [])


@pytest.mark.parametrize("who", ["U0BEN", "U0NOBODY"])
def test_who_may_not_build_stands_for_nothing(scene: Scene, who: str) -> None:
    scene.stand(who)
    assert scene.push("a" * 40, "d-1") == 202
    scene.bot.wait(lambda: scene.bot.roots() and done(scene))
    assert scene.acted == []
    assert "A push was not built" in scene.texts()[0]


def test_rights_are_those_at_the_time_of_the_push(scene: Scene) -> None:
    scene.stand()
    scene.policy = Policy({TEAM: Team({"U0ANA": Grant("ana@example.com", commands=("diagnose",))})})
    assert scene.push("a" * 40, "d-1") == 202
    scene.bot.wait(lambda: any("the command build is not allowed" in text for text in scene.texts()))
    assert scene.acted == []


def test_nobody_stands_for_it_any_more(scene: Scene) -> None:
    scene.stand()
    step_back(scene.state, SystemClock(), "kind", WEB)
    assert scene.push("a" * 40, "d-1") == 202
    assert done(scene)
    assert scene.bot.roots() == []


@pytest.mark.emulate
@pytest.mark.xdist_group("github-emulate")
def test_npms_github_sends_what_is_taken(scene: Scene, tmp_path: Path) -> None:
    scene.stand()
    scene.work()
    with emulated(tmp_path) as hub:
        hub.hook(scene.url, SECRET)
        sha = hub.push("main", {"Dockerfile": "FROM busybox"}, "First", hub.head("main"))
        scene.bot.wait(lambda: scene.bot.roots() and done(scene))
    [(_, request)] = scene.acted
    assert request.pushed == sha
    assert "a push of ana, for" in str(scene.bot.roots()[0]["blocks"])


def test_only_the_newest_of_several_pushes_is_built(scene: Scene) -> None:
    scene.stand()
    assert [scene.push(digit * 40, f"d-{digit}", wait=True) for digit in "abc"] == [202, 202, 202]
    scene.work()
    scene.bot.wait(lambda: scene.bot.roots() and done(scene))
    assert [request.pushed for _, request in scene.acted] == ["c" * 40]
    assert len(scene.bot.roots()) == 1
