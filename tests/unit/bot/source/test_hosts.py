"""Which host is asked, by what a repository looks like."""

from pathlib import Path

import pytest

from bot.source.dockerfiles import dockerfiles
from bot.source.git import GitHost
from bot.source.hosts import CodeHosts
from commands.base.errors import NotFound, Unavailable
from tests.fakes.code_host import FakeCodeHost, FakeRepository


class Own(FakeCodeHost):
    """A host that knows its own repositories."""

    def has(self, repository: str) -> bool:
        return repository in self.held


class Everything(FakeCodeHost):
    """A host that may have any repository."""

    def has(self, repository: str) -> bool:
        return repository != "team/shop"


def _one(name: str) -> tuple[Own, str]:
    held = FakeRepository()
    sha = held.push("main", {"Dockerfile": name})
    return Own({name: held}), sha


def test_each_question_goes_to_the_first_host_that_has_the_repository() -> None:
    (one, first), (two, second), (other, third) = _one("shop"), _one("org/shop"), _one("https://example.com/shop")
    hosts = CodeHosts(other, one, two)
    for name, sha in (("shop", first), ("org/shop", second), ("https://example.com/shop", third)):
        assert hosts.commit(name, "").sha == sha
        assert hosts.dockerfiles(name, sha) == ["Dockerfile"]
        assert hosts.behind(name, sha, "main") == 0
        with hosts.archive(name, sha) as archive:
            assert name.encode() in archive.read()
    assert [len(host.archives) for host in (one, two, other)] == [1, 1, 1]
    with pytest.raises(NotFound):
        hosts.commit("nobody/s", "")


def test_all_hosts_tell_their_repositories_and_one_that_is_away_hides_no_other() -> None:
    (one, _), (two, _) = _one("shop"), _one("org/shop")
    hosts = CodeHosts(one, one, two)
    assert hosts.repositories() == ["shop", "org/shop"]
    two.away = Unavailable("GitHub is away.")
    assert hosts.repositories() == ["shop"]
    one.away = Unavailable("The disk is away.")
    with pytest.raises(Unavailable):
        hosts.repositories()


def test_a_name_that_is_nowhere_gets_the_nearest_that_is_here() -> None:
    (here, _) = _one("team/shop")
    hosts = CodeHosts(here, here, Everything({}))
    with pytest.raises(NotFound, match="There is no repository team/shp") as found:
        hosts.commit("team/shp", "")
    assert found.value.hint.startswith("`team/shop` is here, if that was meant")
    with pytest.raises(NotFound) as far:
        hosts.commit("elsewhere/all", "")
    assert "is here" not in far.value.hint


def test_the_repositories_below_a_folder(tmp_path: Path) -> None:
    for name in ("shop/.git", "shop/vendor/.git", "team/pay.git/objects", "team/notes", "a/b/deep/.git"):
        (tmp_path / "root" / name).mkdir(parents=True)
    (tmp_path / "root" / "team" / "pay.git" / "HEAD").touch()
    (tmp_path / "outside" / ".git").mkdir(parents=True)
    (tmp_path / "root" / "link").symlink_to(tmp_path / "outside")
    assert GitHost(tmp_path / "root").repositories() == ["shop", "team/pay.git"]
    assert GitHost().repositories() == []


def test_what_looks_like_a_dockerfile() -> None:
    like = [
        "Dockerfile",
        "dockerfile",
        "Containerfile",
        "Dockerfile.dev",
        "dev.Dockerfile",
        "a/b/Dockerfile",
        "Dockerfile-x",
    ]
    not_like = [
        "Dockerfile.dockerignore",
        "dockerfile.go",
        "my-dockerfiles/readme",
        "Dockerfiles",
        "x/dockerfile_test.py",
    ]
    assert dockerfiles([*not_like, *reversed(like)]) == [
        "Dockerfile",
        "dockerfile",
        "Dockerfile-x",
        "Containerfile",
        "Dockerfile.dev",
        "dev.Dockerfile",
        "a/b/Dockerfile",
    ]
