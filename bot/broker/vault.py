"""Credentials from HashiCorp Vault: a version of a KV v2 secret, or a dynamic one with a lease that unbinding revokes.

The broker proves who it is with a token that Kubernetes projects into its pod for Vault's audience, so that whoever
runs the Vault that an entry names can do nothing else with it. Vault ends a lease with the token that asked for it:
the role's `token_period` or `token_ttl` must be as long as bindings last. Sources:
https://developer.hashicorp.com/vault/api-docs/auth/kubernetes, …/secret/kv/kv-v2, …/system/leases
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.broker.charts import is_loopback
from commands.base.errors import Denied, NotFound, TesseraError, Unavailable, UsageError
from commands.broker.ports import Issued
from explainers.catalog.model import FromVault
from explainers.operations.objects import mapping

CONNECT, READ = 5.0, 15.0
"""Seconds."""
_PATH = re.compile(r"(?!.*(^|/)\.{1,2}(/|$))[\w.@+-]+(/[\w.@+-]+)+")
_NAME = re.compile(r"(?!\.+$)[\w.-]+")
_GONE = ("invalid lease", "lease not found")
Json = dict[str, Any]


@dataclass(frozen=True)
class VaultAccess:
    """How Vaults are reached: the projected token's file, a file of certificate authorities (empty: the system's), and
    the hosts that entries may name. Without hosts no Vault is asked: whoever writes an entry chooses who is shown the
    token."""

    token: Path = Path("/var/run/secrets/tessera.dev/vault/token")
    authorities: str = ""
    hosts: tuple[str, ...] = ()


class Vaults:
    """Reads and revokes at the Vault that an entry names. Holds no login longer than one call."""

    def __init__(self, access: VaultAccess) -> None:
        self._access = access

    def issue(self, source: FromVault, path: str) -> Issued:
        """What Vault gives at `path`: as its API has it (`secret/data/team/db`, `database/creds/reader`), or as
        `vault kv get` takes it (`secret/team/db`); `?version=2` names a version. Raises Denied, NotFound, Unavailable.
        """
        path, _, version = path.strip("/").partition("?version=")
        if not _PATH.fullmatch(path) or not (version.isdecimal() or not version):
            raise UsageError("The entry's vaultpath is no path.", "one such as secret/data/team/db")
        with self._session(source) as session:
            answer = session.read(session.place(path), version)
        data = mapping(answer, "data")
        if isinstance(data.get("metadata"), dict) and "data" in data:
            data = mapping(data, "data")
        values = {key: value if isinstance(value, str) else json.dumps(value) for key, value in data.items()}
        if not values:
            raise NotFound(f"There is nothing in Vault at {path}.", "write the secret there, or correct the entry")
        return Issued(values, str(answer.get("lease_id") or ""))

    def revoke(self, source: FromVault, lease: str) -> None:
        """End a lease, and return when it has ended; fine when it had. Raises Denied, Unavailable."""
        with self._session(source) as session:
            session.revoke(lease)

    @contextmanager
    def _session(self, source: FromVault) -> Iterator["_Session"]:
        import hvac  # loaded where it is used: most brokers have no Vault

        self._check(source.url)
        mount, _, role = source.auth.rpartition("/")
        mount = mount.removeprefix("auth/") or "kubernetes"
        if not _NAME.fullmatch(role) or not all(map(_NAME.fullmatch, mount.split("/"))):
            raise UsageError("The entry's vaultauth is no role.", "one such as broker, or mount/role")
        client = hvac.Client(
            url=source.url.rstrip("/"),
            token="",  # nosec B106 # none yet: nothing is taken from the environment
            verify=self._access.authorities or True,
            timeout=(CONNECT, READ),
            allow_redirects=False,
        )
        session = _Session(client, source.url)
        try:
            session.login(role, self._jwt(), mount)
            yield session
        finally:
            client.adapter.close()

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        host = parts.hostname or ""
        inside = is_loopback(host) or host.endswith((".svc", ".svc.cluster.local"))
        if not host or parts.username or parts.scheme not in (("https", "http") if inside else ("https",)):
            raise UsageError("The entry's vaulturl cannot be used.", "an https:// URL without a login in it")
        if host not in self._access.hosts:
            asks = f"it asks those at {', '.join(self._access.hosts)}" if self._access.hosts else "it asks none"
            raise Denied(
                f"This broker does not ask the Vault at {host}.",
                f"{asks}; whoever runs the broker allows more with TESSERA_VAULT_HOSTS",
            )

    def _jwt(self) -> str:
        try:
            return self._access.token.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeError):
            raise Unavailable(
                f"The broker has no token for Vault: {self._access.token} cannot be read.",
                "project a ServiceAccount token with Vault's audience to that file",
            ) from None


class _Session:
    """One login at one Vault."""

    def __init__(self, client: Any, url: str) -> None:
        self._client = client
        self._url = url

    def login(self, role: str, jwt: str, mount: str) -> None:
        self._answered(
            f"log in as {role} at auth/{mount}",
            lambda: self._client.auth.kubernetes.login(role, jwt, mount_point=mount),
            f"give the role {role} of auth/{mount} the broker's ServiceAccount, its namespace and the token's audience",
        )

    def place(self, path: str) -> str:
        """The path of the API: a KV v2 engine keeps its secrets below `data/`. Vault's own programs ask in this way."""
        try:
            found = mapping(self._client.read(f"sys/internal/ui/mounts/{path}"), "data")
        except (self._errors(), OSError):
            return path
        mount = str(found.get("path") or "")
        if found.get("type") != "kv" or mapping(found, "options").get("version") != "2" or not path.startswith(mount):
            return path
        rest = path.removeprefix(mount)
        return path if rest.startswith("data/") else f"{mount}data/{rest}"

    def read(self, path: str, version: str) -> Json:
        query = f"?version={version}" if version else ""
        rule = f'path "{path}" {{ capabilities = ["read"] }}'
        answer = self._answered(f"read {path}", lambda: self._client.read(path + query), f"add to its policy: {rule}")
        if answer is None:
            raise NotFound(
                f"There is nothing in Vault at {path}{query}.",
                "write the secret there, or correct the entry's vaultpath",
            )
        return answer if isinstance(answer, dict) else {}

    def revoke(self, lease: str) -> None:
        rule = 'path "sys/leases/revoke" { capabilities = ["update"] }'
        body = {"lease_id": lease, "sync": True}
        try:
            self._answered(
                "revoke a lease",
                lambda: self._client.adapter.put(url="/v1/sys/leases/revoke", json=body),
                f"add to its policy: {rule}",
            )
        except TesseraError as error:
            if not any(word in error.message.lower() for word in _GONE):
                raise

    def _answered(self, what: str, call: Callable[[], Any], hint: str) -> Any:
        """What Vault answers; its refusals in words. No answer of it is kept in an exception."""
        try:
            return call()
        except self._errors() as error:
            raise self._refusal(what, error, hint) from None
        except OSError as error:  # those of requests are
            why = type(error).__name__
            raise Unavailable(f"The Vault at {self._url} does not answer ({why}).", "the broker tries again") from None

    def _errors(self) -> type[Exception]:
        from hvac.exceptions import VaultError

        found: type[Exception] = VaultError
        return found

    def _refusal(self, what: str, error: Exception, hint: str) -> TesseraError:
        from hvac import exceptions

        errors = getattr(error, "errors", None)
        said = ", ".join(map(str, errors)) if isinstance(errors, list) else type(error).__name__
        if isinstance(error, exceptions.VaultDown | exceptions.VaultNotInitialized):
            return Unavailable(f"The Vault at {self._url} cannot {what}: {said}.", "somebody has to unseal it")
        if isinstance(error, exceptions.Forbidden | exceptions.Unauthorized):
            return Denied(f"The Vault at {self._url} does not let the broker {what}: {said}.", hint)
        if isinstance(error, exceptions.InvalidPath):
            return NotFound(f"The Vault at {self._url} has nothing there to {what}: {said}.", hint)
        if isinstance(error, exceptions.InvalidRequest):
            return TesseraError(f"The Vault at {self._url} did not {what}: {said}.", hint)
        return Unavailable(f"The Vault at {self._url} could not {what}: {said}.", "the broker tries again")
