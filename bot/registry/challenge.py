"""What a registry asks for when it answers 401: the challenges of WWW-Authenticate.

Syntax: RFC 9110, section 11.6.1; Bearer's parameters: https://distribution.github.io/distribution/spec/auth/token/.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_WORD = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"
_PART = re.compile(
    rf'\s*,?\s*(?:(?P<name>{_WORD})\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>{_WORD}))|(?P<scheme>{_WORD}))'
)


@dataclass(frozen=True)
class Challenge:
    """One way to log in. `scheme` in small letters; `values` by name in small letters."""

    scheme: str
    values: dict[str, str] = field(default_factory=dict)


def challenges(header: str) -> list[Challenge]:
    """The challenges of a header, in order; what cannot be read is left out."""
    found: list[Challenge] = []
    at = 0
    while part := _PART.match(header, at):
        at = part.end()
        if scheme := part["scheme"]:
            found.append(Challenge(scheme.lower()))
        elif found:
            quoted = part["quoted"]
            found[-1].values[part["name"].lower()] = part["plain"] or re.sub(r"\\(.)", r"\1", quoted or "")
    return found


def may_have_login(realm: str, host: str, plain: bool) -> bool:
    """Whether the login for a registry may go to its token server.

    The server must be the registry's own: the same name, or one beside or above it (`auth.docker.io` for
    `registry-1.docker.io`, `gitlab.com` for `registry.gitlab.com`), by https unless the registry itself speaks plain.
    """
    url = urlsplit(realm)
    name, own = (url.hostname or "").lower(), (urlsplit(f"//{host}").hostname or "").lower()
    if url.scheme != "https" and not (plain and url.scheme == "http" and name == own):
        return False
    above = own.partition(".")[2]
    return name == own or ("." in above and not _is_address(own) and (name == above or name.endswith(f".{above}")))


def _is_address(name: str) -> bool:
    return ":" in name or name.replace(".", "").isdigit()
