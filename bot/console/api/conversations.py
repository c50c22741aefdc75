"""conversations.* (docs.slack.dev/reference/methods/conversations.history and its neighbours)."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from bot.console import limits
from bot.console.arguments import Arguments
from bot.console.backend import Backend
from bot.console.compose import readable
from bot.console.errors import SlackError
from bot.console.messages import Message
from bot.console.methods import method
from bot.console.people import BOT_USER, Channel
from bot.console.schema import Json

Item = TypeVar("Item")


def page(items: Sequence[Item], arguments: Arguments, default: int = limits.PAGE_DEFAULT) -> tuple[list[Item], str]:
    """A page of items and the cursor of the next one, "" at the end. Raises `invalid_limit`, `invalid_cursor`."""
    limit = arguments.number("limit", default)
    if not 1 <= limit <= limits.PAGE_MOST:
        raise SlackError("invalid_limit")
    start = _position(arguments.optional("cursor"))
    end = start + limit
    following = base64.b64encode(f"next:{end}".encode()).decode() if end < len(items) else ""
    return list(items[start:end]), following


def _position(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("next:"))
    except (binascii.Error, ValueError):
        raise SlackError("invalid_cursor") from None


@method("conversations.info", limits.TIER_3, takes_json=False, scope="channels:read")
def info(backend: Backend, arguments: Arguments) -> Json:
    """One channel; private ones only where the bot is a member."""
    channel = backend.workspace.channel(arguments.text("channel"))
    if channel.is_private:
        readable(channel)
    return {"channel": channel.conversation()}


@method("conversations.list", limits.TIER_2, takes_json=False, scope="channels:read")
def list_all(backend: Backend, arguments: Arguments) -> Json:
    """Channels by `types`, public ones by default."""
    kinds = {
        {"public_channel": "channel", "private_channel": "group", "im": "im"}.get(each.strip(), each)
        for each in (arguments.optional("types") or "public_channel").split(",")
    }
    found = [
        each
        for each in backend.workspace.channels.values()
        if each.kind in kinds and (each.kind == "channel" or BOT_USER in each.members)
    ]
    shown, following = page(found, arguments)
    return {
        "channels": [each.conversation() for each in shown],
        "response_metadata": {"next_cursor": following},
    }


@method("conversations.members", limits.TIER_4, takes_json=False, scope="channels:read")
def members(backend: Backend, arguments: Arguments) -> Json:
    """Who is in a channel."""
    channel = readable(backend.workspace.channel(arguments.text("channel")))
    shown, following = page(sorted(channel.members), arguments)
    return {"members": shown, "response_metadata": {"next_cursor": following}}


@method("conversations.open", limits.TIER_3, scope="im:write")
def open_direct(backend: Backend, arguments: Arguments) -> Json:
    """The direct messages with one person."""
    users = arguments.optional("users")
    if not users:
        raise SlackError("users_list_not_supplied")
    person = backend.workspace.people.get(users)
    if person is None:
        raise SlackError("user_not_found")
    if person.is_bot:
        raise SlackError("cannot_dm_bot")
    channel = backend.workspace.direct(users)
    full = channel.conversation() if arguments.flag("return_im") else {"id": channel.id}
    return {"no_op": True, "already_open": True, "channel": full}


@method("conversations.history", limits.TIER_3, takes_json=False)
def history(backend: Backend, arguments: Arguments) -> Json:
    """Messages of a channel without replies, newest first."""
    channel = readable(backend.workspace.channel(arguments.text("channel")))
    _history_allowed(backend, channel)
    found = [each for each in backend.workspace.messages(channel.id) if not each.is_reply]
    shown, following = page(_within(found, arguments)[::-1], arguments)
    return _listing([_with_thread(backend, each) for each in shown], following)


@method("conversations.replies", limits.TIER_3, takes_json=False)
def replies(backend: Backend, arguments: Arguments) -> Json:
    """A thread: its root, then the replies, oldest first."""
    channel = readable(backend.workspace.channel(arguments.text("channel")))
    _history_allowed(backend, channel)
    root = backend.workspace.find(channel.id, arguments.text("ts"))
    if root is None or root.ephemeral_to is not None:
        raise SlackError("thread_not_found")
    answers = backend.workspace.replies(channel.id, root.thread_ts or root.ts)
    shown, following = page(_within(answers, arguments), arguments, limits.PAGE_MOST)
    return _listing([_with_thread(backend, root), *(each.body() for each in shown)], following)


def _history_allowed(backend: Backend, channel: Channel) -> None:
    needed = {"im": "im:history", "group": "groups:history"}.get(channel.kind, "channels:history")
    if backend.scopes is not None and needed not in backend.scopes:
        raise SlackError("missing_scope", needed=needed, provided=",".join(sorted(backend.scopes)))


def _within(messages: list[Message], arguments: Arguments) -> list[Message]:
    oldest, latest = arguments.optional("oldest"), arguments.optional("latest")
    equal = arguments.flag("inclusive")

    def inside(ts: str) -> bool:
        if equal and ts in (oldest, latest):
            return True
        return (not oldest or _order(ts) > _order(oldest)) and (not latest or _order(ts) < _order(latest))

    return [each for each in messages if inside(each.ts)]


def _order(ts: str) -> tuple[int, str]:
    seconds, _, rest = ts.partition(".")
    if not seconds.isdigit():
        raise SlackError("invalid_ts_latest")
    return int(seconds), rest.ljust(6, "0")


def _with_thread(backend: Backend, root: Message) -> Json:
    answers = backend.workspace.replies(root.channel, root.ts)
    if not answers:
        return root.body()
    people = list(dict.fromkeys(each.user for each in answers))
    return root.body() | {
        "thread_ts": root.ts,
        "reply_count": len(answers),
        "reply_users_count": len(people),
        "reply_users": people,
        "latest_reply": answers[-1].ts,
    }


def _listing(messages: list[Json], following: str) -> Json:
    return {
        "messages": messages,
        "has_more": bool(following),
        "response_metadata": {"next_cursor": following},
    }
