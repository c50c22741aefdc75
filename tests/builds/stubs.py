"""Small servers that fail in one chosen way: what no well-behaved registry or Git host does when it is asked to."""

import json
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass(frozen=True)
class Reply:
    """One HTTP answer; a status of 0 resets the connection instead."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


Answers = Callable[[str, str, str], Reply]
"""The reply to a method, a path and the host that the client means."""


def refusal(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Reply:
    """An error in the form of https://distribution.github.io/distribution/spec/api/#errors."""
    return Reply(status, json.dumps({"errors": [{"code": code, "message": message}]}), headers or {})


def always(reply: Reply) -> Answers:
    """The same to everything but the version check, which succeeds."""
    return lambda _method, path, _host: Reply(200, "{}") if path.rstrip("/") == "/v2" else reply


def uploads(upload: Reply) -> Answers:
    """A registry that has nothing, begins every upload and answers the data with `upload`."""

    def answer(method: str, path: str, host: str) -> Reply:
        if path.rstrip("/") == "/v2":
            return Reply(200, "{}")
        if method == "POST":
            return Reply(202, "", {"Location": f"{path.rstrip('/')}/1", "Docker-Upload-UUID": "1", "Range": "0-0"})
        return upload if method in ("PATCH", "PUT") else Reply(404)

    return answer


def writes(reply: Reply) -> Answers:
    """A registry that has nothing and answers every write with `reply`."""

    def answer(method: str, path: str, host: str) -> Reply:
        if path.rstrip("/") == "/v2":
            return Reply(200, "{}")
        return Reply(404) if method in ("GET", "HEAD") else reply

    return answer


def tokens(reply: Reply, reads: bool = False) -> Answers:
    """A registry that sends its clients for a token, hands one to anybody, and then answers writes with `reply`,
    and `reads` too."""

    def answer(method: str, path: str, host: str) -> Reply:
        if path.startswith("/token"):
            return Reply(200, json.dumps({"token": "t", "access_token": "t", "expires_in": 300}))
        if path.rstrip("/") == "/v2":
            challenge = {"WWW-Authenticate": f'Bearer realm="http://{host}/token",service="{host}"'}
            return refusal(401, "UNAUTHORIZED", "authentication required", challenge)
        if reads:
            challenge = {"WWW-Authenticate": f'Bearer realm="http://{host}/token",error="insufficient_scope"'}
            return Reply(reply.status, reply.body, challenge)
        return Reply(404) if method in ("GET", "HEAD") else reply

    return answer


@contextmanager
def serving(answers: Answers, host: str = "127.0.0.1", tls: str = "") -> Iterator[str]:
    """A server; its `host:port`. `tls` is the name in its self-signed certificate; empty for plain HTTP."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = default_request_version = "HTTP/1.1"

        def respond(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            reply = answers(self.command, self.path, self.headers.get("Host", ""))
            if not reply.status:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                return
            self.rfile.read(size)
            while self.headers.get("Transfer-Encoding") and (chunk := int(self.rfile.readline() or b"0", 16)):
                self.rfile.read(chunk + 2)
            self.close_connection = bool(self.headers.get("Transfer-Encoding"))
            body = reply.body.encode()
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Docker-Distribution-Api-Version", "registry/2.0")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None: ...

    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
        setattr(Handler, f"do_{method}", Handler.respond)

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None: ...

    server = Server((host, 0), Handler)
    address = f"{host}:{server.server_port}"
    if tls:
        server.socket = _certified(tls).wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield address
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def mute(host: str = "127.0.0.1") -> Iterator[str]:
    """A port that accepts connections and never says a word."""
    with socket.create_server((host, 0), backlog=64) as server:
        yield f"{host}:{server.getsockname()[1]}"


@contextmanager
def nobody(host: str = "127.0.0.1") -> Iterator[str]:
    """An address where nothing listens: bound, so that nobody else takes it meanwhile."""
    with socket.socket() as held:
        held.bind((host, 0))
        yield f"{host}:{held.getsockname()[1]}"


def _certified(name: str) -> ssl.SSLContext:
    """A server context with a certificate for `name` (a host name or IP address) that it signed itself."""
    kind = "IP" if name.replace(".", "").isdigit() else "DNS"
    with tempfile.TemporaryDirectory() as folder:
        key, certificate = Path(folder, "key"), Path(folder, "certificate")
        subprocess.run(
            [
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "1",
                "-subj",
                f"/CN={name}",
                "-addext",
                f"subjectAltName={kind}:{name}",
                "-keyout",
                str(key),
                "-out",
                str(certificate),
            ],
            check=True,
            capture_output=True,
        )
        settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        settings.load_cert_chain(certificate, key)
    return settings
