"""The CodeHost port's contract: what any code host answers, and what none lets through."""

import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.source.context import build_context
from bot.source.git import GitHost
from bot.source.github.access import Token
from bot.source.github.host import GitHubHost
from bot.source.hosts import CodeHosts
from commands.base.errors import Denied, NotFound, UsageError
from commands.base.ports import CodeHost
from tests.contract.code_hosts import sample
from tests.contract.code_hosts.github_app import Hub, github
from tests.fakes.code_host import FakeCodeHost, FakeRepository


@dataclass(frozen=True)
class World:
    """A host, the name of the sample repository there, and what the repository holds."""

    host: CodeHost
    name: str
    held: FakeRepository

    def sha(self, name: str) -> str:
        return self.held.branches.get(name) or self.held.tags[name]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample.make(tmp_path_factory.mktemp("code") / sample.NAME)


@pytest.fixture(scope="module")
def held(repository: Path) -> FakeRepository:
    return sample.read(repository)


def _git(repository: Path, held: FakeRepository, place: Path) -> Iterator[World]:
    yield World(GitHost(repository.parent, place=place / "scratch"), sample.NAME, held)
    assert [each.name for each in (place / "scratch").glob("*")] in ([], ["lock"])


def _github(repository: Path, held: FakeRepository, place: Path) -> Iterator[World]:
    name = f"org/{sample.NAME}"
    with github(Hub({name: held}, token="secret")) as url:
        yield World(GitHubHost(lambda: Token("secret"), url), name, held)


def _fake(repository: Path, held: FakeRepository, place: Path) -> Iterator[World]:
    yield World(FakeCodeHost({sample.NAME: held}), sample.NAME, held)


def _several(repository: Path, held: FakeRepository, place: Path) -> Iterator[World]:
    nobody = FakeCodeHost()
    yield World(CodeHosts(nobody, GitHost(repository.parent, place=place)), sample.NAME, held)
    assert not nobody.archives


HOSTS = {"git": _git, "github": _github, "fake": _fake, "several": _several}


@pytest.fixture(params=HOSTS)
def world(request: pytest.FixtureRequest, repository: Path, held: FakeRepository, tmp_path: Path) -> Iterator[World]:
    yield from HOSTS[request.param](repository, held, tmp_path)


@pytest.mark.parametrize("name", ["main", "feature/login", "v1", "v2"])
def test_a_branch_or_tag_means_the_commit_at_its_head(world: World, name: str) -> None:
    found = world.host.commit(world.name, name)
    assert (found.sha, found.ref) == (world.sha(name), name)


def test_a_commit_is_told_in_full(world: World) -> None:
    found = world.host.commit(world.name, "v2")
    assert found.subject == "Say hello"
    assert found.message == "Say hello\n\nWith a reason."
    assert found.author == "Ana Ferreira"
    assert found.when == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert world.host.commit(world.name, "feature/login").subject == "Zweiter Schritt ü"


@pytest.mark.parametrize("written", ["", " ", "HEAD"])
def test_nothing_means_the_default_branch(world: World, written: str) -> None:
    found = world.host.commit(world.name, written)
    assert (found.sha, found.ref) == (world.sha("main"), "main")


@pytest.mark.parametrize("digits", [40, 12, 7])
@pytest.mark.parametrize("name", ["main", "v1"])
def test_digits_mean_their_commit_at_a_tip_or_deep_in_the_history(world: World, name: str, digits: int) -> None:
    deep = world.held.commits[world.sha("feature/login")].parents[0]
    for sha in (world.sha(name), deep):
        assert replace(world.host.commit(world.name, sha[:digits].upper()), url="").sha == sha
        assert world.host.commit(world.name, sha[:digits]).ref == ""


def test_a_pull_request_means_its_head(world: World) -> None:
    found = world.host.commit(world.name, "#12")
    assert (found.sha, found.ref, found.subject) == (world.held.pulls[12], "#12", "From a fork")


@pytest.mark.parametrize(("written", "nearest"), [("featur/login", "feature/login"), ("login", "feature/login")])
def test_an_unknown_ref_is_answered_with_the_nearest(world: World, written: str, nearest: str) -> None:
    with pytest.raises(NotFound) as error:
        world.host.commit(world.name, written)
    assert written in error.value.message
    assert nearest in error.value.hint


@pytest.mark.parametrize("written", ["#99", "1" * 40, "abcdef0", "no-such-thing"])
def test_what_is_not_there_is_said(world: World, written: str) -> None:
    with pytest.raises(NotFound):
        world.host.commit(world.name, written)


HOSTILE_REFS = [
    "--upload-pack=touch /tmp/x",
    "-x",
    "../../x",
    "a b",
    "a\nb",
    "a" * 300,
    "🚀",
    "main:main",
    "main^{}",
    "main~1",
    "a..b",
    "@{u}",
    "refs/*",
    "#0",
    "#1x",
    "x.lock",
    ".hidden",
    "a//b",
    "\0",
    "`id`",
]


@pytest.mark.parametrize("written", HOSTILE_REFS)
def test_a_hostile_ref_is_refused_with_the_right_form(world: World, written: str) -> None:
    with pytest.raises(UsageError) as error:
        world.host.commit(world.name, written)
    assert "feature/login" in error.value.hint
    with pytest.raises(UsageError):
        world.host.behind(world.name, world.sha("main"), written)


@pytest.mark.parametrize("sha", ["main", "1" * 39, "-" * 40, "G" * 40, ""])
def test_an_archive_is_only_of_a_full_commit(world: World, sha: str) -> None:
    with pytest.raises(UsageError), world.host.archive(world.name, sha):
        pass
    with pytest.raises(UsageError):
        world.host.dockerfiles(world.name, sha)


HOSTILE_REPOSITORIES = [
    "",
    "--upload-pack=x",
    "ext::sh -c touch% /tmp/x",
    "../../x",
    "a b",
    "fd::17",
    "../shop/../shop",
]


@pytest.mark.parametrize("written", HOSTILE_REPOSITORIES)
def test_a_hostile_repository_is_refused_with_the_right_form(world: World, written: str) -> None:
    with pytest.raises(UsageError) as error:
        world.host.commit(written, "main")
    assert "org/repo" in error.value.hint


def test_an_unknown_repository_is_said(world: World) -> None:
    unknown = world.name.replace(sample.NAME, "no-such")
    for ask in (world.host.commit, world.host.dockerfiles):
        with pytest.raises((NotFound, Denied), match="no-such"):
            ask(unknown, "1" * 40)


def test_an_archive_holds_exactly_that_commit(world: World) -> None:
    sha = world.sha("feature/login")
    with (
        world.host.archive(world.name, sha) as archive,
        build_context(archive) as context,
        tarfile.open(fileobj=context.tar) as tar,
    ):
        files = {each.name: tar.extractfile(each) for each in tar if each.isfile()}
        held = {name: file.read() for name, file in files.items() if file}
    assert held == world.held.commits[sha].files


def test_an_archive_of_an_old_commit_is_not_that_of_the_branch(world: World) -> None:
    with world.host.archive(world.name, world.sha("v1")) as archive:
        packed = archive.read()
    assert b"README.md" in _plain(packed)
    assert b"main.sh" not in _plain(packed)


def test_an_archive_may_be_left_early(world: World) -> None:
    with world.host.archive(world.name, world.sha("main")) as archive:
        archive.read(10)


def test_an_archive_of_an_unknown_commit_is_said(world: World) -> None:
    with pytest.raises(NotFound), world.host.archive(world.name, "1" * 40):
        pass


def test_dockerfiles_are_found_the_shortest_first(world: World) -> None:
    assert world.host.dockerfiles(world.name, world.sha("main")) == ["Dockerfile"]
    assert world.host.dockerfiles(world.name, world.sha("feature/login")) == [
        "Dockerfile",
        "docker/dev.Dockerfile",
        "services/pay/Dockerfile",
    ]


def test_what_a_commit_changed(world: World) -> None:
    def changed(sha: str) -> list[str]:
        return world.host.changed(world.name, sha)

    moved = world.held.commits[world.sha("tidy")].parents[0]
    assert changed(world.sha("v1")) == ["Dockerfile", "README.md"]
    assert changed(world.sha("main")) == ["app/main.sh"]
    assert changed(moved) == ["Dockerfile", "README.md", "app/main.sh", "docs/README.md"]
    assert changed(world.sha("tidy")) == ["pull"]
    with pytest.raises(NotFound):
        changed("1" * 40)
    with pytest.raises(UsageError):
        changed("main")


def test_how_far_behind(world: World) -> None:
    def behind(sha: str, ref: str) -> int | None:
        return world.host.behind(world.name, sha, ref)

    assert behind(world.sha("main"), "main") == 0
    assert behind(world.sha("v1"), "feature/login") == 3
    assert behind(world.sha("feature/login"), "main") == 0
    assert behind(world.held.pulls[12], "feature/login") == 2
    assert behind("1" * 40, "main") is None


def test_the_repositories_that_it_knows(world: World) -> None:
    assert world.host.repositories() == [world.name]


def _plain(packed: bytes) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(packed), mode="r:*") as tar:
        return b" ".join(name.encode() for name in tar.getnames())
