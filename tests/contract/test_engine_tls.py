"""Engines behind TLS: both ends prove who they are, or nothing is sent."""

import shutil
import socket
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from bot.builds.address import Address, Certificates
from bot.builds.buildkit import BuildKitEngine
from bot.builds.docker import DockerEngine
from commands.base.errors import Unavailable
from tests.contract.build_places import BASE, QUICK, BuildKitPlace, DockerPlace
from tests.contract.buildkit_server import buildkitd
from tests.ports import free_port

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl: install it")


def openssl(*words: str, folder: Path) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


def authority(folder: Path, name: str) -> None:
    subject = ["-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem"]
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject, folder=folder)


def signed(folder: Path, by: str, name: str, host: str) -> None:
    """`name`.pem and `name`.key for a host, signed by that authority."""
    openssl(
        "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={host}", "-keyout", f"{name}.key", "-out", f"{name}.csr",
        folder=folder,
    )  # fmt: skip
    (folder / f"{name}.ext").write_text(f"subjectAltName=DNS:{host}\n")
    openssl(
        "x509", "-req", "-days", "2", "-in", f"{name}.csr", "-CA", f"{by}.pem", "-CAkey", f"{by}.key",
        "-CAcreateserial", "-extfile", f"{name}.ext", "-out", f"{name}.pem",
        folder=folder,
    )  # fmt: skip


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    for name in ("ours", "strange"):
        authority(folder, name)
        signed(folder, name, f"client-of-{name}", "tessera")
    signed(folder, "ours", "server", "engine.test")
    return folder


@contextmanager
def terminated(files: Path, target: str) -> Iterator[int]:
    """A port that wants a certificate of our authority, and passes on to a Unix socket."""
    trust = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=files / "ours.pem")
    trust.load_cert_chain(files / "server.pem", files / "server.key")
    trust.verify_mode = ssl.CERT_REQUIRED

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError), trust.wrap_socket(self.request, server_side=True) as client:
                client.settimeout(0.05)
                with socket.socket(socket.AF_UNIX) as engine:
                    engine.connect(target)
                    engine.settimeout(0.05)
                    exchange(client, engine)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def exchange(one: socket.socket, other: socket.socket) -> None:
    """Both directions in one thread, because an SSL socket is not for two."""
    while True:
        for source, sink in ((one, other), (other, one)):
            with suppress(TimeoutError):
                data = source.recv(65536)
                if not data:
                    return
                sink.sendall(data)


@pytest.fixture(scope="module")
def port(files: Path) -> Iterator[int]:
    with terminated(files, "/var/run/docker.sock") as running:
        yield running


def certificates(files: Path, authority: str = "ours", client: str = "ours") -> Certificates:
    mine = f"client-of-{client}"
    return Certificates(files / f"{authority}.pem", files / f"{mine}.pem", files / f"{mine}.key", "engine.test")


def engine(port: int, trust: Certificates | None) -> DockerEngine:
    return DockerEngine(Address(f"tcp://127.0.0.1:{port}", trust))


@pytest.mark.docker
@pytest.mark.registry
def test_builds_go_through_tls(port: int, files: Path) -> None:
    place, ours = DockerPlace("docker over TLS"), engine(port, certificates(files))
    ours.check()
    assert ours.name.endswith(f"at 127.0.0.1:{port}")
    events = place.build(ours, f"FROM {BASE}\nRUN echo {place.marker}\n")
    assert events[-1].digest == place.digest(ours, place.order()) != ""
    assert place.remains(ours) == []


@pytest.mark.docker
def test_an_engine_of_another_authority_is_not_trusted(port: int, files: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        engine(port, certificates(files, authority="strange")).check()
    assert "certificate verify failed" in caught.value.message
    assert "ca.pem" in caught.value.hint


@pytest.mark.docker
def test_an_engine_of_another_name_is_not_trusted(port: int, files: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        engine(port, replace(certificates(files), server_name="other.test")).check()
    assert "other.test" in caught.value.message


@pytest.mark.docker
def test_a_client_of_another_authority_is_refused(port: int, files: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        engine(port, certificates(files, client="strange")).check()
    assert "does not answer" in caught.value.message


@pytest.mark.docker
def test_plain_http_to_a_port_with_tls_is_an_error_with_words(port: int) -> None:
    with pytest.raises(Unavailable) as caught:
        engine(port, None).check()
    assert "does not answer" in caught.value.message


@pytest.fixture
def buildkit(files: Path) -> Iterator[int]:
    """The port of a buildkitd that wants a certificate of our authority."""
    port = free_port()
    trust = ["--tlscacert", f"{files}/ours.pem", "--tlscert", f"{files}/server.pem", "--tlskey", f"{files}/server.key"]
    with buildkitd("localhost:5000", "--addr", f"tcp://127.0.0.1:{port}", *trust):
        yield port


@pytest.mark.buildkit
@pytest.mark.registry
def test_buildkit_proves_itself_and_wants_proof(buildkit: int, files: Path) -> None:
    def engine(trust: Certificates | None) -> BuildKitEngine:
        return BuildKitEngine(Address(f"tcp://127.0.0.1:{buildkit}", trust), QUICK)

    place, ours = BuildKitPlace("buildkit over TLS"), engine(certificates(files))
    events = place.build(ours, f"FROM {BASE}\nRUN echo {place.marker}\n")
    assert events[-1].digest == place.digest(ours, place.order()) != ""
    strangers = (
        None,
        certificates(files, authority="strange"),
        certificates(files, client="strange"),
        replace(certificates(files), server_name="other.test"),
    )
    for trust in strangers:
        with pytest.raises(Unavailable) as caught:
            engine(trust).check()
        assert "does not answer" in caught.value.message
