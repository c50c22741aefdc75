"""One contract for where credentials come from: the fake, and the adapter over a cluster and a stand-in for Vault.

No Vault was to be had where these tests were written: its side is a server that follows its published API strictly.
"""

import base64
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.broker.credentials import Credentials
from bot.broker.vault import VaultAccess, Vaults
from commands.base.errors import Denied, NotFound, TesseraError, Unavailable, UsageError
from commands.broker.ports import CredentialSource, Order
from explainers.catalog.model import (
    Credential,
    ExternalURL,
    FromCatalog,
    FromSecret,
    FromVault,
    Generated,
    NoCredential,
)
from explainers.kinds import SECRET
from tests.contract.brokers.kills import Trap, kills
from tests.contract.brokers.orders import CANARY, order
from tests.contract.brokers.rooms import NODE, Room, connected, only, room, stood
from tests.contract.brokers.vault_server import JWT, Vault, vault_server
from tests.contract.code_hosts.git_server import make_certificate
from tests.fakes.credentials import FakeCredentials


@dataclass(frozen=True)
class Site:
    """A source, and where to put what it gives; `vault` is the URL of the one that entries name."""

    source: CredentialSource
    secret: Callable[[str, dict[str, str]], object]
    write: Callable[[str, dict[str, str]], object]
    leases: Callable[[], set[str]]
    trap: Trap
    vault: str


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("projected") / "token"
    path.write_text(JWT + "\n")
    return path


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls") / "vault.pem")


@pytest.fixture
def vault(authority: Path) -> Iterator[Vault]:
    with vault_server(authority) as server:
        yield server


@pytest.fixture
def access(token: Path, authority: Path) -> VaultAccess:
    return VaultAccess(token, str(authority), ("localhost", "127.0.0.1"))


@pytest.fixture(scope="module", params=["fake", "sandbox", NODE])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room | None]:
    with stood(request.param, tmp_path_factory.mktemp("place"), "provider") as found:
        yield found


@pytest.fixture
def site(place: Room | None, vault: Vault, access: VaultAccess) -> Site:
    trap = Trap()
    if place is None:
        fake = FakeCredentials(reach=trap.call)
        return Site(
            fake,
            lambda name, data: fake.secrets.update({name: data}),
            lambda path, data: fake.vault.update({path: data}),
            lambda: fake.leases,
            trap,
            vault.url,
        )
    found = place
    return Site(
        Credentials(place.cluster, place.namespace, access),
        lambda name, data: found.make(SECRET, name, stringData=data),
        lambda path, data: vault.versions.setdefault(path.removeprefix("secret/data/"), []).append(data),
        lambda: set(vault.leases),
        trap,
        vault.url,
    )


def ordered(credential: Credential, generated: dict[str, str] | None = None) -> Order:
    one = order(ExternalURL("https://example.com"), credentials=generated or {"password": CANARY})
    return replace(one, entry=replace(one.entry, credential=credential))


def test_from_the_entry(site: Site) -> None:
    issued = site.source.issue(ordered(FromCatalog("app", CANARY)), "b-1")
    assert issued.values == {"username": "app", "password": CANARY}
    assert CANARY not in repr(issued)
    assert issued.lease == ""


def test_from_nowhere(site: Site) -> None:
    assert site.source.issue(ordered(NoCredential()), "b-1").values == {}


def test_generated_ones_are_those_of_the_instance(site: Site) -> None:
    one = ordered(Generated("app"), {"username": "app", "password": CANARY})
    assert site.source.issue(one, "b-1").values == {"username": "app", "password": CANARY}


def test_from_a_secret_of_the_provider(site: Site) -> None:
    name = f"login-{secrets.token_hex(3)}"
    site.secret(name, {"username": "app", "password": f"{CANARY} with ünïcode\n"})
    issued = site.source.issue(ordered(FromSecret(name)), "b-1")
    assert issued.values == {"username": "app", "password": f"{CANARY} with ünïcode\n"}


def test_a_secret_that_is_not_there_is_named(site: Site) -> None:
    with pytest.raises(NotFound, match="login-gone"):
        site.source.issue(ordered(FromSecret("login-gone")), "b-1")


def test_from_vault(site: Site) -> None:
    site.write("secret/data/team/db", {"username": "app", "password": CANARY})
    issued = site.source.issue(ordered(FromVault(site.vault, "broker", "secret/data/team/db")), "b-1")
    assert issued.values == {"username": "app", "password": CANARY}
    assert issued.lease == ""


def test_a_dynamic_one_has_a_lease_that_is_revoked(site: Site) -> None:
    one = ordered(FromVault(site.vault, "broker", "database/creds/reader"))
    first, second = (site.source.issue(one, binding) for binding in ("b-1", "b-2"))
    assert site.leases() == {first.lease, second.lease}
    assert set(first.values) == {"username", "password"}
    for _ in range(2):
        site.source.revoke(one, first.lease)
        assert site.leases() == {second.lease}
    site.source.revoke(one, second.lease)
    assert site.leases() == set()


def test_nothing_at_that_path_is_said(site: Site) -> None:
    with pytest.raises(NotFound, match="nothing"):
        site.source.issue(ordered(FromVault(site.vault, "broker", "secret/data/none")), "b-1")


def test_what_has_no_lease_needs_no_revoking(site: Site) -> None:
    for credential in (NoCredential(), FromCatalog("a", "b"), FromSecret("none"), Generated()):
        site.source.revoke(ordered(credential), "")


@only("fake")  # one request to a real one: there is nothing between
def test_killed_while_revoking_it_is_revoked_by_the_next_try(place: Room | None, site: Site) -> None:
    one = ordered(FromVault(site.vault, "broker", "database/creds/reader"))
    leases = [site.source.issue(one, "b-1").lease]
    for _ in kills(site.trap, lambda: site.source.revoke(one, leases[-1])):
        site.source.revoke(one, leases[-1])
        assert site.leases() == set()
        leases.append(site.source.issue(one, "b-1").lease)


def test_binary_values_are_refused_without_showing_them(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("binary")
    with connected("sandbox", folder) as (clusters, kubeconfig), room(clusters, kubeconfig, False) as found:
        found.make(SECRET, "keys", data={"store": base64.b64encode(b"\xff\xfe" + CANARY.encode()).decode()})
        found.make(SECRET, "empty")
        source = Credentials(found.cluster, found.namespace)
        with pytest.raises(UsageError, match="key store of the Secret keys is not text") as refused:
            source.issue(ordered(FromSecret("keys")), "b-1")
        assert CANARY not in str(refused.value) + refused.value.hint
        with pytest.raises(NotFound, match="empty"):
            source.issue(ordered(FromSecret("empty")), "b-1")


class TestVault:
    """What only Vault can do, and how it fails."""

    def issue(self, vault: Vault, access: VaultAccess, path: str, auth: str = "broker") -> dict[str, str]:
        source = FromVault(vault.url, auth, path)
        return dict(Vaults(access).issue(source, path).values)

    def test_a_path_as_people_write_it_and_a_version(self, vault: Vault, access: VaultAccess) -> None:
        vault.versions["team/db"] = [{"password": "one"}, {"password": "two", "port": 5432, "tags": ["a"]}]
        assert self.issue(vault, access, "secret/team/db") == {"password": "two", "port": "5432", "tags": '["a"]'}
        assert self.issue(vault, access, "secret/team/db?version=1") == {"password": "one"}
        assert self.issue(vault, access, "secret/data/team/db?version=1") == {"password": "one"}

    def test_another_mount_of_the_auth_method(self, vault: Vault, access: VaultAccess) -> None:
        vault.mount, vault.role = "clusters/east", "reader"
        vault.versions["db"] = [{"password": "one"}]
        assert self.issue(vault, access, "secret/db", "clusters/east/reader") == {"password": "one"}

    def test_a_deleted_version(self, vault: Vault, access: VaultAccess) -> None:
        vault.versions["db"] = [{"password": "one"}, None]
        with pytest.raises(NotFound, match="nothing"):
            self.issue(vault, access, "secret/db")

    def test_sealed(self, vault: Vault, access: VaultAccess) -> None:
        vault.sealed = True
        with pytest.raises(Unavailable, match="Vault is sealed") as refused:
            self.issue(vault, access, "secret/db")
        assert "unseal" in refused.value.hint

    def test_no_login(self, vault: Vault, access: VaultAccess, tmp_path: Path) -> None:
        with pytest.raises(TesseraError, match="log in as other at auth/kubernetes: invalid role name"):
            self.issue(vault, access, "secret/db", "other")
        wrong = tmp_path / "token"
        wrong.write_text("eyJ.wrong.jwt")
        with pytest.raises(Denied, match="does not let the broker log in as broker") as refused:
            self.issue(vault, replace(access, token=wrong), "secret/db")
        assert "ServiceAccount" in refused.value.hint
        assert "eyJ.wrong" not in str(refused.value)
        with pytest.raises(Unavailable, match="cannot be read"):
            self.issue(vault, replace(access, token=tmp_path / "none"), "secret/db")

    def test_no_policy(self, vault: Vault, access: VaultAccess) -> None:
        vault.denied.add("secret/data/db")
        with pytest.raises(Denied, match="permission denied") as refused:
            self.issue(vault, access, "secret/db")
        assert 'path "secret/data/db" { capabilities = ["read"] }' in refused.value.hint

    def test_a_fault_of_vault_may_be_tried_again(self, vault: Vault, access: VaultAccess) -> None:
        vault.fails = [500]
        vault.versions["db"] = [{"password": "one"}]
        with pytest.raises(Unavailable, match="internal error"):
            self.issue(vault, access, "secret/db")
        assert self.issue(vault, access, "secret/db") == {"password": "one"}

    def test_no_vault(self, access: VaultAccess) -> None:
        with pytest.raises(Unavailable, match="does not answer"):
            self.issue(Vault(url="https://localhost:9"), access, "secret/db")

    def test_a_certificate_of_nobody(self, vault: Vault, access: VaultAccess) -> None:
        with pytest.raises(Unavailable, match="SSLError"):
            self.issue(vault, replace(access, authorities=""), "secret/db")
        assert vault.asked == []

    @pytest.mark.parametrize(
        "url",
        [
            "http://vault.example.com",
            "http://vault.svc.example.com",
            "http://127.example.com",
            "ftp://vault.example.com",
            "https://ana:pw@vault.example.com",
            "vault",
            "",
        ],
    )
    def test_a_url_that_would_give_the_token_away(self, url: str, access: VaultAccess) -> None:
        with pytest.raises(UsageError, match="vaulturl"):
            self.issue(Vault(url=url), access, "secret/db")

    def test_only_the_vaults_that_an_administrator_names(self, vault: Vault, access: VaultAccess) -> None:
        with pytest.raises(Denied, match="does not ask the Vault at localhost"):
            self.issue(vault, replace(access, hosts=("vault.example.com",)), "secret/db")
        with pytest.raises(Denied, match="does not ask the Vault at localhost") as refused:
            self.issue(vault, replace(access, hosts=()), "secret/db")
        assert "TESSERA_VAULT_HOSTS" in refused.value.hint
        assert vault.asked == []

    @pytest.mark.parametrize(
        "path", ["", "secret", "../sys/seal", "secret/../x", "secret/x?list=true", "a/b c", "a/b\n"]
    )
    def test_a_path_that_is_none(self, path: str, vault: Vault, access: VaultAccess) -> None:
        with pytest.raises(TesseraError):
            self.issue(vault, access, path)
        assert vault.asked == []

    def test_a_role_that_is_none(self, vault: Vault, access: VaultAccess) -> None:
        for auth in ("", "kubernetes/", "a b", "x/../y", "..//r?x"):
            with pytest.raises(UsageError, match="vaultauth"):
                self.issue(vault, access, "secret/db", auth)
        assert vault.asked == []
