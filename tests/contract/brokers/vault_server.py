"""A strict stand-in for HashiCorp Vault: the few endpoints that the broker uses, as their documentation has them.

Sources: https://developer.hashicorp.com/vault/api-docs/auth/kubernetes#login, …/secret/kv/kv-v2#read-secret-version,
…/secret/databases#generate-credentials, …/system/leases#revoke-lease, and command/kv_helpers.go for the path of mounts.
Whatever is asked otherwise than they say is answered with 400, so that a client that is wrong is found out.
"""

import json
import secrets
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOlsidmF1bHQiXX0.c2lnbmF0dXJl"


@dataclass
class Vault:
    """What a Vault holds. `versions` are those of KV v2 secrets below the mount `secret/`, None for a deleted one."""

    role: str = "broker"
    mount: str = "kubernetes"
    sealed: bool = False
    versions: dict[str, list[Json | None]] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    leases: dict[str, str] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    fails: list[int] = field(default_factory=list)
    url: str = ""

    def answer(
        self, method: str, path: str, query: str, token: str, asked_for: str, body: Any
    ) -> tuple[int, Json | None]:
        self.asked.append(f"{method} {path}")
        if self.fails:
            return self.fails.pop(0), _errors("internal error")
        if self.sealed:
            return 503, _errors("Vault is sealed")
        if asked_for != "true":
            return 400, _errors("missing X-Vault-Request header")
        if path == f"auth/{self.mount}/login" and method == "POST":
            return self._login(body)
        if token not in self.tokens:
            return 403, _errors("permission denied")
        if path == "sys/leases/revoke" and method in ("PUT", "POST"):
            return self._revoke(body)
        if method != "GET":
            return 405, _errors("unsupported operation")
        if path.startswith("sys/internal/ui/mounts/"):
            return self._mount(path.removeprefix("sys/internal/ui/mounts/"))
        if path in self.denied:
            return 403, _errors("1 error occurred:\n\t* permission denied\n\n")
        if path.startswith("secret/data/"):
            return self._version(path.removeprefix("secret/data/"), query)
        if path.startswith("database/creds/"):
            return self._dynamic(path)
        return 404, _errors()

    def _login(self, body: Any) -> tuple[int, Json]:
        if not isinstance(body, dict) or set(body) != {"role", "jwt"}:
            return 400, _errors("missing jwt or role")
        if body["role"] != self.role:
            return 400, _errors(f"invalid role name {json.dumps(body['role'])}")
        if body["jwt"] != JWT:
            return 403, _errors("permission denied")
        token = f"hvs.{secrets.token_hex(12)}"
        self.tokens.add(token)
        auth = {"client_token": token, "accessor": secrets.token_hex(8), "policies": ["default"], "renewable": True}
        return 200, _data(None, auth={**auth, "lease_duration": 3600, "metadata": {"role": self.role}})

    def _mount(self, path: str) -> tuple[int, Json]:
        for mount, type, options in (("secret/", "kv", {"version": "2"}), ("database/", "database", None)):
            if path.startswith(mount):
                return 200, _data({"path": mount, "type": type, "options": options})
        return 403, _errors("preflight capability check returned 403, please ensure client's policies grant access")

    def _version(self, path: str, query: str) -> tuple[int, Json]:
        wanted = parse_qs(query)
        versions = self.versions.get(path, [])
        number = int(wanted.get("version", ["0"])[0]) or len(versions)
        if not versions or number > len(versions):
            return 404, _errors()
        held = versions[number - 1]
        metadata = {"version": number, "deletion_time": "" if held else "2026-01-01T00:00:00Z", "destroyed": False}
        return (200 if held else 404), _data({"data": held, "metadata": metadata})

    def _dynamic(self, path: str) -> tuple[int, Json]:
        lease = f"{path}/{secrets.token_hex(8)}"
        login = {"username": f"v-kubernetes-{secrets.token_hex(4)}", "password": secrets.token_hex(12)}
        self.leases[lease] = login["username"]
        return 200, {**_data(login), "lease_id": lease, "lease_duration": 3600, "renewable": True}

    def _revoke(self, body: Any) -> tuple[int, Json | None]:
        if not isinstance(body, dict) or not isinstance(body.get("lease_id"), str) or not body["lease_id"]:
            return 400, _errors("missing lease_id")
        if not isinstance(body.get("sync", False), bool):
            return 400, _errors('error converting input for field "sync"')
        self.leases.pop(body["lease_id"], None)
        return 204, None


def _errors(*messages: str) -> Json:
    return {"errors": list(messages)}


def _data(data: Any, auth: Any = None) -> Json:
    empty = {"lease_id": "", "renewable": False, "lease_duration": 0, "wrap_info": None, "warnings": None}
    return {"request_id": secrets.token_hex(8), **empty, "data": data, "auth": auth}


@contextmanager
def vault_server(certificate: Path | None = None) -> Iterator[Vault]:
    """A Vault on this machine, over TLS where a certificate and its key are given (one file with both)."""
    vault = Vault()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            raw = self.rfile.read(length)
            try:
                body = json.loads(raw) if raw else None
            except ValueError:
                body = raw
            parts = urlsplit(self.path)
            path = parts.path.removeprefix("/v1/")
            headers = (self.headers.get("X-Vault-Token", ""), self.headers.get("X-Vault-Request", ""))
            status, answer = vault.answer(self.command, path, parts.query, *headers, body)
            content = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_POST = do_DELETE = _any  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Tests look at what was asked instead."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    scheme = "http"
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    vault.url = f"{scheme}://localhost:{server.server_port}"
    try:
        yield vault
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
