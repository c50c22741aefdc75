"""The ImageRegistry port's contract, over real registries with and without a login, one with tokens, and the fake."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from bot.registry.adapter import Registries
from commands.base.errors import Denied, Unavailable, UsageError
from commands.base.ports import ImageRegistry
from explainers.builds.model import Credentials
from tests.contract.registries.pushing import LABELS, digest_of, manifest, pushed
from tests.contract.registries.token_registry import World, running
from tests.fakes.registry import FakeRegistry
from tests.parts import private_registry

TAGS = ["1", "2", "3", "latest", "main-0123456"]
LOGIN = Credentials("tessera", "tessera")
ABSENT = f"sha256:{'0' * 64}"


@dataclass
class Secrets:
    """Logins by host."""

    logins: dict[str, Credentials] = field(default_factory=dict)

    def registry(self, host: str) -> Credentials | None:
        return self.logins.get(host)


@dataclass(frozen=True)
class Place:
    """A registry with one image under TAGS. `stranger` is the same without a login, where one is needed."""

    registry: ImageRegistry
    repository: str
    digest: str
    stranger: ImageRegistry | None = None


def _open() -> Iterator[Place]:
    host = os.environ["TESSERA_REGISTRY"].replace("127.0.0.1", "localhost")
    with pushed(host, None, TAGS) as (repository, digest):
        yield Place(Registries(Secrets()), repository, digest)


def _private() -> Iterator[Place]:
    host = private_registry()
    with pushed(host, (LOGIN.username, LOGIN.password), TAGS) as (repository, digest):
        yield Place(Registries(Secrets({host: LOGIN})), repository, digest, Registries(Secrets()))


def _tokens() -> Iterator[Place]:
    body = manifest()
    world = World({f"org/shop:{tag}": body for tag in TAGS}, login=f"{LOGIN.username}:{LOGIN.password}")
    with running(world) as server:
        place = f"{server.host}/org/shop"
        yield Place(Registries(Secrets({server.host: LOGIN})), place, digest_of(body), Registries(Secrets()))
        assert not world.uploads


def _fake() -> Iterator[Place]:
    digest = digest_of(manifest())
    fake, stranger = FakeRegistry(), FakeRegistry(denied={"ghcr.io"})
    for tag in TAGS:
        fake.push(f"ghcr.io/org/shop:{tag}", digest, LABELS)
    yield Place(fake, "ghcr.io/org/shop", digest, stranger)


PLACES = {"open": _open, "private": _private, "tokens": _tokens, "fake": _fake}


@pytest.fixture(
    params=[
        pytest.param("open", marks=pytest.mark.registry),
        pytest.param("private", marks=pytest.mark.registry_login),
        "tokens",
        "fake",
    ]
)
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    yield from PLACES[request.param]()


def test_an_image_has_its_digest_by_tag_by_digest_and_by_nothing(place: Place) -> None:
    for name in (":1", ":main-0123456", f"@{place.digest}", f":1@{place.digest}", ""):
        assert place.registry.digest(f"{place.repository}{name}") == place.digest


def test_what_is_not_there_has_none(place: Place) -> None:
    for name in (":no-such", f"@{ABSENT}", "-no-such:1"):
        assert place.registry.digest(f"{place.repository}{name}") is None


def test_the_labels_of_an_image(place: Place) -> None:
    for name in (":1", f"@{place.digest}", ""):
        assert place.registry.labels(f"{place.repository}{name}") == LABELS
    for name in (":no-such", f"@{ABSENT}"):
        assert place.registry.labels(f"{place.repository}{name}") is None


def test_all_tags_over_all_pages(place: Place) -> None:
    assert sorted(place.registry.tags(place.repository)) == TAGS


def test_a_repository_that_is_not_there_has_no_tags(place: Place) -> None:
    assert place.registry.tags(f"{place.repository}-no-such") == []


def test_a_push_would_be_let_in_and_nothing_is_pushed(place: Place) -> None:
    for repository in (place.repository, f"{place.repository}/new"):
        place.registry.may_push(repository)
    assert place.registry.tags(f"{place.repository}/new") == []


def test_without_a_login_all_is_denied_and_the_login_is_named(place: Place) -> None:
    if not place.stranger:
        assert place.registry.digest(f"{place.repository}:1")
        return
    host = place.repository.split("/")[0]
    for ask in (place.stranger.digest, place.stranger.labels, place.stranger.tags, place.stranger.may_push):
        with pytest.raises(Denied) as error:
            ask(place.repository)
        assert f"login for {host}" in error.value.hint


@pytest.mark.parametrize("written", ["", "Shop", "a b", "x/../y", "https://ghcr.io/x", "shop:feature/login", "🚀"])
def test_what_is_no_image_is_refused_with_the_right_form(place: Place, written: str) -> None:
    for ask in (place.registry.digest, place.registry.labels, place.registry.tags, place.registry.may_push):
        with pytest.raises(UsageError) as error:
            ask(written)
        assert error.value.hint


def test_a_repository_is_named_without_a_tag(place: Place) -> None:
    for ask in (place.registry.tags, place.registry.may_push):
        with pytest.raises(UsageError, match="not a repository"):
            ask(f"{place.repository}:1")


@pytest.mark.registry_login
def test_a_wrong_login_is_said() -> None:
    host = private_registry()
    registry = Registries(Secrets({host: Credentials("tessera", "wrong")}))
    with pytest.raises(Denied, match="does not let this login use"):
        registry.may_push(f"{host}/test-wrong-login")


@pytest.mark.registry
def test_plain_http_off_loopback_must_be_allowed() -> None:
    """The machine's own address is not loopback; the registry listens on all."""
    port = os.environ["TESSERA_REGISTRY"].rpartition(":")[2]
    host = f"198.18.240.1:{port}"
    with pytest.raises(Unavailable, match="speaks plain HTTP"):
        Registries(Secrets()).digest(f"{host}/library/busybox:latest")
