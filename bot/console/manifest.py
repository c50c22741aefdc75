"""An app manifest, read as Slack reads it when an app is installed: what the app may do and what it is told.

Source: docs.slack.dev/reference/app-manifest. Only the parts that change what this console does are read.
"""

from dataclasses import dataclass
from typing import Any

from bot.console.commands import Shortcut, SlashCommand
from bot.console.schema import Json

COMMAND_LENGTH = 32
DESCRIPTION_LENGTH = 2_000
USAGE_HINT_LENGTH = 1_000
APP_NAME_LENGTH = 35

_SCOPE_OF_EVENT = {
    "app_mention": "app_mentions:read",
    "message.im": "im:history",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
}


@dataclass(frozen=True)
class Installation:
    """What an installed app has: commands, shortcuts, subscribed events, scopes of its bot token.

    `scopes` None means unchecked; `interactive` False means that clicks are not sent, `home` that there is a Home tab.
    """

    commands: tuple[SlashCommand, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()
    events: frozenset[str] = frozenset({"app_mention", "message.im"})
    scopes: frozenset[str] | None = None
    interactive: bool = True
    home: bool = True


def install(manifest: Json) -> Installation:
    """Read a manifest. Raises ValueError with everything that Slack would refuse."""
    features, settings = manifest.get("features") or {}, manifest.get("settings") or {}
    made = Installation(
        tuple(_command(each) for each in features.get("slash_commands") or []),
        tuple(_shortcut(each) for each in features.get("shortcuts") or []),
        frozenset(_dig(settings, "event_subscriptions", "bot_events") or []),
        frozenset(_dig(manifest, "oauth_config", "scopes", "bot") or []),
        bool(_dig(settings, "interactivity", "is_enabled")),
        bool(_dig(features, "app_home", "home_tab_enabled")),
    )
    problems = [*_name_problems(manifest), *_command_problems(made), *_scope_problems(made)]
    if problems:
        raise ValueError("Slack refuses this manifest: " + "; ".join(problems))
    return made


def _command(entry: Json) -> SlashCommand:
    return SlashCommand(
        str(entry.get("command", "")),
        str(entry.get("description", "")),
        str(entry.get("usage_hint", "")),
        bool(entry.get("should_escape")),
    )


def _shortcut(entry: Json) -> Shortcut:
    kind = entry.get("type")
    return Shortcut(
        str(entry.get("callback_id", "")), str(entry.get("name", "")), "global" if kind == "global" else "message"
    )


def _dig(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _name_problems(manifest: Json) -> list[str]:
    name = _dig(manifest, "display_information", "name")
    if not isinstance(name, str) or not 1 <= len(name) <= APP_NAME_LENGTH:
        return [f"display_information.name must have 1 to {APP_NAME_LENGTH} characters"]
    return []


def _command_problems(made: Installation) -> list[str]:
    problems = []
    names = [each.name for each in made.commands]
    for each in made.commands:
        if not each.name.startswith("/") or not 2 <= len(each.name) <= COMMAND_LENGTH or " " in each.name:
            problems.append(f"command {each.name!r} must be a slash and up to {COMMAND_LENGTH - 1} characters")
        if not 1 <= len(each.description) <= DESCRIPTION_LENGTH:
            problems.append(f"{each.name} needs a description of up to {DESCRIPTION_LENGTH} characters")
        if len(each.usage_hint) > USAGE_HINT_LENGTH:
            problems.append(f"{each.name}'s usage_hint exceeds {USAGE_HINT_LENGTH} characters")
        if names.count(each.name) > 1:
            problems.append(f"{each.name} appears twice")
    return problems


def _scope_problems(made: Installation) -> list[str]:
    scopes = made.scopes or frozenset()
    needed = {"commands": "slash commands and shortcuts"} if made.commands or made.shortcuts else {}
    needed |= {_SCOPE_OF_EVENT[each]: each for each in sorted(made.events) if each in _SCOPE_OF_EVENT}
    return [f"{what} needs the scope {scope}" for scope, what in needed.items() if scope not in scopes]
