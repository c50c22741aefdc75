"""How `git` is called: what it may read, where it may go, and which login it has.

Environment: https://git-scm.com/docs/git#_environment_variables.
"""

import base64
import os
import shlex
from dataclasses import dataclass
from pathlib import Path

from bot.source.address import Address
from explainers.builds.model import Credentials

PASSED = (
    "PATH", "HOME", "TMPDIR", "SSH_AUTH_SOCK", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy",
    "SSL_CERT_FILE", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH",
)  # fmt: skip
SETTINGS = (
    "protocol.ext.allow=never",
    "core.hooksPath=/dev/null",
    "gc.auto=0",
    "maintenance.auto=false",
    "credential.helper=",
    "http.followRedirects=false",  # git would send the login to wherever it is sent
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=30",
    "advice.detachedHead=false",
)


def command(*arguments: str) -> list[str]:
    """The argument list of one call."""
    return ["git", *(part for each in SETTINGS for part in ("-c", each)), *arguments]


@dataclass(frozen=True)
class Trust:
    """Whom to believe: a file of certificate authorities for https, and one of known hosts for ssh."""

    authorities: Path | None = None
    known_hosts: Path | None = None


def environment(address: Address, login: Credentials | None, trust: Trust) -> dict[str, str]:
    """The whole environment of one call. The login is not an argument, because other users can see arguments."""
    given = {name: os.environ[name] for name in PASSED if name in os.environ}
    fixed = {
        "LC_ALL": "C.UTF-8",
        "LANGUAGE": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_ALLOW_PROTOCOL": "https:ssh" if address.host else "file",
        "GIT_PROTOCOL_FROM_USER": "0",
        "GIT_SSH_COMMAND": _ssh(trust),
    }
    authorities = {"GIT_SSL_CAINFO": str(trust.authorities)} if trust.authorities else {}
    return given | fixed | authorities | _header(address, login)


def _ssh(trust: Trust) -> str:
    known = ["-o", f"UserKnownHostsFile={trust.known_hosts}"] if trust.known_hosts else []
    return shlex.join(
        [
            "ssh",
            "-oBatchMode=yes",
            "-oConnectTimeout=10",
            "-oServerAliveInterval=10",
            "-oStrictHostKeyChecking=yes",
            *known,
        ]
    )


def _header(address: Address, login: Credentials | None) -> dict[str, str]:
    if not (login and address.host and address.url.lower().startswith("https://")):
        return {}
    basic = base64.b64encode(f"{login.username}:{login.password}".encode()).decode()
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"http.https://{address.host}/.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {basic}",
    }
