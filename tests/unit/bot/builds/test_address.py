"""Where engines may be."""

from pathlib import Path

import pytest

from bot.builds.address import Address, Certificates
from commands.base.errors import UsageError


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    for name in ("ca.pem", "cert.pem", "key.pem"):
        (tmp_path / name).touch()
    return Certificates.folder(tmp_path)


@pytest.mark.parametrize(
    "url",
    [
        "unix:///var/run/docker.sock",
        "tcp://127.0.0.1:2375",
        "tcp://localhost:2375",
        "tcp://[::1]:2375",
        "tcp://127.9.9.9:1",
    ],
)
def test_this_machine_needs_no_certificates(url: str) -> None:
    assert Address(url).url == url


@pytest.mark.parametrize(
    "url", ["tcp://docker:2375", "tcp://10.0.0.1:2375", "tcp://localhost.example.com:1", "tcp://0.0.0.0:1"]
)
def test_another_machine_needs_certificates(url: str, certificates: Certificates) -> None:
    with pytest.raises(UsageError) as caught:
        Address(url)
    assert "without TLS" in caught.value.message
    assert "ca.pem" in caught.value.hint
    assert Address(url, certificates).shown == url.removeprefix("tcp://")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "docker.sock",
        "unix://docker.sock",
        "unix:",
        "http://a:1",
        "tcp://a",
        "tcp://:1",
        "tcp://a:x",
        "tcp://a:99999",
        "tcp://a:1/b",
        "ssh://a:22",
        "npipe:////./pipe/x",
        "tcp://user:pw@a:1",
        "tcp://[::1",
    ],
)
def test_what_is_no_address_is_refused(url: str, certificates: Certificates) -> None:
    with pytest.raises(UsageError) as caught:
        Address(url, certificates)
    assert "for example" in caught.value.hint


@pytest.mark.parametrize("name", ["ca.pem", "cert.pem", "key.pem"])
def test_a_missing_file_is_named(certificates: Certificates, tmp_path: Path, name: str) -> None:
    (tmp_path / name).unlink()
    with pytest.raises(UsageError) as caught:
        Address("tcp://a:1", certificates)
    assert str(tmp_path / name) in caught.value.message
