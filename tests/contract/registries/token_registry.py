"""A strict registry of ours for what the real ones here have not: tokens, paging, and answers that are not true.

Tokens as https://distribution.github.io/distribution/spec/auth/token/ describes them; the rest as the OCI distribution
specification does. It serves manifests from plain data, and keeps what it was asked.
"""

import base64
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.contract.registries.pushing import CONFIG, digest_of


@dataclass
class World:
    """What the registry holds and how it behaves. `manifests` by `REPOSITORY:TAG`."""

    manifests: dict[str, bytes] = field(default_factory=dict)
    login: str = ""
    config: bytes = CONFIG
    """The configuration of every image."""
    page: int = 2
    lifetime: int = 300
    header: str | None = None
    """What HEAD and GET say is the digest: None for the truth, empty for nothing."""
    realm: str = ""
    public: bool = False
    """Whether nobody needs a token."""
    redirect: str = ""
    """Where manifests are read, once logged in."""
    fail: list[int] = field(default_factory=list)
    """Statuses of the next answers, before any of its own."""
    delay: float = 0.0
    scopes: dict[str, str] = field(default_factory=dict)
    """Actions granted by repository; all where a repository is not named."""
    tokens: dict[str, tuple[str, float]] = field(default_factory=dict)
    uploads: set[str] = field(default_factory=set)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    """Method, path and Authorization of each request."""


class TokenRegistry(ThreadingHTTPServer):
    """Serves a World."""

    def __init__(self, world: World) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.world = world

    @property
    def host(self) -> str:
        return f"localhost:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: TokenRegistry

    def do_GET(self) -> None:
        self._serve()

    def do_HEAD(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: object) -> None:
        """Tests are quiet."""

    def _serve(self) -> None:
        world = self.server.world
        given = self.headers.get("Authorization", "")
        world.asked.append((self.command, self.path, given))
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        time.sleep(world.delay)
        url = urlsplit(self.path)
        if world.fail:
            self._answer(world.fail.pop(0), _error("TOOMANYREQUESTS", "slow down"), {"Retry-After": "30"})
        elif url.path == "/token":
            self._token(given, parse_qs(url.query))
        else:
            self._registry(url.path, parse_qs(url.query), given)

    def _token(self, given: str, query: dict[str, list[str]]) -> None:
        world = self.server.world
        wanted = f"Basic {base64.b64encode(world.login.encode()).decode()}"
        if (world.login and given != wanted) or query.get("service") != ["tests"]:
            self._answer(401, _error("UNAUTHORIZED", "wrong login"))
            return
        token = secrets.token_hex(8)
        world.tokens[token] = (query.get("scope", [""])[0], time.monotonic() + world.lifetime)
        self._answer(200, json.dumps({"token": token, "expires_in": world.lifetime}).encode())

    def _registry(self, path: str, query: dict[str, list[str]], given: str) -> None:
        world = self.server.world
        name = path.removeprefix("/v2/").split("/manifests/")[0].split("/tags/")[0].split("/blobs/")[0]
        actions = "pull" if self.command in ("GET", "HEAD") else "pull,push"
        scope, until = world.tokens.get(given.removeprefix("Bearer "), ("", 0.0))
        allowed = world.scopes.get(name, "pull,push")
        if world.public or (path == "/v2/" and until):  # any token is good for asking what this is
            scope, until = f"repository:{name}:{actions}", time.monotonic() + 1
        if scope != f"repository:{name}:{actions}" or until < time.monotonic() or actions not in ("pull", allowed):
            realm = world.realm or f"http://{self.server.host}/token"
            wanted = f'Bearer realm="{realm}",service="tests",scope="repository:{name}:{actions}"'
            self._answer(401, _error("UNAUTHORIZED", "authentication required"), {"WWW-Authenticate": wanted})
        elif "/manifests/" in path and world.redirect:
            self._answer(307, b"", {"Location": f"{world.redirect}{path}"})
        elif "/manifests/" in path:
            self._manifest(name, path.rpartition("/")[2])
        elif path == "/v2/":
            self._answer(200, b"{}")
        elif path.endswith(f"/blobs/{digest_of(CONFIG)}"):
            self._answer(200, world.config, {"Content-Type": "application/octet-stream"})
        elif path.endswith("/tags/list"):
            self._tags(name, int(query.get("n", ["100"])[0]), query.get("last", [""])[0])
        elif self.command == "POST":
            world.uploads.add(upload := f"/v2/{name}/blobs/uploads/{secrets.token_hex(4)}")
            self._answer(202, b"", {"Location": f"http://{self.server.host}{upload}?_state=x"})
        elif self.command == "DELETE" and path in world.uploads:
            world.uploads.remove(path)
            self._answer(204, b"")
        else:
            self._answer(404, _error("UNSUPPORTED", "no such thing"))

    def _manifest(self, name: str, reference: str) -> None:
        world = self.server.world
        held = [body for full, body in world.manifests.items() if full.startswith(f"{name}:")]
        body = world.manifests.get(f"{name}:{reference}") or next((b for b in held if digest_of(b) == reference), None)
        if body is None:
            self._answer(404, _error("MANIFEST_UNKNOWN", "manifest unknown"))
            return
        said = digest_of(body) if world.header is None else world.header
        self._answer(200, body, {"Docker-Content-Digest": said} if said else {})

    def _tags(self, name: str, count: int, last: str) -> None:
        world = self.server.world
        tags = sorted(full.partition(":")[2] for full in world.manifests if full.startswith(f"{name}:"))
        if not tags:
            self._answer(404, _error("NAME_UNKNOWN", "repository name not known to registry"))
            return
        rest = [tag for tag in tags if tag > last]
        page = rest[: min(count, world.page)]
        link = f'</v2/{name}/tags/list?last={page[-1]}&n={count}>; rel="next"'
        more = {"Link": link} if len(rest) > len(page) else {}
        self._answer(200, json.dumps({"name": name, "tags": page}).encode(), more)

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _error(code: str, message: str) -> bytes:
    return json.dumps({"errors": [{"code": code, "message": message}]}).encode()


@contextmanager
def running(world: World) -> Iterator[TokenRegistry]:
    """The registry on a port of its own."""
    server = TokenRegistry(world)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
