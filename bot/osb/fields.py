"""Fields of requests with their types: each error names the field, what it must be and what it was."""

import re
from collections.abc import Mapping

from bot.osb.bodies import kind
from commands.broker.errors import Malformed
from commands.broker.records import Json

LONGEST_TEXT = 1_000
LONGEST_OPERATION = 10_000
LONGEST_ID = 255

_ID = re.compile(r"\.*[A-Za-z0-9_~-][A-Za-z0-9._~-]*")


class Fields:
    """The fields of one object of a body; `inside` is its name, with a dot. A field that is null counts as not sent."""

    def __init__(self, values: Json, inside: str = "") -> None:
        self._values = values
        self._inside = inside

    def text(self, name: str) -> str:
        """A string that is not empty, or nothing where the field was not sent."""
        value = self._values.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self._wrong(name, "a non-empty string", kind(value))
        if not value.strip():
            raise self._wrong(name, "a non-empty string", "empty")
        if len(value) > LONGEST_TEXT:
            raise self._wrong(name, f"at most {LONGEST_TEXT} characters long", f"{len(value)}")
        return value

    def needed(self, name: str) -> str:
        """A string that must be there."""
        value = self.text(name)
        if not value:
            was = "null" if name in self._values else "missing"
            raise self._wrong(name, "a non-empty string", was)
        return value

    def object(self, name: str) -> Json:
        """An object; an empty one where the field was not sent."""
        return self.object_or_none(name) or {}

    def object_or_none(self, name: str) -> Json | None:
        value = self._values.get(name)
        if value is not None and not isinstance(value, dict):
            raise self._wrong(name, "an object", kind(value))
        return value

    def inside(self, name: str) -> "Fields":
        return Fields(self.object(name), f"{self._inside}{name}.")

    def _wrong(self, name: str, must: str, was: str) -> Malformed:
        return Malformed(f"`{self._inside}{name}` must be {must}; it was {was}.")


def parameter(query: Mapping[str, str], name: str, most: int = LONGEST_TEXT) -> str:
    """A query parameter; nothing where it was not sent."""
    value = query.get(name)
    if value is None:
        return ""
    if not value.strip():
        raise Malformed(f"The query parameter `{name}` must not be empty.", "leave it out, or give the value")
    if len(value) > most:
        raise Malformed(f"The query parameter `{name}` is longer than {most} characters.")
    return value


def needed_parameter(query: Mapping[str, str], name: str) -> str:
    value = parameter(query, name)
    if not value:
        raise Malformed(f"The query parameter `{name}` is missing.", f"for example …?service_id=ID&{name}=ID")
    return value


def identifier(value: str, name: str) -> str:
    """An id that a platform has chosen, of what the specification recommends: unreserved characters ("URL
    Properties"). Dots alone are a folder to many a proxy."""
    if not _ID.fullmatch(value) or len(value) > LONGEST_ID:
        raise Malformed(
            f"The {name} must be 1 to {LONGEST_ID} letters, digits, `-`, `.`, `_` or `~`.", "a GUID is best"
        )
    return value
