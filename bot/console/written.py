"""What a person types, as Slack sends it on: escaped, with mentions and links in angle brackets."""

import html
import re

from bot.console.workspace import Workspace

_LINK = re.compile(r"https?://[^\s<>|]+")
_PERSON = re.compile(r"(?<![\w@<])@([a-z0-9._-]+)")
_CHANNEL = re.compile(r"(?<![\w#&<])#([a-z0-9_-]+)")
_SPECIAL = re.compile(r"<(?:[@#!][^<>]+|https?://[^<>]+)>")


def encode_message(workspace: Workspace, text: str) -> str:
    """A message's text as events carry it (docs.slack.dev/messaging/formatting-message-text)."""
    parts: list[str] = []
    end = 0
    for found in _SPECIAL.finditer(text):
        parts += [_encode(workspace, text[end : found.start()]), found.group()]
        end = found.end()
    return "".join([*parts, _encode(workspace, text[end:])])


def encode_mentions(workspace: Workspace, text: str) -> str:
    """A slash command's text where the app asked for escaped people and channels (`should_escape`)."""
    people = {each.name: each for each in workspace.people.values()}
    channels = {each.name: each for each in workspace.channels.values() if each.name}

    def person(found: re.Match[str]) -> str:
        one = people.get(found[1])
        return f"<@{one.id}|{one.name}>" if one else found[0]

    def channel(found: re.Match[str]) -> str:
        one = channels.get(found[1])
        return f"<#{one.id}|{one.name}>" if one else found[0]

    return _CHANNEL.sub(channel, _PERSON.sub(person, text))


def _encode(workspace: Workspace, text: str) -> str:
    escaped = html.escape(text, quote=False)
    linked = _LINK.sub(lambda found: f"<{found[0]}>", escaped)
    return re.sub(r"(<@\w+)\|[^>]*>", r"\1>", encode_mentions(workspace, linked))
