"""GitHub's webhook: forged, repeated and old pushes start nothing; the others start what somebody stands for, once."""

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.observe.metrics import Metrics
from bot.pushes import BELIEVED, PushEndpoint
from bot.source.github.webhook import Push
from bot.state.memory import MemoryState
from commands.base.errors import Unavailable
from commands.base.pushes import Sponsor, stand_for

SECRET = "hook-secret"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHA = "a" * 40


@dataclass
class Clock:
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def wait(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class World:
    """An endpoint, and what it took."""

    clock: Clock = field(default_factory=Clock)
    state: MemoryState = field(default_factory=MemoryState)
    taken: list[tuple[str, str, str]] = field(default_factory=list)
    away: bool = False

    def __post_init__(self) -> None:
        self.endpoint = PushEndpoint(
            SECRET, self.state, self.clock, Metrics(), "github.com", self._take, lambda name: name == "local/shop"
        )

    def _take(self, sponsor: Sponsor, push: Push, delivery: str) -> None:
        if self.away:
            raise Unavailable("Redis does not answer.")
        self.taken.append((sponsor.name, push.branch, delivery))

    def stand(self, name: str, repository: str = "team/shop", branch: str = "") -> None:
        whom = ("U0ANA", "T0", "", "C0SHOP", "")
        stand_for(self.state, self.clock, Sponsor("kind", "shop", "Deployment", name, repository, branch, *whom))

    def send(self, body: bytes, signature: str | None = None, event: str = "push", delivery: str = "d-1") -> int:
        right = f"sha256={hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}"
        headers = {"x-github-event": event, "x-github-delivery": delivery}
        headers |= {"x-hub-signature-256": right if signature is None else signature}
        return self.endpoint(body, headers).status


def event(**more: Any) -> bytes:
    repository = {"full_name": "Team/Shop", "default_branch": "main", "pushed_at": int(NOW.timestamp())}
    told = {"ref": "refs/heads/main", "after": SHA, "repository": repository, "sender": {"login": "octocat"}}
    return json.dumps(told | more).encode()


def old(seconds: float) -> bytes:
    at = int((NOW - timedelta(seconds=seconds)).timestamp())
    return event(repository={"full_name": "team/shop", "default_branch": "main", "pushed_at": at})


@pytest.fixture
def world() -> World:
    made = World()
    made.stand("web")
    return made


def test_a_push_starts_what_somebody_stands_for(world: World) -> None:
    world.stand("worker")
    world.stand("docs", repository="team/docs")
    world.stand("next", branch="next")
    world.stand("mirror", repository="https://github.com/team/shop.git")
    world.stand("local", repository="local/shop")
    assert world.send(event()) == 202
    assert {name for name, _, _ in world.taken} == {"web", "worker", "mirror"}
    assert world.send(event(ref="refs/heads/next"), delivery="d-2") == 202
    assert [name for name, _, _ in world.taken[3:]] == ["next"]


@pytest.mark.parametrize(
    "signature",
    ["", "sha256=", "sha256=" + "0" * 64, "sha1=" + hmac.new(b"hook-secret", event(), "sha1").hexdigest(), "ü"],
)
def test_a_forged_one_starts_nothing(world: World, signature: str) -> None:
    assert world.send(event(), signature) == 401
    assert world.taken == []


def test_a_right_signature_of_another_body_is_forged(world: World) -> None:
    right = f"sha256={hmac.new(SECRET.encode(), event(), hashlib.sha256).hexdigest()}"
    assert world.send(event(after="b" * 40), right) == 401
    assert world.taken == []


def test_one_that_was_seen_before_is_refused_whatever_number_it_is_given(world: World) -> None:
    assert world.send(event()) == 202
    assert world.send(event()) == 409
    assert world.send(event(), delivery="d-2") == 409, "the number is not signed"
    assert world.send(event(after="b" * 40)) == 409, "a number counts once"
    assert world.send(event(after="b" * 40), delivery="d-3") == 202
    assert len(world.taken) == 2


def test_an_old_one_is_refused_and_so_is_one_from_the_future(world: World) -> None:
    assert world.send(old(BELIEVED.total_seconds() - 60)) == 202
    assert world.send(old(BELIEVED.total_seconds() + 60), delivery="d-2") == 409
    assert world.send(old(-3600), delivery="d-3") == 409
    assert len(world.taken) == 1


def test_one_that_could_not_be_taken_may_be_sent_again(world: World) -> None:
    world.away = True
    assert world.send(event()) == 503
    world.away = False
    assert world.send(event()) == 202
    assert len(world.taken) == 1


@pytest.mark.parametrize(
    "body",
    [
        event(ref="refs/tags/v1"),
        event(deleted=True, after="0" * 40),
        event(after="0" * 40),
        event(ref="refs/heads/--upload-pack=x"),
        event(ref="refs/heads/" + "x" * 300),
        event(ref="refs/heads/other"),
    ],
)
def test_what_is_nobodys_branch_starts_nothing(world: World, body: bytes) -> None:
    assert world.send(body) == 202
    assert world.taken == []


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"null", b"\xff", b'{"ref": 1, "after": 2}', event(repository=None), event(repository={}),
     event(repository={"full_name": "team/shop", "pushed_at": 10**40}), b'{"ref": "refs/heads/main", "after": "a"}'],
)  # fmt: skip
def test_what_is_no_push_is_refused(world: World, body: bytes) -> None:
    assert world.send(body) == 400
    assert world.taken == []


def test_other_events_are_no_trouble(world: World) -> None:
    assert world.send(b"{}", event="ping") == 200
    assert world.send(b"{}", event="issues") == 202
    assert world.send(event(), delivery="") == 400
    assert world.taken == []


def test_without_somebody_who_stands_for_it_nothing_is_built() -> None:
    world = World()
    assert world.send(event()) == 202
    assert world.taken == []
