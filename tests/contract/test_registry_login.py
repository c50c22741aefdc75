"""A login is tried before it is kept: at a real registry with one, at a token server, where none is wanted."""

import os

import pytest

from bot.registry.login import check_login
from commands.base.errors import Denied, TesseraError, Unavailable, UsageError
from explainers.builds.model import Credentials
from tests.contract.registries.token_registry import World, running
from tests.parts import private_registry

CANARY = "canary-31aa"
GOOD = Credentials("tessera", "tessera")


@pytest.mark.registry_login
def test_the_right_login_is_taken_and_a_wrong_one_or_none_is_not() -> None:
    host = private_registry()
    check_login(host, GOOD)
    _denied(host, Credentials("tessera", CANARY), "does not let this login")
    _denied(host, None, "wants a login")


def test_the_same_at_a_token_server() -> None:
    world = World(login="tessera:tessera")
    with running(world) as server:
        check_login(server.host, GOOD)
        _denied(server.host, Credentials("tessera", CANARY), "does not let this login")
        _denied(server.host, None, "wants a login")


@pytest.mark.registry
def test_where_nobody_needs_a_login_that_is_said() -> None:
    host = os.environ["TESSERA_REGISTRY"].replace("127.0.0.1", "localhost")
    check_login(host, None)
    with pytest.raises(UsageError, match="asks nobody for a login"):
        check_login(host, GOOD)


@pytest.mark.parametrize(("host", "error"), [("localhost:1", Unavailable), ("a b", UsageError), ("", UsageError)])
def test_what_does_not_answer_or_is_no_host_is_said(host: str, error: type[TesseraError]) -> None:
    with pytest.raises(error):
        check_login(host, GOOD)


def _denied(host: str, login: Credentials | None, said: str) -> None:
    with pytest.raises(Denied, match=said) as found:
        check_login(host, login)
    assert CANARY not in f"{found.value.message}{found.value.hint}{found.value.__cause__}"
