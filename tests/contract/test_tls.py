"""Who the cluster is and who we are, by certificates, on a real API server."""

import base64
import secrets
import shutil
import socket
import socketserver
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cluster.adapter import KubernetesClusters
from bot.cluster.connection import Connection, Fixed, Trust
from commands.base.request import Identity
from explainers.kinds import POD, Kind
from explainers.operations.apply import Create
from explainers.operations.base import Answer
from explainers.operations.execs import Exec
from explainers.operations.pods import Delete
from explainers.operations.reads import Get, List

pytestmark = pytest.mark.cluster

SIGNING_REQUEST = Kind(
    "CertificateSigningRequest", "certificatesigningrequests", "certificates.k8s.io", namespaced=False
)


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    clusters = KubernetesClusters.connect()
    yield clusters.connection
    clusters.close()


def pods(connection: Connection) -> Answer:
    clusters = KubernetesClusters(connection)
    try:
        return clusters.as_identity(Identity()).run(List(POD, "default"))
    finally:
        clusters.close()


def test_a_stranger_is_not_trusted(connection: Connection) -> None:
    answer = pods(replace(connection, trust=Trust()))
    assert answer.status == 0
    assert "cannot be trusted" in answer.problem
    assert "its certificate comes from an authority that is not the `certificate-authority`" in answer.problem


def test_another_name_is_not_trusted(connection: Connection) -> None:
    answer = pods(replace(connection, trust=replace(connection.trust, server_name="evil.example")))
    assert "cannot be trusted" in answer.problem
    assert "its certificate is not for `evil.example`" in answer.problem
    clusters = KubernetesClusters(replace(connection, trust=Trust()))
    told = clusters.as_identity(Identity()).run(Exec("default", "none", ("true",)))
    clusters.close()
    assert "certificate verify failed" in told.problem


def test_verification_can_be_turned_off(connection: Connection) -> None:
    with pytest.warns(match="Unverified HTTPS request"):
        assert pods(replace(connection, trust=Trust(verify=False))).ok


def test_wrong_credentials_are_said(connection: Connection) -> None:
    answer = pods(replace(connection, credentials=Fixed("Bearer wrong")))
    assert answer.status == 401
    assert "log in again" in answer.problem


@contextmanager
def proxy() -> Iterator[tuple[str, list[str]]]:
    """A proxy that tunnels on CONNECT; gives its URL and the lines it was asked."""
    asked: list[str] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            line = self.rfile.readline().decode()
            asked.append(line.strip() + "".join(iter(lambda: self.rfile.readline().decode().strip(), "")))
            host, _, port = line.split(" ")[1].partition(":")
            with socket.create_connection((host, int(port)), timeout=5) as upstream:
                self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                there = threading.Thread(target=pump, args=(self.connection, upstream), daemon=True)
                there.start()
                pump(upstream, self.connection)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://user:p%40ss@127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()
        thread.join()


def pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


def test_reads_and_exec_go_through_a_proxy(connection: Connection) -> None:
    with proxy() as (url, asked):
        clusters = KubernetesClusters(replace(connection, proxy=url))
        cluster = clusters.as_identity(Identity())
        assert cluster.run(List(POD, "default")).ok
        assert cluster.run(Exec("default", "none", ("true",))).problem == 'pods "none" not found'
        clusters.close()
    assert len(asked) == 2
    target = connection.host.removeprefix("https://")
    login = base64.b64encode(b"user:p@ss").decode()
    assert all(line.startswith(f"CONNECT {target} ") for line in asked)
    assert all(f"Basic {login}" in line for line in asked)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl: install it")
def test_a_client_certificate_speaks_for_its_user(connection: Connection, tmp_path: Path) -> None:
    user = f"tls-{secrets.token_hex(3)}"
    key, request = tmp_path / "key.pem", tmp_path / "request.pem"
    subject = ["-subj", f"/O=dev/CN={user}", "-keyout", str(key), "-out", str(request)]
    subprocess.run(
        ["openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", *subject], check=True, capture_output=True
    )
    clusters = KubernetesClusters(connection)
    cluster = clusters.as_identity(Identity())
    spec = {
        "request": base64.b64encode(request.read_bytes()).decode(),
        "signerName": "kubernetes.io/kube-apiserver-client",
        "usages": ["client auth"],
    }
    body = {"apiVersion": SIGNING_REQUEST.api_version, "kind": SIGNING_REQUEST.name, "metadata": {"name": user}}
    assert cluster.run(Create(SIGNING_REQUEST, "", {**body, "spec": spec})).ok
    subprocess.run(["kubectl", "certificate", "approve", user], check=True, capture_output=True)
    pause, certificate = threading.Event(), ""
    for _ in range(100):
        status = cluster.run(Get(SIGNING_REQUEST, "", user)).object.get("status") or {}
        certificate = base64.b64decode(status.get("certificate") or "").decode()
        if certificate:
            break
        pause.wait(0.1)
    cluster.run(Delete(SIGNING_REQUEST, "", user))
    clusters.close()
    trust = replace(connection.trust, certificate=certificate, key=key.read_text(encoding="utf-8"))
    answer = pods(replace(connection, trust=trust, credentials=Fixed()))
    assert answer.status == 403
    assert f'User "{user}" cannot list resource "pods"' in answer.problem
