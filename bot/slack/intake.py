"""Slack's payloads to tasks: pure functions over the bodies that Bolt has verified and decoded.

Sources: https://docs.slack.dev/interactivity/implementing-slash-commands,
https://docs.slack.dev/reference/events/app_mention,
https://docs.slack.dev/reference/interaction-payloads/block_actions-payload.
"""

import shlex
import uuid
from collections.abc import Mapping
from typing import Any

from bot.slack.task import Task, request_id
from commands.base.pushes import Sponsor
from commands.base.text import normalise, without_mention

Body = Mapping[str, Any]


def command_task(body: Body) -> Task:
    """A slash command: `/tessera diagnose web` and `/diagnose web` alike."""
    return Task(
        id=request_id(_text(body, "trigger_id") or uuid.uuid4().hex),
        kind="command",
        user=_text(body, "user_id"),
        team=_text(body, "team_id"),
        enterprise=_text(body, "enterprise_id"),
        channel=_text(body, "channel_id"),
        command=normalise(_text(body, "command")).lstrip("/"),
        text=normalise(_text(body, "text")),
    )


def mention_task(body: Body, bot_user: str) -> Task:
    """A mention, answered in the thread under it; or a direct message, answered beneath it like a command."""
    event = _part(body, "event")
    direct = event.get("channel_type") == "im"
    return Task(
        id=request_id(_text(body, "event_id") or uuid.uuid4().hex),
        kind="mention",
        user=_text(event, "user") or _text(event, "bot_id"),
        team=_text(event, "team") or _text(body, "team_id"),
        enterprise=_text(body, "enterprise_id"),
        channel=_text(event, "channel"),
        text=normalise(without_mention(_text(event, "text"), bot_user)),
        thread=_text(event, "thread_ts") or ("" if direct else _text(event, "ts")),
        message=_text(event, "ts"),
        bot=bool(event.get("bot_id")),
        shared_channel=body.get("is_ext_shared_channel") is True,
    )


def click_task(body: Body) -> Task:
    """A click on a button: the answer goes into the thread of the message that holds it."""
    user = _part(body, "user")
    container = _part(body, "container")
    actions = body.get("actions")
    action = actions[0] if isinstance(actions, list) and actions else {}
    message = _text(container, "message_ts")
    return Task(
        id=request_id(_text(body, "trigger_id") or uuid.uuid4().hex),
        kind="click",
        user=_text(user, "id"),
        team=_text(user, "team_id") or _text(_part(body, "team"), "id"),
        enterprise=_text(_part(body, "enterprise"), "id"),
        channel=_text(_part(body, "channel"), "id") or _text(container, "channel_id"),
        thread=_text(container, "thread_ts") or message,
        message=message,
        offer=_text(action, "value"),
    )


def push_task(sponsor: Sponsor, branch: str, sha: str, by: str, delivery: str) -> Task:
    """A push to a branch, as if the one who stands for it had asked for the build, in the channel where that was
    said."""
    return Task(
        id=request_id(delivery),
        kind="push",
        user=sponsor.user,
        team=sponsor.team,
        enterprise=sponsor.enterprise,
        channel=sponsor.channel,
        command="build",
        text=f"{sponsor.kind.lower()}/{sponsor.name} {shlex.quote(branch)} -n {sponsor.namespace}",
        by=by,
        pushed=sha,
        about=sponsor.key,
    )


def _part(body: Body, key: str) -> Body:
    value = body.get(key)
    return value if isinstance(value, Mapping) else {}


def _text(body: object, key: str) -> str:
    value = body.get(key) if isinstance(body, Mapping) else None
    return value if isinstance(value, str) else ""
