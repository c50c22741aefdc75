"""Logins for image registries from a mounted file, the `.dockerconfigjson` of a Kubernetes pull secret.

Source: https://kubernetes.io/docs/concepts/configuration/secret/#docker-config-secrets
"""

import base64
import binascii
import json
from pathlib import Path
from urllib.parse import urlsplit

from commands.base.errors import UsageError
from explainers.builds.model import Credentials

DOCKER_HUB = "docker.io"
_HUB_NAMES = frozenset({"index.docker.io", "registry-1.docker.io", "hub.docker.com", DOCKER_HUB})
FORM = '{"auths": {"ghcr.io": {"username": "…", "password": "…"}}}'


class MountedLogins:
    """The port SecretSource over one file, read anew whenever it is asked: a rotated secret counts at once."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def registry(self, host: str) -> Credentials | None:
        """The login for a host. Raises UsageError when the file cannot be read; what is in it is never repeated."""
        if self._path is None:
            return None
        wanted = _host(host)
        return next((login for name, login in _logins(self._path).items() if _host(name) == wanted), None)

    def hosts(self) -> list[str]:
        """The hosts that the file has logins for. Raises UsageError as `registry` does."""
        return [] if self._path is None else sorted({_host(name) for name in _logins(self._path)})


def _host(name: str) -> str:
    """`ghcr.io` of `https://ghcr.io/v1/`; all names of Docker Hub are one."""
    host = urlsplit(name if "//" in name else f"//{name}").netloc.lower()
    return DOCKER_HUB if host in _HUB_NAMES else host


def _logins(path: Path) -> dict[str, Credentials]:
    try:
        entries = json.loads(path.read_bytes())["auths"]
        return {str(name): _credentials(entry) for name, entry in entries.items()}
    except OSError as error:
        raise UsageError(f"The registry logins in {path} cannot be read: {error.strerror}.", FORM) from error
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        raise UsageError(f"The registry logins in {path} have another form.", FORM) from None


def _credentials(entry: dict[str, str]) -> Credentials:
    if "auth" in entry:
        user, _, password = base64.b64decode(entry["auth"], validate=True).decode().partition(":")
        return Credentials(user, password)
    return Credentials(str(entry["username"]), str(entry["password"]))
