"""HTTPS from a mounted folder, and its certificate renewed while the server runs."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.http.app import http_app
from bot.http.serving import HttpServer
from bot.http.tls import server_context
from bot.observe.metrics import Metrics
from commands.base.errors import UsageError


def write_certificate(folder: Path) -> None:
    """A self-signed certificate for localhost, as a Secret is mounted."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "tls.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    written = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "tls.key").write_bytes(written)


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
