"""Whose wish a request is: the header X-Broker-API-Originating-Identity ("Originating Identity").

`Platform value`, where value is a base64-encoded JSON object; what it holds is the platform's (profile.md).
"""

import base64
import binascii
from dataclasses import dataclass

from bot.osb.bodies import read_object
from commands.broker.errors import Malformed

HEADER = "x-broker-api-originating-identity"
LONGEST_NAME = 200
_NAMES = ("username", "user_id", "user_name", "email", "sub", "uid")
"""Kubernetes says `username`, Cloud Foundry `user_id`; the others are what further platforms send."""


@dataclass(frozen=True)
class Identity:
    """`platform` as the header names it, and `name` of the person; both empty where a platform acts for itself."""

    platform: str = ""
    name: str = ""

    def told(self, user: str) -> str:
        """As the audit writes it: the person, the platform, and the API user that the platform is."""
        if not self.name:
            return f"{user} (broker API)"
        return f"{self.name} ({self.platform}, as {user})"


def read_identity(header: str | None) -> Identity:
    """Raises Malformed for a header that is not of the specification's form."""
    if header is None:
        return Identity()
    platform, _, value = header.strip().partition(" ")
    if not platform or not value.strip():
        raise Malformed(
            "X-Broker-API-Originating-Identity must be a platform, a space and a base64-encoded JSON object.",
            "for example: kubernetes eyJ1c2VybmFtZSI6ImR1a2UifQ==",
        )
    try:
        raw = base64.b64decode(value.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("The value of X-Broker-API-Originating-Identity is not base64.") from None
    person = read_object(raw, "the value of X-Broker-API-Originating-Identity")
    names = (person.get(key) for key in _NAMES)
    name = next((name for name in names if isinstance(name, str) and name.strip()), "somebody")
    return Identity(_printable(platform), _printable(name))


def _printable(text: str) -> str:
    """One line of limited length: it is written into logs and the audit."""
    return "".join(letter if letter.isprintable() else "?" for letter in text.strip())[:LONGEST_NAME]
