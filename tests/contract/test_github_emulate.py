"""GitHub by npm's emulate: repositories, commits, compare, trees and pulls, by token and by App."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from bot.source.github.access import Access, App, Token
from bot.source.github.boards import Checks, GitHubWriter
from bot.source.github.host import GitHubHost
from bot.source.github.probe import probe
from commands.base.errors import Denied, NotFound
from explainers.builds.notice import Course, News, Notice
from tests.contract.code_hosts.emulated import APP, INSTALLATION, TOKEN, Emulated, emulated

pytestmark = [pytest.mark.emulate, pytest.mark.xdist_group("github-emulate")]

SHOP = "org/shop"


@dataclass(frozen=True)
class World:
    """The emulator, and the commits made there."""

    hub: Emulated
    first: str
    second: str
    third: str
    pull: int


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with emulated(tmp_path_factory.mktemp("github")) as hub:
        first = hub.push("main", {"Dockerfile": "FROM busybox"}, "First", hub.head("main"))
        second = hub.push("feature/login", {"services/pay/Dockerfile": "FROM busybox"}, "Second\n\nWhy.", first)
        third = hub.push("feature/login", {"app/a.txt": "1"}, "Third", second)
        hub.tag("v1", first)
        hub.tag("v2", second, "Version 2")
        yield World(hub, first, second, third, hub.pull("feature/login", "main"))


@pytest.fixture(params=["token", "app", "app without a number"])
def host(request: pytest.FixtureRequest, world: World) -> GitHubHost:
    ways: dict[str, Access] = {
        "token": Token(TOKEN),
        "app": App(APP, world.hub.key, INSTALLATION),
        "app without a number": App(APP, world.hub.key),
    }
    return GitHubHost(lambda: ways[request.param], world.hub.url)


def test_each_way_to_name_a_commit(host: GitHubHost, world: World) -> None:
    named = {
        "": (world.first, "main"),
        "main": (world.first, "main"),
        "feature/login": (world.third, "feature/login"),
        "v1": (world.first, "v1"),
        "v2": (world.second, "v2"),
        f"#{world.pull}": (world.third, f"#{world.pull}"),
        world.second: (world.second, ""),
        world.second[:10]: (world.second, ""),
    }
    for written, (sha, ref) in named.items():
        found = host.commit(SHOP, written)
        assert (found.sha, found.ref) == (sha, ref), written


def test_a_commit_is_told_in_full(host: GitHubHost, world: World) -> None:
    found = host.commit(f"{world.hub.url.replace('http', 'https')}/{SHOP}.git", world.second)
    assert found.message == "Second\n\nWhy."
    assert found.when is not None
    assert found.url.endswith(world.second)


def test_unknown_things_are_said(host: GitHubHost, world: World) -> None:
    with pytest.raises(NotFound) as error:
        host.commit(SHOP, "featur/login")
    assert error.value.hint == "did you mean feature/login?"
    for written in ("#999", "1" * 40, "abcdef0"):
        with pytest.raises(NotFound):
            host.commit(SHOP, written)
    with pytest.raises(NotFound):
        host.commit("org/empty", "")


def test_how_far_behind(host: GitHubHost, world: World) -> None:
    assert host.behind(SHOP, world.first, "feature/login") == 2
    assert host.behind(SHOP, world.third, "main") == 0
    assert host.behind(SHOP, "1" * 40, "main") is None


def test_what_a_commit_changed(host: GitHubHost, world: World) -> None:
    assert host.changed(SHOP, world.third) == ["app/a.txt"]
    with pytest.raises(NotFound):
        host.changed(SHOP, "1" * 40)


def test_dockerfiles(host: GitHubHost, world: World) -> None:
    assert host.dockerfiles(SHOP, world.third) == ["Dockerfile", "services/pay/Dockerfile"]
    with pytest.raises(NotFound):
        host.dockerfiles(SHOP, "1" * 40)


def test_a_repository_that_may_not_be_seen(world: World) -> None:
    with pytest.raises((NotFound, Denied)):
        GitHubHost(lambda: None, world.hub.url).commit(SHOP, "main")
    with pytest.raises(Denied, match="does not accept the login"):
        GitHubHost(lambda: App(APP + 1, world.hub.key, INSTALLATION), world.hub.url).commit(SHOP, "main")
    with pytest.raises(NotFound, match="no repository org/no-such"):
        GitHubHost(lambda: Token(TOKEN), world.hub.url).commit("org/no-such", "main")


def test_the_repositories_that_a_token_may_read(world: World) -> None:
    assert GitHubHost(lambda: Token(TOKEN), world.hub.url).repositories() == ["ana/tool"], (
        "emulate leaves out the org's"
    )


def test_a_check_run_goes_with_a_build(world: World) -> None:
    checks = Checks(GitHubWriter(lambda: App(APP, world.hub.key), world.hub.url))
    notice = Notice(SHOP, world.third, "shop/web (kind)", "tessera shop/web", "r-1")
    made = checks.put_up(notice, again=False)
    assert checks.put_up(notice, again=True) == made
    checks.tell(notice, made, News(Course.RUNNING, "build", ("… build: step 2/7",)))
    [run] = world.hub.checks(world.third)
    assert (run["name"], run["status"], run["external_id"]) == ("tessera shop/web", "in_progress", "r-1")
    assert run["output"]["title"] == "build"
    checks.tell(notice, made, News(Course.CANCELLED, "The build was cancelled."))
    [run] = world.hub.checks(world.third)
    assert (run["status"], run["conclusion"]) == ("completed", "cancelled")
    assert run["output"]["title"] == "The build was cancelled."


def test_a_login_is_tried(world: World) -> None:
    assert probe(Token(TOKEN), world.hub.url) == "as `ana`"
    assert probe(App(APP, world.hub.key), world.hub.url) == "as the App `Tessera`, installed for `org`"
    with pytest.raises(Denied, match="does not accept the login"):
        probe(App(APP + 1, world.hub.key), world.hub.url)
