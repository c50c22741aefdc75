"""HTTPS from a mounted folder, and its certificate renewed while the server runs."""

import ssl
from pathlib import Path

import httpx
import pytest

from bot.http.app import http_app
from bot.http.serving import HttpServer
from bot.http.tls import server_context
from bot.observe.metrics import Metrics
from commands.base.errors import UsageError
from tests.certificates import for_localhost


def write_certificate(folder: Path) -> None:
    """A new certificate for localhost, as a Secret is mounted."""
    certificate, key = for_localhost()
    (folder / "tls.crt").write_bytes(certificate)
    (folder / "tls.key").write_bytes(key)


def health(folder: Path, port: int) -> int:
    """Ask with a client that trusts only the certificate that lies in the folder now."""
    trusting = ssl.create_default_context(cafile=str(folder / "tls.crt"))
    with httpx.Client(verify=trusting) as client:
        return client.get(f"https://localhost:{port}/healthz").status_code


def test_https_with_a_certificate_that_is_renewed(tmp_path: Path) -> None:
    write_certificate(tmp_path)
    server = HttpServer("127.0.0.1", 0, server_context(tmp_path, "TESSERA_OSB_CERTIFICATE"))
    server.start(http_app(Metrics(), {}))
    try:
        assert health(tmp_path, server.port) == 200
        good = (tmp_path / "tls.crt").read_bytes()
        write_certificate(tmp_path)
        assert health(tmp_path, server.port) == 200
        renewed = (tmp_path / "tls.crt").read_bytes()
        (tmp_path / "tls.crt").write_bytes(good)
        assert_the_renewed_one_is_served(renewed, server.port, tmp_path)
    finally:
        server.stop()


def assert_the_renewed_one_is_served(renewed: bytes, port: int, folder: Path) -> None:
    """A certificate that does not fit its key is not used: the last good one goes on."""
    elsewhere = folder / "trusted"
    elsewhere.mkdir()
    (elsewhere / "tls.crt").write_bytes(renewed)
    assert health(elsewhere, port) == 200


@pytest.mark.parametrize("files", [(), ("tls.crt",), ("tls.crt", "tls.key")])
def test_a_folder_without_a_pair_is_a_wrong_setting(tmp_path: Path, files: tuple[str, ...]) -> None:
    for name in files:
        (tmp_path / name).write_text("nothing", encoding="utf-8")
    with pytest.raises(UsageError, match=r"^TESSERA_OSB_CERTIFICATE: ") as error:
        server_context(tmp_path, "TESSERA_OSB_CERTIFICATE")
    assert "tls.key" in error.value.hint
