"""`/connect github`: asked for in a form, tried at GitHub, kept encrypted, used by the code host, removed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.hub import Hub
from bot.logins import MountedLogins
from bot.secrets.kept import KeptConnections
from bot.secrets.keys import Keys, new_key
from bot.secrets.vault import KEPT, Vault
from bot.settings import Settings
from bot.state.memory import MemoryState
from commands.base.errors import NotFound, UsageError
from commands.base.ports import Services
from commands.base.request import Actor, Approval, Reply, Request
from commands.connect import connect
from explainers.document import Tone
from tests.contract.code_hosts.github_app import READING
from tests.contract.code_hosts.github_app import Hub as Server
from tests.contract.code_hosts.github_app import github as serve
from tests.contract.code_hosts.keys import app_key
from tests.fakes.code_host import FakeRepository
from tests.unit.clusters import services
from tests.unit.fakes import FakeRegistry, builds_with

TOKEN = "canary-token-81"


class Desk:
    """Somebody at a bot whose GitHub is the stand-in."""

    def __init__(self, server: Server, url: str, folder: Path) -> None:
        keys = folder / "keys"
        keys.write_text(new_key())
        self.server = server
        self.state = MemoryState()
        self.vault = Vault(self.state, Keys(keys))
        self.hub = Hub(Settings(github_url=url), self.vault)
        checks = {"github": self.hub.check}
        kept = KeptConnections(self.vault, MountedLogins(None), checks, self.hub.host, self.hub.given)
        builds = replace(builds_with(FakeRegistry({})), connections=kept, code=self.hub.code)
        self.services: Services = replace(services(), builds=builds)

    def types(self, text: str, filled: dict[str, str] | None = None, approval: Approval | None = None) -> Reply:
        request = Request("connect", text, Actor("ana"), filled=filled, approval=approval)
        return connect(request, self.services)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    shop = FakeRepository()
    shop.push("main", {"Dockerfile": "FROM busybox"})
    server = Server({"org/shop": shop}, token=TOKEN)
    with serve(server) as url:
        yield Desk(server, url, tmp_path)


def problems(reply: Reply) -> dict[str, str]:
    assert reply.form
    return {field.name: field.problem for field in reply.form.fields if field.problem}


def test_a_token_is_asked_for_tried_kept_and_used(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.hub.code.commit("org/shop", "main")
    assert desk.types("github").form
    reply = desk.types("github", {"app": "", "login": f" {TOKEN}\n"})
    assert reply.document.tone is Tone.HEALTHY
    assert "as `ana`" in reply.document.facts
    assert desk.hub.code.commit("org/shop", "main").subject == "Change main"
    assert TOKEN not in f"{desk.state.get(KEPT)}{reply}{desk.types('').document}"


def test_an_app_is_kept_and_used(desk: Desk) -> None:
    reply = desk.types("github", {"app": "1", "login": app_key()})
    assert "as the App `Tessera`, installed for `org`" in reply.document.facts
    assert desk.hub.code.commit("org/shop", "main").subject == "Change main"
    assert desk.hub.boards[0].has("org/shop")
    assert "PRIVATE" not in f"{desk.state.get(KEPT)}{reply}"


def test_what_an_app_was_not_granted_is_said(desk: Desk) -> None:
    desk.server.granted = dict(READING)
    reply = desk.types("github", {"app": "1", "login": app_key()})
    assert any("without Checks (write), Deployments (write)" in fact for fact in reply.document.facts)
    del desk.server.granted["pull_requests"]
    refused = desk.types("github", {"app": "1", "login": app_key()})
    assert "was not granted Pull requests (read)" in problems(refused)["login"]


@pytest.mark.parametrize(
    ("filled", "field", "said"),
    [
        ({"app": "", "login": "wrong"}, "login", "does not accept the login"),
        ({"app": "", "login": "two words"}, "login", "one word"),
        ({"app": "tessera", "login": "canary-x"}, "app", "is a number"),
        ({"app": "1", "login": "canary-x"}, "login", "private key"),
        ({"app": "1", "login": "-----BEGIN RSA PRIVATE KEY-----\nhush"}, "login", "cannot be read"),
        ({"app": "", "login": "-----BEGIN RSA PRIVATE KEY-----"}, "app", "which one"),
        ({"app": "1", "login": ""}, "login", "needed"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_kept(
    desk: Desk, filled: dict[str, str], field: str, said: str
) -> None:
    reply = desk.types("github", filled)
    assert said in problems(reply)[field]
    assert filled["login"] not in str(reply.form) or not filled["login"]
    assert desk.vault.listed() == []


def test_listed_with_its_health_and_removed_after_a_yes(desk: Desk) -> None:
    desk.types("github", {"app": "", "login": TOKEN})
    listed = desk.types("")
    assert listed.document.headline == "1 connection, all working."
    assert "as `ana`" in listed.document.evidence[0].text
    desk.server.token = "another"
    assert "does not accept the login" in desk.types("").document.evidence[0].text
    yes = desk.types("remove github").document.buttons[0]
    assert desk.vault.listed()
    assert "private repositories" in yes.confirm
    desk.types(yes.argument, approval=Approval(yes.approves, yes.at))
    assert desk.vault.listed() == []


def test_only_one_github_is_spoken_to(desk: Desk) -> None:
    assert desk.types(f"github {desk.hub.host}").form
    with pytest.raises(UsageError) as error:
        desk.types("github github.example.com")
    assert "TESSERA_GITHUB_URL" in error.value.hint
