"""Requests and responses as values, so that the whole API can be tried without a socket."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.jsonish import Object
from bot.sandbox.protobuf import WireError, decode
from bot.sandbox.refusals import RefusalError, bad_request


@dataclass(frozen=True)
class Request:
    """One HTTP request; header names are in lower case, `groups` are the Impersonate-Group headers."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    groups: tuple[str, ...] = ()

    def flag(self, name: str) -> bool:
        """Read a boolean query parameter."""
        return self.query.get(name, "").lower() in ("true", "1")

    @property
    def dry_run(self) -> bool:
        """Whether nothing may be stored."""
        return self.query.get("dryRun") == "All"

    def json(self) -> Any:
        """Decode the body.

        Raises RefusalError 400 or 415.
        """
        try:
            if "protobuf" in self.headers.get("content-type", ""):
                return decode(self.body)
            return json.loads(self.body or b"{}")
        except WireError as error:
            raise RefusalError(415, "UnsupportedMediaType", str(error)) from error
        except (ValueError, RecursionError) as error:
            raise bad_request(f"the object provided is unrecognized (must be of type JSON): {error}") from error

    def object(self) -> Object:
        """Decode a body that must be an object.

        Raises RefusalError 400 or 415.
        """
        value = self.json()
        if not isinstance(value, dict):
            raise bad_request("the object provided is unrecognized (must be an object)")
        return value


@dataclass(frozen=True)
class Response:
    """One HTTP response; `body` is sent as JSON unless it is text."""

    body: Object | str
    code: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    media_type: str = ""

    @property
    def content_type(self) -> str:
        """The media type of the body."""
        return self.media_type or ("text/plain" if isinstance(self.body, str) else "application/json")

    def encoded(self) -> bytes:
        """Serialize the body."""
        if isinstance(self.body, str):
            return self.body.encode()
        return json.dumps(self.body, separators=(",", ":")).encode()
