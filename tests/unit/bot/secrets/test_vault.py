"""The vault: sealed at rest, listed without the credential, keys changed without losing anything."""

import json
from pathlib import Path

import pytest

from bot.secrets.keys import Keys, new_key
from bot.secrets.vault import KEPT, Vault, added
from bot.state.memory import MemoryState
from commands.base.errors import UsageError
from explainers.builds.model import Credentials

CANARY = "canary-7d41"
LOGIN = Credentials("ana", CANARY)


def written(path: Path, *keys: str) -> Keys:
    path.write_text("\n".join(keys) + "\n")
    return Keys(path)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return written(tmp_path / "keys", new_key())


def test_a_login_comes_back_and_is_listed_without_itself(keys: Keys) -> None:
    vault = Vault(MemoryState(), keys)
    connection = added("registry", "ghcr.io", "ana")
    vault.keep(connection, LOGIN)
    assert vault.find("registry", "ghcr.io") == LOGIN
    assert vault.find("registry", "other.io") is None
    assert vault.listed() == [connection]
    assert CANARY not in repr(vault.listed())


def test_nothing_stands_in_the_store_in_clear(keys: Keys) -> None:
    state = MemoryState()
    vault = Vault(state, keys)
    vault.keep(added("registry", "ghcr.io", "ana"), LOGIN)
    ticket = vault.park({"password": CANARY})
    kept = f"{state.get(KEPT)}{state.get(f'parked:{ticket}')}"
    assert "ghcr.io" in kept
    assert CANARY not in kept


def test_without_keys_nothing_is_stored_and_the_message_says_how_to_make_one() -> None:
    state = MemoryState()
    with pytest.raises(UsageError) as found:
        Vault(state, Keys(None)).keep(added("registry", "ghcr.io", "ana"), LOGIN)
    assert "tessera keys new" in found.value.hint
    assert CANARY not in f"{found.value} {found.value.hint}"
    assert state.get(KEPT) is None


def test_keys_change_without_losing_anything(tmp_path: Path) -> None:
    path, state, old, new = tmp_path / "keys", MemoryState(), new_key(), new_key()
    vault = Vault(state, written(path, old))
    vault.keep(added("registry", "ghcr.io", "ana"), LOGIN)
    written(path, new, old)
    assert vault.find("registry", "ghcr.io") == LOGIN, "the old key still decrypts"
    assert vault.rotate() == 1
    written(path, new)
    assert vault.find("registry", "ghcr.io") == LOGIN, "the new key alone is enough"
    written(path, old)
    with pytest.raises(UsageError, match="not in the keys file any more"):
        vault.find("registry", "ghcr.io")


def test_a_rotation_that_one_entry_refuses_changes_none(tmp_path: Path) -> None:
    path, state = tmp_path / "keys", MemoryState()
    Vault(state, written(path, new_key())).keep(added("registry", "a.io", "ana"), LOGIN)
    Vault(state, written(path, new_key())).keep(added("registry", "b.io", "ana"), LOGIN)
    before = state.get(KEPT)
    with pytest.raises(UsageError):
        Vault(state, Keys(path)).rotate()
    assert state.get(KEPT) == before


def test_a_credential_cannot_be_put_in_the_place_of_another(keys: Keys) -> None:
    state = MemoryState()
    vault = Vault(state, keys)
    vault.keep(added("registry", "ghcr.io", "ana"), LOGIN)
    entries = json.loads(state.get(KEPT) or "")
    state.put(KEPT, json.dumps({"registry evil.example": entries["registry ghcr.io"]}), None)
    with pytest.raises(UsageError, match="made for something else"):
        vault.find("registry", "evil.example")


def test_removed_is_gone(keys: Keys) -> None:
    vault = Vault(MemoryState(), keys)
    vault.keep(added("registry", "ghcr.io", "ana"), LOGIN)
    assert (vault.remove("registry", "ghcr.io"), vault.remove("registry", "ghcr.io")) == (True, False)
    assert vault.find("registry", "ghcr.io") is None


def test_what_is_parked_comes_back_until_it_is_forgotten(keys: Keys) -> None:
    vault = Vault(MemoryState(), keys)
    ticket = vault.park({"username": "ana", "password": CANARY})
    assert vault.parked(ticket) == {"username": "ana", "password": CANARY}
    vault.forget(ticket)
    assert vault.parked(ticket) is None


@pytest.mark.parametrize("text", ["", "short\n", "ü\n", f"{CANARY}\n"])
def test_a_file_without_keys_is_named_and_not_repeated(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keys"
    path.write_text(text)
    with pytest.raises(UsageError) as found:
        Keys(path).seal("x")
    assert str(path) in found.value.message
    assert CANARY not in f"{found.value.message}{found.value.hint}{found.value.__cause__}"
