"""The git host against git's own https server: logins, old servers, and each way of not answering, in words."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.source.git import GitHost, Limits
from bot.source.invocation import Trust
from commands.base.errors import Denied, NotFound, Unavailable
from explainers.builds.model import Credentials
from tests.contract.code_hosts import sample
from tests.contract.code_hosts.git_server import GitServer, make_certificate, serve

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl: install it")

LOGIN = Credentials("x-access-token", "hunter2")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample.make(tmp_path_factory.mktemp("https") / "org" / sample.NAME).parent.parent


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls") / "host.pem")


@pytest.fixture
def server(root: Path) -> Iterator[GitServer]:
    made = GitServer(root)
    yield made
    made.silent.set()


def host(certificate: Path, login: Credentials | None = None, seconds: float = 30) -> GitHost:
    return GitHost(login=lambda _host: login, trust=Trust(certificate), limits=Limits(listing=seconds))


@pytest.mark.parametrize("modern", [True, False])
def test_a_commit_its_history_and_its_files(root: Path, certificate: Path, modern: bool) -> None:
    git, held = host(certificate), sample.read(root / "org" / sample.NAME)
    with serve(GitServer(root, modern=modern), certificate) as url:
        repository = f"{url}/org/{sample.NAME}"
        deep = held.commits[held.branches["feature/login"]].parents[0]
        assert git.commit(repository, "").sha == held.branches["main"]
        assert git.commit(repository, deep[:9]).sha == deep
        assert git.commit(repository, "#12").sha == held.pulls[12]
        assert git.dockerfiles(repository, deep)[0] == "Dockerfile"
        assert git.behind(repository, held.tags["v1"], "feature/login") == 3
        with git.archive(repository, deep) as archive:
            assert b"Dockerfile" in archive.read()
        with pytest.raises(NotFound, match="no commit 111111111111"):
            git.commit(repository, "1" * 40)


def test_a_login_is_sent_where_one_is_wanted(root: Path, certificate: Path) -> None:
    server = GitServer(root, login=f"{LOGIN.username}:{LOGIN.password}")
    with serve(server, certificate) as url:
        repository = f"{url}/org/{sample.NAME}"
        assert host(certificate, LOGIN).commit(repository, "main").subject == "Say hello"
        with pytest.raises(Denied) as error:
            host(certificate).commit(repository, "main")
        assert "/connect" in error.value.hint
        with pytest.raises(Denied):
            host(certificate, Credentials("ana", "wrong")).commit(repository, "main")


def test_a_login_is_not_sent_to_where_a_server_points(root: Path, certificate: Path) -> None:
    first, second = GitServer(root), GitServer(root)
    with serve(second, certificate) as elsewhere, serve(first, certificate) as url:
        first.redirect = elsewhere
        with pytest.raises(NotFound, match="has moved"):
            host(certificate, LOGIN).commit(f"{url}/org/{sample.NAME}", "main")
    assert len(first.seen) == 1
    assert not second.seen


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (401, Denied, "does not let the bot read"),
        (403, Denied, "does not let the bot read"),
        (404, NotFound, "There is no repository"),
        (429, Unavailable, "429"),
        (500, Unavailable, "500"),
        (503, Unavailable, "503"),
    ],
)
def test_what_a_server_refuses_is_said(
    server: GitServer, certificate: Path, status: int, kind: type[Exception], said: str
) -> None:
    server.answers["org"] = status
    with serve(server, certificate) as url, pytest.raises(kind, match=said):
        host(certificate).commit(f"{url}/org/{sample.NAME}", "main")


def test_a_repository_that_is_not_there(server: GitServer, certificate: Path) -> None:
    with (
        serve(server, certificate) as url,
        pytest.raises(NotFound, match=r"no repository localhost:[0-9]+/org/no-such"),
    ):
        host(certificate).commit(f"{url}/org/no-such", "main")


def test_a_server_that_says_nothing_is_left_at_the_deadline(server: GitServer, certificate: Path) -> None:
    server.answers["org"] = -1
    with serve(server, certificate) as url:
        with pytest.raises(Unavailable, match="in time"):
            host(certificate, seconds=0.5).commit(f"{url}/org/{sample.NAME}", "main")
        server.silent.set()


def test_a_certificate_of_a_stranger_is_not_trusted(server: GitServer, certificate: Path, tmp_path: Path) -> None:
    stranger = make_certificate(tmp_path / "other.pem")
    with serve(server, certificate) as url, pytest.raises(Unavailable, match="cannot be trusted"):
        host(stranger).commit(f"{url}/org/{sample.NAME}", "main")


def test_nobody_there(certificate: Path) -> None:
    with pytest.raises(Unavailable, match=r"Connection refused|Could not connect|Couldn't connect"):
        host(certificate).commit("https://localhost:1/org/shop", "main")
    with pytest.raises(Unavailable, match=r"no-such\.invalid cannot be resolved"):
        host(certificate).commit("https://no-such.invalid/org/shop", "main")


def test_a_login_is_nowhere_in_what_is_said(server: GitServer, certificate: Path) -> None:
    server.answers["org"] = 500
    with serve(server, certificate) as url, pytest.raises(Unavailable) as raised:
        host(certificate, LOGIN).commit(f"{url}/org/{sample.NAME}", "main")
    assert LOGIN.password not in f"{raised.value} {raised.value.hint} {raised.value.__cause__}"
