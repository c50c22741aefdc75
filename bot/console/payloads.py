"""The payloads that Slack sends, field by field.

Sources: docs.slack.dev/interactivity/implementing-slash-commands, reference/interaction-payloads, apis/events-api.
"""

import secrets
import uuid

from bot.console.backend import Backend
from bot.console.messages import Message
from bot.console.people import APP_ID, BOT_USER, TEAM_DOMAIN, TEAM_ID, Channel, Person
from bot.console.schema import Json
from bot.console.view_store import View

VERIFICATION = "local-verification"


def slash_command(backend: Backend, person: Person, channel: Channel, command: str, text: str) -> Json:
    """The form of a slash command, with a fresh trigger id and response URL."""
    url = backend.passes.response_url(person.id, channel.id)
    return {
        "token": VERIFICATION,
        "team_id": TEAM_ID,
        "team_domain": TEAM_DOMAIN,
        "channel_id": channel.id,
        "channel_name": channel.command_name,
        "user_id": person.id,
        "user_name": person.name,
        "command": command,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": f"{backend.base_url}/commands/{TEAM_ID}/{url}",
        "trigger_id": backend.passes.trigger(person.id),
    }


def _interaction(kind: str, person: Person) -> Json:
    return {
        "type": kind,
        "team": {"id": TEAM_ID, "domain": TEAM_DOMAIN},
        "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": TEAM_ID},
        "api_app_id": APP_ID,
        "token": VERIFICATION,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def message_action(backend: Backend, person: Person, message: Message, action: Json) -> Json:
    """A `block_actions` payload of an element in a message; ephemeral messages come without their content."""
    channel = backend.workspace.channels[message.channel]
    url = backend.passes.response_url(person.id, channel.id, message.ts, message.thread_ts)
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.ephemeral_to is not None,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    payload = _interaction("block_actions", person) | {
        "container": container,
        "trigger_id": backend.passes.trigger(person.id),
        "channel": {"id": channel.id, "name": channel.command_name},
        "state": {"values": message.state},
        "response_url": f"{backend.base_url}/actions/{TEAM_ID}/{url}",
        "actions": [action],
    }
    if message.ephemeral_to is None:
        payload["message"] = message.body()
    return payload


def view_action(backend: Backend, person: Person, view: View, action: Json) -> Json:
    """A `block_actions` payload of an element in a modal or a Home tab."""
    return _interaction("block_actions", person) | {
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": backend.passes.trigger(person.id, view.id),
        "view": view.body(),
        "actions": [action],
    }


def view_submission(backend: Backend, person: Person, view: View) -> Json:
    """A submitted modal."""
    return _interaction("view_submission", person) | {
        "trigger_id": backend.passes.trigger(person.id, view.id),
        "view": view.body(),
        "response_urls": [],
    }


def view_closed(person: Person, view: View, *, cleared: bool) -> Json:
    """A modal that was closed without being submitted."""
    return _interaction("view_closed", person) | {"view": view.body(), "is_cleared": cleared}


def user_message(
    person: Person, message: Message, channel: Channel, parent: Message | None, kind: str = "message"
) -> Json:
    """A `message` or `app_mention` event of something that a person, or another bot, wrote."""
    event: Json = {
        "type": kind,
        "user": message.user,
        "text": message.text,
        "ts": message.ts,
        "event_ts": message.ts,
        "channel": channel.id,
        "team": TEAM_ID,
        "client_msg_id": str(uuid.uuid4()),
    }
    if person.bot_id:
        event["bot_id"] = person.bot_id
    if kind == "message":
        event["channel_type"] = channel.kind
    if message.thread_ts:
        event["thread_ts"] = message.thread_ts
        event["parent_user_id"] = parent.user if parent else BOT_USER
    return event


def block_suggestion(person: Person, source: View | Message, block: Json, element: Json, typed: str) -> Json:
    """A request for the options of an `external_select`."""
    payload = _interaction("block_suggestion", person) | {
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "value": typed,
    }
    if isinstance(source, View):
        return payload | {"container": {"type": "view", "view_id": source.id}, "view": source.body()}
    return payload | {
        "container": {"type": "message", "message_ts": source.ts, "channel_id": source.channel},
        "channel": {"id": source.channel},
        "message": source.body(),
    }


def shortcut(backend: Backend, person: Person, callback_id: str, message: Message | None, now: str) -> Json:
    """A `shortcut` payload, or `message_action` for a message's shortcut."""
    common = {"callback_id": callback_id, "trigger_id": backend.passes.trigger(person.id), "action_ts": now}
    if message is None:
        return _interaction("shortcut", person) | common
    channel = backend.workspace.channels[message.channel]
    url = backend.passes.response_url(person.id, channel.id, message.ts, message.thread_ts)
    return (
        _interaction("message_action", person)
        | common
        | {
            "message_ts": message.ts,
            "channel": {"id": channel.id, "name": channel.command_name},
            "message": message.body(),
            "response_url": f"{backend.base_url}/app/{TEAM_ID}/{url}",
        }
    )


def event_callback(event: Json, now: float) -> Json:
    """The envelope of an event; `event_id` is what deduplicates its retries."""
    return {
        "token": VERIFICATION,
        "team_id": TEAM_ID,
        "api_app_id": APP_ID,
        "event": event,
        "type": "event_callback",
        "event_id": f"Ev0{secrets.token_hex(5).upper()}",
        "event_time": int(now),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM_ID,
                "user_id": BOT_USER,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": f"4-{secrets.token_hex(12)}",
    }


def url_verification(challenge: str) -> Json:
    """The request with which Slack checks a request URL: the answer is the challenge."""
    return {"token": VERIFICATION, "challenge": challenge, "type": "url_verification"}
