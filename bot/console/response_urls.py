"""What the bot may do with a response URL, and with the answer to a slash command."""

from typing import Any

from bot.console.api.chat import post_as_bot, rewrite, show_ephemeral
from bot.console.arguments import Arguments
from bot.console.backend import Backend
from bot.console.compose import Content, read_content
from bot.console.errors import Refusal, SlackError
from bot.console.messages import Message
from bot.console.passes import ResponseUrl


def respond(backend: Backend, name: str, body: Any) -> None:
    """Use a response URL: a new message (ephemeral by default), `replace_original` or `delete_original`.

    Raises `invalid_payload`, `used_url`, `expired_url` and everything that a message may be refused for.
    """
    try:
        if not isinstance(body, dict):
            raise SlackError("invalid_payload")
        arguments = Arguments(body)
        _use(backend, backend.passes.redeem_url(name), arguments)
    except SlackError as error:
        backend.refusals.append(Refusal("response_url", error.code, tuple(error.messages)))
        raise


def _use(backend: Backend, url: ResponseUrl, arguments: Arguments) -> None:
    source = backend.workspace.find(url.channel, url.source_ts) if url.source_ts else None
    if arguments.flag("delete_original"):
        backend.workspace.touch(_present(source), deleted=True)
        return
    content = read_content(backend, "response_url", arguments)
    if arguments.flag("replace_original") and url.source_ts:
        rewrite(backend, _present(source), content)
        return
    if url.source_ts and "replace_original" not in arguments:
        backend.advise("response_url", "say `replace_original` true or false: clients differ in the default")
    publish(backend, url.channel, url.user, content, arguments)


def publish(backend: Backend, channel: str, user: str, content: Content, arguments: Arguments) -> Message:
    """A new message: for everyone with `response_type` in_channel, else for the person who acted."""
    kind = arguments.optional("response_type") or "ephemeral"
    if kind not in ("ephemeral", "in_channel"):
        raise SlackError("invalid_response_type")
    root = arguments.optional("thread_ts") or None
    if kind == "in_channel":
        return post_as_bot(backend, backend.workspace.channels[channel], content, root)
    return show_ephemeral(backend, channel, user, content, root)


def _present(message: Message | None) -> Message:
    if message is None:
        raise SlackError("message_not_found")
    return message
