"""users.* and bots.info."""

from bot.console import limits
from bot.console.api.conversations import page
from bot.console.arguments import Arguments
from bot.console.backend import Backend
from bot.console.errors import SlackError
from bot.console.methods import method
from bot.console.people import APP_ID, BOT, BOT_ID
from bot.console.schema import Json


@method("users.info", limits.TIER_4, takes_json=False, scope="users:read")
def info(backend: Backend, arguments: Arguments) -> Json:
    """One person or bot."""
    person = backend.workspace.people.get(arguments.text("user"))
    if person is None:
        raise SlackError("user_not_found")
    return {"user": person.user()}


@method("users.list", limits.TIER_2, takes_json=False, scope="users:read")
def list_all(backend: Backend, arguments: Arguments) -> Json:
    """Everyone in the workspace."""
    shown, following = page(list(backend.workspace.people.values()), arguments)
    return {
        "members": [each.user() for each in shown],
        "cache_ts": int(backend.workspace.clock()),
        "response_metadata": {"next_cursor": following},
    }


@method("bots.info", limits.TIER_3, takes_json=False, scope="users:read")
def bot_info(_backend: Backend, arguments: Arguments) -> Json:
    """The bot itself; this workspace has no other app with a bot id."""
    if arguments.text("bot") != BOT_ID:
        raise SlackError("bot_not_found")
    return {
        "bot": {
            "id": BOT_ID,
            "deleted": False,
            "name": BOT.real_name,
            "updated": 0,
            "app_id": APP_ID,
            "user_id": BOT.id,
            "icons": {},
        }
    }
