"""chat.* (docs.slack.dev/reference/methods/chat.postMessage and its neighbours)."""

from bot.console import limits
from bot.console.arguments import Arguments
from bot.console.backend import Backend
from bot.console.compose import Content, read_content, readable, thread_root, writable
from bot.console.errors import SlackError
from bot.console.messages import Message
from bot.console.methods import method
from bot.console.people import BOT_ID, BOT_USER, Channel
from bot.console.schema import Json


@method("chat.postMessage", limits.SPECIAL, scope="chat:write")
def post_message(backend: Backend, arguments: Arguments) -> Json:
    """Post to a channel, a thread or, by user id, somebody's direct messages."""
    channel = writable(backend, arguments.text("channel"))
    content = read_content(backend, "chat.postMessage", arguments)
    root = thread_root(backend, channel, arguments)
    if arguments.flag("reply_broadcast"):
        backend.advise("chat.postMessage", "`reply_broadcast` repeats a reply in the channel")
    backend.rates.post(channel.id)
    message = post_as_bot(backend, channel, content, root)
    body: Json = {"channel": channel.id, "ts": message.ts, "message": message.body()}
    if content.truncated:
        body["response_metadata"] = {"warnings": ["message_truncated"]}
    return body


def post_as_bot(backend: Backend, channel: Channel, content: Content, root: str | None = None) -> Message:
    """Keep the bot's message and tell the bot about it where Slack would: bots see their own direct messages."""
    message = Message(
        channel.id,
        backend.workspace.next_ts(),
        BOT_USER,
        content.text,
        content.blocks,
        thread_ts=root,
        metadata=content.metadata,
    )
    backend.workspace.post(message)
    if channel.kind == "im":
        backend.emit(message.body() | {"channel": channel.id, "channel_type": "im", "event_ts": message.ts})
    return message


@method("chat.postEphemeral", limits.TIER_4, scope="chat:write")
def post_ephemeral(backend: Backend, arguments: Arguments) -> Json:
    """Show a message to one member of a channel."""
    channel = writable(backend, arguments.text("channel"))
    user = arguments.text("user")
    if user not in backend.workspace.people:
        raise SlackError("user_not_found")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    content = read_content(backend, "chat.postEphemeral", arguments)
    root = thread_root(backend, channel, arguments)
    backend.rates.post(channel.id)
    return {"message_ts": show_ephemeral(backend, channel.id, user, content, root).ts}


def show_ephemeral(backend: Backend, channel: str, user: str, content: Content, root: str | None = None) -> Message:
    """Keep a message that only `user` sees."""
    return backend.workspace.post(
        Message(
            channel,
            backend.workspace.next_ts(),
            BOT_USER,
            content.text,
            content.blocks,
            thread_ts=root,
            ephemeral_to=user,
        )
    )


@method("chat.update", limits.TIER_3, scope="chat:write")
def update(backend: Backend, arguments: Arguments) -> Json:
    """Change the bot's own message; text without blocks removes the blocks, blocks alone keep the text."""
    channel = backend.workspace.channel(arguments.text("channel"))
    message = _own(backend, channel, arguments.text("ts"), "cant_update_message")
    content = read_content(backend, "chat.update", arguments)
    if len(content.text) > limits.UPDATE_TEXT:
        raise SlackError("msg_too_long")
    rewrite(backend, message, content)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": message.body()}


def rewrite(backend: Backend, message: Message, content: Content) -> None:
    """Put new content into a message; only a change of plain text marks it as edited, as in Slack."""
    backend.workspace.touch(
        message,
        text=content.text if content.given_text else message.text,
        blocks=content.blocks,
        metadata=content.metadata or message.metadata,
        edited_ts=message.edited_ts if content.blocks else backend.workspace.next_ts(),
    )


@method("chat.delete", limits.TIER_3, scope="chat:write")
def delete(backend: Backend, arguments: Arguments) -> Json:
    """Remove the bot's own message."""
    channel = backend.workspace.channel(arguments.text("channel"))
    message = _own(backend, channel, arguments.text("ts"), "cant_delete_message")
    backend.workspace.touch(message, deleted=True)
    return {"channel": channel.id, "ts": message.ts}


@method("chat.getPermalink", limits.SPECIAL, takes_json=False)
def get_permalink(backend: Backend, arguments: Arguments) -> Json:
    """An address of this console that shows the message."""
    channel = readable(backend.workspace.channel(arguments.text("channel")))
    message = _visible(backend, channel, arguments.text("message_ts"))
    address = f"{backend.base_url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        address += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": address}


def _visible(backend: Backend, channel: Channel, ts: str) -> Message:
    message = backend.workspace.find(channel.id, ts)
    if message is None or message.ephemeral_to is not None:
        raise SlackError("message_not_found")
    return message


def _own(backend: Backend, channel: Channel, ts: str, refusal: str) -> Message:
    readable(channel)
    message = _visible(backend, channel, ts)
    if message.body().get("bot_id") != BOT_ID:
        raise SlackError(refusal)
    return message
