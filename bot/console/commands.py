"""Slash commands and shortcuts as the app's manifest declares them; the page offers them to people."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class SlashCommand:
    """One entry of `features.slash_commands` in an app manifest; `name` starts with a slash."""

    name: str
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = False


@dataclass(frozen=True)
class Shortcut:
    """One entry of `features.shortcuts`: of a message, or of the whole workspace (`global`)."""

    callback_id: str
    name: str
    type: Literal["message", "global"] = "message"
