"""Where an engine is, and how the two ends know each other."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from commands.base.errors import UsageError


@dataclass(frozen=True)
class Certificates:
    """PEM files: whom we trust, and who we are. `server_name` is checked instead of the address's host, if given."""

    authority: Path
    certificate: Path
    key: Path
    server_name: str = ""

    @classmethod
    def folder(cls, path: Path, server_name: str = "") -> "Certificates":
        """`ca.pem`, `cert.pem` and `key.pem` in one folder, as the Docker client names them (DOCKER_CERT_PATH)."""
        return cls(path / "ca.pem", path / "cert.pem", path / "key.pem", server_name)


@dataclass(frozen=True)
class Address:
    """`unix:///path` or `tcp://host:port`; with certificates where it leaves this machine."""

    url: str
    certificates: Certificates | None = None

    def __post_init__(self) -> None:
        """Raises UsageError for what is no address, an engine that anybody could be, and absent files.

        An engine is root on its machine, so an unauthenticated one is only reached over loopback.
        """
        try:
            parts = urlsplit(self.url)
            if parts.scheme == "unix" and parts.path.startswith("/") and not parts.netloc:
                return
            sound = parts.scheme == "tcp" and bool(parts.hostname) and bool(parts.port) and parts.path in ("", "/")
        except ValueError:
            parts, sound = urlsplit(""), False
        if not sound or parts.username is not None:
            raise UsageError(
                f"{self.url!r} is not the address of a build engine.",
                "for example unix:///var/run/docker.sock or tcp://docker.builds.svc:2376",
            )
        if self.certificates is None and not _loopback(parts.hostname or ""):
            raise UsageError(
                f"{self.url} would be reached without TLS: whoever answers there would be given sources and logins.",
                "name the folder with ca.pem, cert.pem and key.pem; without them only unix:// and loopback are allowed",
            )
        for file in self._files():
            if not file.is_file():
                raise UsageError(f"There is no file {file}.", "the folder must have ca.pem, cert.pem and key.pem")

    def _files(self) -> tuple[Path, ...]:
        used = self.certificates
        return (used.authority, used.certificate, used.key) if used else ()

    @property
    def shown(self) -> str:
        """What people call it: the path or `host:port`."""
        parts = urlsplit(self.url)
        return parts.path if parts.scheme == "unix" else parts.netloc


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
