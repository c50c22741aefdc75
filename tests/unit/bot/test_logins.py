"""Registry logins come from a mounted pull secret and are never repeated."""

import base64
import json
from pathlib import Path

import pytest

from bot.logins import MountedLogins
from commands.base.errors import UsageError
from explainers.builds.model import Credentials

CANARY = "canary-5f2b"


def mounted(folder: Path, text: str) -> MountedLogins:
    path = folder / ".dockerconfigjson"
    path.write_text(text)
    return MountedLogins(path)


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("ghcr.io", "ghcr.io"),
        ("https://ghcr.io/v1/", "ghcr.io"),
        ("localhost:5001", "localhost:5001"),
        ("https://index.docker.io/v1/", "docker.io"),
        ("registry-1.docker.io", "index.docker.io"),
    ],
)
def test_a_login_is_found_by_its_host(tmp_path: Path, name: str, host: str) -> None:
    both = base64.b64encode(f"ana:{CANARY}:x".encode()).decode()
    logins = mounted(
        tmp_path, json.dumps({"auths": {name: {"auth": both}, "other.io": {"username": "b", "password": "c"}}})
    )
    assert logins.registry(host) == Credentials("ana", f"{CANARY}:x")
    assert logins.registry("other.io") == Credentials("b", "c")
    assert logins.registry("ghcr.io.evil.example") is None


def test_a_rotated_secret_counts_at_once(tmp_path: Path) -> None:
    logins = mounted(tmp_path, '{"auths": {}}')
    assert logins.registry("ghcr.io") is None
    mounted(tmp_path, '{"auths": {"ghcr.io": {"username": "a", "password": "b"}}}')
    assert logins.registry("ghcr.io") == Credentials("a", "b")


@pytest.mark.parametrize(
    "text", ["", "[]", '{"auths": {"x": 1}}', '{"auths": {"x": {"auth": "§§"}}}', '{"auths": null}']
)
def test_another_form_is_said_without_what_is_in_it(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match="have another form") as said:
        mounted(tmp_path, text).registry("x")
    assert "§§" not in str(said.value)


def test_a_missing_file_and_none_at_all(tmp_path: Path) -> None:
    assert MountedLogins(None).registry("ghcr.io") is None
    with pytest.raises(UsageError, match="cannot be read"):
        MountedLogins(tmp_path / "no").registry("ghcr.io")


def test_a_login_prints_nothing_of_itself() -> None:
    assert CANARY not in repr(Credentials("ana", CANARY))
