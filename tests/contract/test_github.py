"""GitHub's own ways: downloads by another server, logins that stay at home, limits that are kept, trouble in words."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.source.context import build_context
from bot.source.github.access import Access, App, Token
from bot.source.github.host import GitHubHost
from commands.base.errors import Denied, NotFound, TesseraError, Unavailable, UsageError
from tests.contract.code_hosts.github_app import Hub, github
from tests.fakes.code_host import FakeRepository
from tests.ports import free_port

SHOP = "org/shop"


@pytest.fixture
def hub() -> Hub:
    shop = FakeRepository()
    shop.push("main", {"Dockerfile": "FROM busybox"})
    return Hub({SHOP: shop, "org/empty": FakeRepository()}, token="secret")


@pytest.fixture
def url(hub: Hub) -> Iterator[str]:
    with github(hub) as url:
        yield url


def host(url: str, access: Access = Token("secret")) -> GitHubHost:  # noqa: B008
    return GitHubHost(lambda: access, url)


def test_a_download_goes_to_another_server_without_the_login(hub: Hub, url: str) -> None:
    with host(url).archive(SHOP, hub.repositories[SHOP].branches["main"]) as archive, build_context(archive) as context:
        assert context.text == "FROM busybox"
    assert [given for path, given in hub.asked if path.startswith("/codeload")] == [""]
    assert {given for path, given in hub.asked if path.startswith("/repos")} == {"token secret"}


@pytest.mark.parametrize("there", ["ftp://localhost", "https://localhost:1", "file:///etc"])
def test_a_download_does_not_change_its_protocol(hub: Hub, url: str, there: str) -> None:
    hub.downloads = there
    with pytest.raises(Denied, match="sends us to"), host(url).archive(SHOP, hub.repositories[SHOP].branches["main"]):
        pass


def test_a_download_that_breaks_off_can_be_tried_again(hub: Hub, url: str) -> None:
    hub.cut = True
    sha = hub.repositories[SHOP].branches["main"]
    with pytest.raises(Unavailable), host(url).archive(SHOP, sha) as archive, build_context(archive):
        pass


def test_a_limit_that_is_used_up_is_kept(hub: Hub, url: str) -> None:
    shop, sha = host(url), hub.repositories[SHOP].branches["main"]
    hub.remaining = 0
    with pytest.raises(Unavailable, match=r"lets us ask no more until \d\d:\d\d:\d\d UTC"):
        shop.commit(SHOP, "main")
    asked = len(hub.asked)
    hub.remaining = 10
    for ask in (lambda: shop.commit(SHOP, "main"), lambda: shop.dockerfiles(SHOP, sha), lambda: _all(shop, sha)):
        with pytest.raises(Unavailable, match="ask no more"):
            ask()
    assert len(hub.asked) == asked


def test_a_limit_is_kept_until_it_is_renewed(hub: Hub, url: str) -> None:
    shop, sha = host(url), hub.repositories[SHOP].branches["main"]
    hub.remaining, hub.renewed_after = 0, 2
    with pytest.raises(Unavailable, match="ask no more"):
        shop.commit(SHOP, "main")
    hub.remaining, end = 10, time.monotonic() + 60
    while True:
        try:
            assert shop.commit(SHOP, "main").sha == sha
            break
        except Unavailable:
            assert time.monotonic() < end
            time.sleep(0.2)


def test_a_limit_met_by_a_download_is_kept(hub: Hub, url: str) -> None:
    shop, sha = host(url), hub.repositories[SHOP].branches["main"]
    hub.remaining = 0
    with pytest.raises(Unavailable, match="ask no more"):
        _all(shop, sha)
    with pytest.raises(Unavailable, match="ask no more"):
        shop.commit(SHOP, "main")


def _all(shop: GitHubHost, sha: str) -> bytes:
    with shop.archive(SHOP, sha) as archive:
        return archive.read()


def test_a_moment_of_trouble_is_overcome_and_lasting_trouble_is_said(hub: Hub, url: str) -> None:
    hub.fail = [502]
    assert host(url).commit(SHOP, "main").subject == "Change main"
    hub.fail = [500] * 9
    with pytest.raises(Unavailable, match=r"answers 500|cannot be reached"):
        host(url).commit(SHOP, "main")


@pytest.mark.parametrize(
    ("access", "repository", "kind", "said"),
    [
        (Token("wrong"), SHOP, Denied, "does not accept the login"),
        (None, SHOP, NotFound, "add a login with /connect"),
        (Token("secret"), "org/no-such", NotFound, "that the login may see it"),
        (Token("secret"), "org/empty", NotFound, "push one"),
    ],
)
def test_refusals_in_words(url: str, access: Access, repository: str, kind: type[TesseraError], said: str) -> None:
    with pytest.raises(kind) as error:
        host(url, access).commit(repository, "main")
    assert said in f"{error.value} {error.value.hint}"
    assert "secret" not in f"{error.value} {error.value.hint}"


def test_a_login_is_asked_for_anew_each_time(hub: Hub, url: str) -> None:
    given: list[Access] = [Token("wrong"), Token("secret")]
    shop = GitHubHost(lambda: given[0], url)
    with pytest.raises(Denied):
        shop.commit(SHOP, "main")
    given.pop(0)
    assert shop.commit(SHOP, "main").subject == "Change main"


def test_all_files_of_a_large_commit_are_named(hub: Hub, url: str) -> None:
    names = [f"{number:04}.txt" for number in range(700)]
    sha = hub.repositories[SHOP].push("large", {"Dockerfile": "FROM busybox"} | dict.fromkeys(names, "x"))
    assert host(url).changed(SHOP, sha) == names
    assert len([path for path, _ in hub.asked if path.endswith(sha)]) <= 4


def test_only_a_login_lists_repositories_and_no_more_than_a_thousand(hub: Hub, url: str) -> None:
    assert host(url, None).repositories() == []
    assert hub.asked == []
    hub.repositories = {f"org/{number:04}": FakeRepository() for number in range(1200)}
    assert host(url).repositories() == [f"org/{number:04}" for number in range(1000)]
    with pytest.raises(Denied):
        host(url, Token("wrong")).repositories()


def test_an_app_lists_what_its_installations_may_read(hub: Hub, url: str) -> None:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    key = made.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain).decode()
    assert host(url, App(1, key)).repositories() == sorted(hub.repositories)
    assert host(url, App(1, key, 7)).repositories() == sorted(hub.repositories)
    assert host(url, App(1, key, 8)).repositories() == []


def test_nobody_there(tmp_path: Path) -> None:
    port = free_port()
    with pytest.raises(Unavailable, match="cannot be reached: Connection refused"):
        host(f"http://localhost:{port}").commit(SHOP, "main")


@pytest.mark.parametrize("base", ["http://github.example.com/api/v3", "ftp://x", "github.com", ""])
def test_the_api_is_asked_by_https(base: str) -> None:
    with pytest.raises(UsageError, match="is not an https address"):
        host(base)


def test_a_key_that_is_none_is_said(url: str) -> None:
    with pytest.raises(UsageError, match="private key of the GitHub App cannot be read") as error:
        host(url, App(1, "hunter2", 2)).commit(SHOP, "main")
    assert "hunter2" not in f"{error.value} {error.value.hint}"


def test_which_repositories_are_its_own(url: str) -> None:
    public = GitHubHost(lambda: None)
    enterprise = GitHubHost(lambda: None, "https://github.example.com/api/v3")
    assert public.has("org/shop")
    assert public.has("https://github.com/org/shop.git")
    assert public.has("git@github.com:org/shop.git")
    assert not public.has("https://gitlab.com/org/shop")
    assert not public.has("https://github.example.com/org/shop")
    assert enterprise.has("https://github.example.com/org/shop")
    assert enterprise.has("org/shop")
    assert not enterprise.has("https://github.com/org/shop")
    with pytest.raises(UsageError, match=r"is not at github\.com"):
        public.commit("https://gitlab.com/org/shop", "main")
