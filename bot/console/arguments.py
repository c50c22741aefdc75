"""The arguments of a Web API call, from a form, a query string or a JSON body, checked as Slack checks them."""

import json
from collections.abc import Mapping
from typing import Any

from bot.console.errors import SlackError


class Arguments:
    """Read arguments by name and kind; a wrong one raises `invalid_arguments` with Slack's message."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = {name: value for name, value in values.items() if value is not None}

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def optional(self, name: str) -> str:
        """A string, empty when absent."""
        value = self._values.get(name, "")
        if isinstance(value, bool | int | float):
            return str(value)
        if not isinstance(value, str):
            raise _invalid(f"must provide a string [json-pointer:/{name}]")
        return value

    def text(self, name: str) -> str:
        """A string that must be there."""
        value = self.optional(name)
        if not value:
            raise _invalid(f"missing required field: {name}")
        return value

    def number(self, name: str, default: int) -> int:
        """A whole number."""
        value = self.optional(name)
        try:
            return int(value) if value else default
        except ValueError:
            raise _invalid(f"must be an integer [json-pointer:/{name}]") from None

    def flag(self, name: str) -> bool:
        """A boolean; forms write it as true, True or 1."""
        return self.optional(name).lower() in ("true", "1")

    def structure(self, name: str, error: str = "invalid_arguments") -> Any:
        """A JSON structure, written as text in forms; None when absent. Raises `error` when it is not JSON."""
        value = self._values.get(name)
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise SlackError(error) from None


def _invalid(message: str) -> SlackError:
    return SlackError("invalid_arguments", [f"[ERROR] {message}"])
