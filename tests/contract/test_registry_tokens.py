"""Tokens, logins that stay at home, lies, limits and silence: over a registry of ours that can do all of that."""

import re
import shutil
import time
from pathlib import Path

import pytest

from bot.registry.adapter import Registries
from bot.registry.wire import Limits
from commands.base.errors import Denied, Unavailable
from explainers.builds.model import Credentials
from tests.contract.code_hosts.git_server import make_certificate, serve
from tests.contract.registries.pushing import CONFIG, LABELS, digest_of, index, manifest
from tests.contract.registries.token_registry import TokenRegistry, World, running
from tests.contract.test_registries import Secrets

LOGIN = Credentials("tessera", "hunter2")
IMAGE = manifest()


def world(**behaviour: object) -> World:
    made = World({"org/shop:1": IMAGE})
    for name, value in behaviour.items():
        setattr(made, name, value)
    return made


def registries(host: str = "", read: float = 2.0, tries: int = 2, answer: int = 1024**2) -> Registries:
    limits = Limits(read=read, tries=tries, answer=answer)
    return Registries(Secrets({host: LOGIN} if host else {}), limits=limits)


def test_a_token_is_asked_for_once_and_used_again() -> None:
    with running(world()) as server:
        registry = registries()
        for _ in range(3):
            registry.digest(f"{server.host}/org/shop:1")
    paths = [path.split("?")[0] for _, path, _ in server.world.asked]
    assert paths.count("/token") == 1
    assert len(paths) == 5


def test_a_token_that_ended_is_asked_for_again() -> None:
    with running(world(lifetime=11)) as server:
        registry = registries()
        registry.digest(f"{server.host}/org/shop:1")
        time.sleep(1.2)
        assert registry.digest(f"{server.host}/org/shop:1") == digest_of(IMAGE)
        server.world.tokens.clear()
        assert registry.digest(f"{server.host}/org/shop:1") == digest_of(IMAGE)
    assert sum(path.startswith("/token") for _, path, _ in server.world.asked) == 3


def test_the_labels_of_an_index_are_those_of_its_first_image() -> None:
    with running(World({"org/shop:1": index(IMAGE), "org/shop:amd64": IMAGE})) as server:
        assert registries().labels(f"{server.host}/org/shop:1") == LABELS


def test_labels_that_are_not_of_their_digest_are_refused() -> None:
    with running(world(config=CONFIG.replace(b"org/shop", b"org/evil"))) as server, pytest.raises(Unavailable) as error:
        registries().labels(f"{server.host}/org/shop:1")
    assert "is not true" in error.value.message


def test_the_login_goes_to_the_token_server_only() -> None:
    with running(world(login="tessera:hunter2")) as server:
        registries(server.host).digest(f"{server.host}/org/shop:1")
    for _, path, given in server.world.asked:
        assert given.startswith("Basic") == path.startswith("/token")


@pytest.mark.parametrize("realm", ["https://evil.example/token", "http://evil.example/token", "ftp://localhost/", "x"])
def test_the_login_goes_nowhere_else(realm: str) -> None:
    with running(world(realm=realm)) as server, pytest.raises(Denied) as error:
        registries(server.host).digest(f"{server.host}/org/shop:1")
    assert "hunter2" not in f"{error.value} {error.value.hint}"


def test_a_read_goes_where_it_is_sent_but_the_login_stays() -> None:
    with running(world(public=True)) as other, running(world(login="tessera:hunter2")) as server:
        server.world.redirect = f"http://{other.host}"
        assert registries(server.host).digest(f"{server.host}/org/shop:1") == digest_of(IMAGE)
    assert [given for _, _, given in other.world.asked] == [""]


@pytest.mark.parametrize(
    ("there", "said"),
    [
        ("http://evil.example", "sends us to http://evil.example"),
        ("https://169.254.169.254", "machinery"),
        ("http://[fe80::1]", "machinery"),
    ],
)
def test_a_read_does_not_go_just_anywhere(there: str, said: str) -> None:
    with running(world(public=True, redirect=there)) as server, pytest.raises(Denied, match=re.escape(said)):
        registries().digest(f"{server.host}/org/shop:1")


def test_a_read_does_not_go_round_for_ever() -> None:
    with running(world(public=True)) as server:
        server.world.redirect = f"http://{server.host}"
        with pytest.raises(Unavailable, match="from one address to the next"):
            registries().digest(f"{server.host}/org/shop:1")


def test_a_login_without_the_right_to_push() -> None:
    with running(world(login="tessera:hunter2", scopes={"org/shop": "pull"})) as server:
        registry = registries(server.host)
        assert registry.digest(f"{server.host}/org/shop:1")
        with pytest.raises(Denied, match="does not let this login use org/shop"):
            registry.may_push(f"{server.host}/org/shop")


@pytest.mark.parametrize("header", ["sha256:123", "md5:x", "latest", f"sha256:{'F' * 64}"])
def test_what_cannot_be_a_digest_is_refused(header: str) -> None:
    with running(world(header=header)) as server, pytest.raises(Unavailable, match="which is not true"):
        registries().digest(f"{server.host}/org/shop:1")


def test_a_registry_that_lies_is_refused() -> None:
    lie = f"sha256:{'0' * 64}"
    with running(world(header=lie)) as server:
        with pytest.raises(Unavailable, match="which is not true"):
            registries().digest(f"{server.host}/org/shop@{digest_of(IMAGE)}")
        with pytest.raises(Unavailable, match="which is not true"):
            registries().manifest(f"{server.host}/org/shop:1")


def test_where_no_digest_is_said_the_manifest_is_hashed() -> None:
    with running(world(header="")) as server:
        assert registries().digest(f"{server.host}/org/shop:1") == digest_of(IMAGE)
        assert registries().digest(f"{server.host}/org/shop:2") is None
        assert registries().manifest(f"{server.host}/org/shop:1") == IMAGE


def test_a_moment_of_trouble_is_overcome() -> None:
    with running(world(fail=[503])) as server:
        assert registries().digest(f"{server.host}/org/shop:1") == digest_of(IMAGE)


@pytest.mark.parametrize(("status", "said"), [(429, "no more for 30 s"), (500, "answers 500"), (418, "answers 418")])
def test_lasting_trouble_is_said(status: int, said: str) -> None:
    with running(world(fail=[status] * 9)) as server, pytest.raises(Unavailable, match=said):
        registries().digest(f"{server.host}/org/shop:1")


def test_a_registry_that_takes_no_pushes() -> None:
    with running(world(fail=[405])) as server, pytest.raises(Denied, match="takes no pushes"):
        registries().may_push(f"{server.host}/org/shop")


def test_silence_is_not_waited_for() -> None:
    with running(world(delay=3.0)) as server, pytest.raises(Unavailable, match=r"did not answer within 0\.3 s"):
        registries(read=0.3, tries=1).digest(f"{server.host}/org/shop:1")


def test_an_answer_without_end_is_cut() -> None:
    with (
        running(World({"org/shop:1": b" " * 5000}, header="")) as server,
        pytest.raises(Unavailable, match="without end"),
    ):
        registries(answer=1000).digest(f"{server.host}/org/shop:1")


def test_addresses_of_machinery_are_never_asked() -> None:
    for host in ("169.254.169.254", "[fe80::1]:5000"):
        with pytest.raises(Denied, match="machinery"):
            registries().digest(f"{host}/x:1")


def test_nobody_there() -> None:
    with pytest.raises(Unavailable, match=r"localhost:1 cannot be reached: Connection refused"):
        registries(tries=1).digest("localhost:1/x:1")
    with pytest.raises(Unavailable, match=r"The name no-such\.invalid cannot be resolved"):
        registries(tries=1).digest("no-such.invalid/x:1")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl: install it")
def test_a_certificate_is_checked_and_its_fault_is_named(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path / "registry.pem")
    server = TokenRegistry(world())
    server.world.realm = f"https://{server.host}/token"
    with serve(server, certificate):
        with pytest.raises(Unavailable, match=r"cannot be trusted: self.signed certificate"):
            registries().digest(f"{server.host}/org/shop:1")
        trusting = Registries(Secrets(), authorities=certificate)
        assert trusting.digest(f"{server.host}/org/shop:1") == digest_of(IMAGE)
    other = make_certificate(tmp_path / "other.pem", "other.example")
    server = TokenRegistry(world())
    with serve(server, other), pytest.raises(Unavailable, match=r"cannot be trusted: .*localhost"):
        Registries(Secrets(), authorities=other).digest(f"{server.host}/org/shop:1")
