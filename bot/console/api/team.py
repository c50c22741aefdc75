"""auth.test, api.test, apps.connections.open, team.info and reactions.*."""

import re

from bot.console import limits
from bot.console.arguments import Arguments
from bot.console.backend import Backend
from bot.console.compose import readable
from bot.console.errors import SlackError
from bot.console.messages import Message
from bot.console.methods import method
from bot.console.people import BOT_ID, BOT_NAME, BOT_USER, TEAM_DOMAIN, TEAM_ID, TEAM_NAME
from bot.console.schema import Json


@method("auth.test", limits.SPECIAL)
def auth_test(backend: Backend, _arguments: Arguments) -> Json:
    """Who the token belongs to."""
    return {
        "url": f"{backend.base_url}/",
        "team": TEAM_NAME,
        "user": BOT_NAME,
        "team_id": TEAM_ID,
        "user_id": BOT_USER,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


@method("team.info", limits.TIER_3, takes_json=False, scope="team:read")
def team_info(_backend: Backend, _arguments: Arguments) -> Json:
    """The workspace."""
    return {"team": {"id": TEAM_ID, "name": TEAM_NAME, "domain": TEAM_DOMAIN, "icon": {"image_default": True}}}


# Documented as tier 1; clients that reconnect need a few at once, and Slack lets them.
@method("apps.connections.open", limits.SOCKET_CONNECTIONS, caller="app")
def connections_open(backend: Backend, _arguments: Arguments) -> Json:
    """An address for one Socket Mode connection, good for half a minute."""
    return {"url": backend.new_link()}


@method("reactions.add", limits.TIER_3, scope="reactions:write")
def add_reaction(backend: Backend, arguments: Arguments) -> Json:
    """React to a message as the bot."""
    message, name = _reacted(backend, arguments)
    users = message.reactions.get(name, [])
    if BOT_USER in users:
        raise SlackError("already_reacted")
    backend.workspace.touch(message, reactions={**message.reactions, name: [*users, BOT_USER]})
    return {}


@method("reactions.remove", limits.TIER_2, scope="reactions:write")
def remove_reaction(backend: Backend, arguments: Arguments) -> Json:
    """Take the bot's reaction back."""
    message, name = _reacted(backend, arguments)
    users = message.reactions.get(name, [])
    if BOT_USER not in users:
        raise SlackError("no_reaction")
    left = {**message.reactions, name: [each for each in users if each != BOT_USER]}
    backend.workspace.touch(message, reactions={key: value for key, value in left.items() if value})
    return {}


def _reacted(backend: Backend, arguments: Arguments) -> tuple[Message, str]:
    name = arguments.text("name").strip(":")
    if not re.fullmatch(r"[a-z0-9_+'-]+", name):
        raise SlackError("invalid_name")
    channel, ts = arguments.optional("channel"), arguments.optional("timestamp")
    if not channel or not ts:
        raise SlackError("no_item_specified")
    found = backend.workspace.find(readable(backend.workspace.channel(channel)).id, ts)
    if found is None or found.ephemeral_to is not None:
        raise SlackError("message_not_found")
    return found, name
