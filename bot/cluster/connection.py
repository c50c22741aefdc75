"""How one cluster is reached: address, TLS, proxy and credentials."""

import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from commands.base.errors import Unavailable

# A projected ServiceAccount token is rotated by the kubelet when 80% of its life has passed; clients are expected
# to read the file again from time to time (client-go: every minute).
TOKEN_FILE_SECONDS = 60.0


class Credentials(Protocol):
    """What goes into the Authorization header."""

    def header(self) -> str:
        """The header's value, or nothing where a client certificate speaks. Raises Unavailable."""

    def renew(self) -> bool:
        """Called after a 401: forget what is cached; True when trying again may help."""


@dataclass(frozen=True)
class Fixed:
    """A token or password that the kubeconfig itself holds, or none at all."""

    value: str = field(default="", repr=False)

    def header(self) -> str:
        return self.value

    def renew(self) -> bool:
        return False


class TokenFile:
    """A bearer token in a file that somebody else keeps fresh."""

    def __init__(self, path: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._value = ""
        self._read_at = float("-inf")

    def header(self) -> str:
        with self._lock:
            if self._monotonic() - self._read_at > TOKEN_FILE_SECONDS:
                self._value = f"Bearer {_token_in(self._path)}"
                self._read_at = self._monotonic()
            return self._value

    def renew(self) -> bool:
        with self._lock:
            self._read_at = float("-inf")
        return True


def _token_in(path: Path) -> str:
    try:
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable(f"The token file {path} cannot be read: {error}.") from error
    if not token:
        raise Unavailable(f"The token file {path} is empty.")
    return token


@dataclass(frozen=True)
class Trust:
    """TLS material. `ca`, `certificate` and `key` are PEM; without `ca` the system's authorities are trusted."""

    ca: str = ""
    certificate: str = ""
    key: str = field(default="", repr=False)
    verify: bool = True
    server_name: str = ""

    def context(self) -> ssl.SSLContext:
        """The TLS context. Raises Unavailable when the material cannot be read."""
        try:
            context = ssl.create_default_context(cadata=self.ca or None)
            # Python 3.13 asks for extensions that many cluster authorities do not set; kubectl does not ask.
            context.verify_flags &= ~ssl.VERIFY_X509_STRICT
            if not self.verify:
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
            if self.certificate:
                _load_client_certificate(context, self.certificate, self.key)
        except (ssl.SSLError, ValueError) as error:
            raise Unavailable(f"The kubeconfig's certificates cannot be read: {error}.") from error
        return context


def _load_client_certificate(context: ssl.SSLContext, certificate: str, key: str) -> None:
    """OpenSSL loads client certificates from files only; this one lives for a moment and is for this user alone."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "client.pem"
        path.touch(mode=0o600)
        path.write_text(f"{certificate}\n{key}\n", encoding="utf-8")
        context.load_cert_chain(path)


@dataclass(frozen=True)
class Connection:
    """A cluster's address and how to prove who asks.

    `name` is the kubeconfig context, `host` a URL such as `https://127.0.0.1:6443`, `proxy` a URL or empty.
    `acts_as` are the impersonation headers of a kubeconfig whose user says `as`; another identity replaces them.
    """

    name: str
    host: str
    default_namespace: str = "default"
    trust: Trust = Trust()
    credentials: Credentials = Fixed()
    proxy: str = ""
    acts_as: Mapping[str, list[str]] = field(default_factory=dict)
