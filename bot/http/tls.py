"""TLS from a folder as Kubernetes mounts it for a Secret of the type `kubernetes.io/tls`: tls.crt and tls.key.

Certificates live for weeks and are renewed in place: each handshake looks whether the files have changed.
"""

import ssl
from pathlib import Path

from bot.observe.logs import logger
from commands.base.errors import UsageError

CERTIFICATE, KEY = "tls.crt", "tls.key"

_log = logger(__name__)


def server_context(folder: Path, setting: str) -> ssl.SSLContext:
    """The context of a server with the certificate of a folder, TLS 1.2 and newer. Raises UsageError that names
    `setting` for files that are missing or no pair."""
    try:
        return _Renewing(folder).first
    except (OSError, ssl.SSLError) as error:
        why = "is no certificate with its key" if isinstance(error, ssl.SSLError) else "cannot be read"
        raise UsageError(
            f"{setting}: what {folder} holds {why}.",
            f"{CERTIFICATE} with the certificate and its chain, {KEY} with the key, both PEM",
        ) from error


class _Renewing:
    """Gives every handshake the newest certificate that can be used."""

    def __init__(self, folder: Path) -> None:
        self._files = (folder / CERTIFICATE, folder / KEY)
        self._read = self._stamps()
        self._newest = self.first = self._context()
        self.first.sni_callback = self._choose

    def _choose(self, connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        try:
            stamps = self._stamps()
            if stamps != self._read:
                self._newest = self._context()
                self._read = stamps
                _log.info("the certificate was read anew")
        except (OSError, ssl.SSLError) as error:  # half written, or away: the last good one goes on
            _log.warning("the certificate has changed, but cannot be used", error=str(error))
        connection.context = self._newest

    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(*self._files)
        return context

    def _stamps(self) -> tuple[tuple[int, int, int], ...]:
        found = [path.stat() for path in self._files]
        return tuple((one.st_mtime_ns, one.st_size, one.st_ino) for one in found)
