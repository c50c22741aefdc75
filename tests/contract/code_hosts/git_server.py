"""Git over https as servers do it: git's own http-backend behind TLS, with a login where one is wanted."""

import base64
import os
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

PASSED = ("HTTP_CONTENT_ENCODING", "HTTP_GIT_PROTOCOL")


class GitServer(ThreadingHTTPServer):
    """Serves the repositories below `root`. `answers` gives a status for a path's first part instead of the repository,
    `redirect` sends everybody to another server.

    `modern` is whether the client's wish for protocol version 2 is heard; an old server gives no commit by its digits.
    """

    def __init__(self, root: Path, login: str = "", modern: bool = True) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.root = root
        self.login = login
        self.modern = modern
        self.answers: dict[str, int] = {}
        self.redirect = ""
        self.silent = threading.Event()
        self.seen: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    server: GitServer

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        if self.headers.get("Transfer-Encoding") == "chunked":
            self._serve(b"".join(self._chunks()))
        else:
            self._serve(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def log_message(self, format: str, *args: object) -> None:
        """Tests are quiet."""

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline(), 16):
            yield self.rfile.read(size)
            self.rfile.readline()

    def _serve(self, body: bytes) -> None:
        given = self.headers.get("Authorization", "")
        self.server.seen.append(given)
        if status := self.server.answers.get(self.path.split("/")[1]):
            if status < 0:
                self.server.silent.wait(60)
                return
            self.send_error(status)
            return
        if self.server.redirect:
            self.send_response(302)
            self.send_header("Location", f"{self.server.redirect}{self.path}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        wanted = f"Basic {base64.b64encode(self.server.login.encode()).decode()}"
        if self.server.login and given != wanted:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self._backend(body)

    def _backend(self, body: bytes) -> None:
        url = urlsplit(self.path)
        settings = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.server.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "REQUEST_METHOD": self.command,
            "PATH_INFO": url.path,
            "QUERY_STRING": url.query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
        }
        if self.server.modern:
            settings["GIT_PROTOCOL"] = self.headers.get("Git-Protocol", "")
        done = subprocess.run(["git", "http-backend"], input=body, env=settings, capture_output=True, timeout=30)
        head, _, rest = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if line)
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        self.wfile.write(rest)


@contextmanager
def serve(server: ThreadingHTTPServer, certificate: Path) -> Iterator[str]:
    """Run a server with TLS; yields its address. `certificate` holds certificate and key."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"https://localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def make_certificate(path: Path, name: str = "localhost") -> Path:
    """A certificate for a name, signed by itself, and its key, in one file."""
    options = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}"]
    names = ["-addext", f"subjectAltName=DNS:{name}"]
    key = path.with_suffix(".key")
    command = ["openssl", "req", "-x509", *options, *names, "-keyout", str(key), "-out", str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    path.write_text(path.read_text() + key.read_text())
    return path
