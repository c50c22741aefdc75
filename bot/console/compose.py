"""From arguments to a message that Slack would accept: text, blocks, ids, lengths, thread."""

import secrets
from dataclasses import dataclass, field

from bot.console import limits
from bot.console.arguments import Arguments
from bot.console.backend import Backend
from bot.console.block_kit import message_problems, visible_length
from bot.console.errors import SlackError
from bot.console.people import BOT_USER, Channel
from bot.console.schema import Json

_INTERACTIVE = ("actions", "input", "section")


@dataclass(frozen=True)
class Content:
    """What a message says; `given_text` and `given_blocks` tell which of both the caller named."""

    text: str
    blocks: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    given_text: bool = True
    given_blocks: bool = False
    truncated: bool = False


def read_content(backend: Backend, method: str, arguments: Arguments) -> Content:
    """Check text and blocks.

    Raises `no_text`, `invalid_blocks_format`, `invalid_blocks`, `msg_blocks_too_long`; text above 40,000 characters is
    cut, as chat.postMessage does.
    """
    text = arguments.optional("text")
    blocks = read_blocks(arguments)
    if not text and not blocks and not arguments.structure("attachments"):
        raise SlackError("no_text")
    if not text.strip():
        backend.advise(method, "no `text`: notifications and screen readers have nothing to say")
    elif len(text) > limits.MESSAGE_TEXT_ADVISED:
        backend.advise(method, f"`text` has {len(text)} characters; Slack advises {limits.MESSAGE_TEXT_ADVISED}")
    return Content(
        text[: limits.MESSAGE_TEXT_CUT],
        blocks or [],
        arguments.structure("metadata", "invalid_metadata_format"),
        given_text="text" in arguments,
        given_blocks=blocks is not None,
        truncated=len(text) > limits.MESSAGE_TEXT_CUT,
    )


def read_blocks(arguments: Arguments) -> list[Json] | None:
    """The blocks with ids filled in; None when the caller named none."""
    blocks = arguments.structure("blocks", "invalid_blocks_format")
    if blocks is None:
        return None
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    problems = message_problems(blocks)
    if problems:
        raise SlackError("invalid_blocks", problems)
    if visible_length(blocks) > limits.MESSAGE_BLOCKS_TEXT:
        raise SlackError("msg_blocks_too_long")
    return with_ids(blocks)


def with_ids(blocks: list[Json]) -> list[Json]:
    """A copy in which every block has a block_id and every interactive element an action_id, as Slack fills them in."""
    return [_with_id(block) for block in blocks]


def _with_id(block: Json) -> Json:
    filled = {**block, "block_id": block.get("block_id") or secrets.token_urlsafe(4)}
    if block["type"] in _INTERACTIVE:
        for name in ("accessory", "element"):
            if name in block:
                filled[name] = _with_action(block[name])
        if block["type"] == "actions":
            filled["elements"] = [_with_action(each) for each in block["elements"]]
    return filled


def _with_action(element: Json) -> Json:
    if element["type"] == "image" or element.get("action_id"):
        return element
    return {**element, "action_id": secrets.token_urlsafe(4)}


def writable(backend: Backend, name: str) -> Channel:
    """The channel that the bot may write to, by id, name or a person's id (their direct messages).

    Raises `channel_not_found` (also for private channels without the bot), `not_in_channel`, `is_archived`.
    """
    workspace = backend.workspace
    channel = workspace.direct(name) if name in workspace.people else workspace.channel(name)
    readable(channel)
    if channel.is_archived:
        raise SlackError("is_archived")
    return channel


def readable(channel: Channel) -> Channel:
    """Raises unless the bot is a member: `channel_not_found` where even the name is private, else `not_in_channel`."""
    if BOT_USER not in channel.members:
        raise SlackError("channel_not_found" if channel.is_private else "not_in_channel")
    return channel


def thread_root(backend: Backend, channel: Channel, arguments: Arguments) -> str | None:
    """The thread to answer in. Raises `thread_not_found`, `cannot_reply_to_message` for a reply's ts."""
    ts = arguments.optional("thread_ts")
    if not ts:
        return None
    root = backend.workspace.find(channel.id, ts)
    if root is None or root.ephemeral_to is not None:
        raise SlackError("thread_not_found")
    if root.is_reply:
        raise SlackError("cannot_reply_to_message")
    return ts
