"""Posts each part of an answer once, also when the worker dies in the middle and the job runs again.

Before a part is posted, its key is written; afterwards, its timestamp. A key without timestamp means that an earlier
run may have posted: then Slack is asked for a message that carries the part's mark, and only its absence leads to a
post. https://docs.slack.dev/messaging/message-metadata
"""

from bot.slack.client import ChannelClosed
from bot.slack.message import Message
from bot.slack.sender import Sender
from commands.base.ports import StateStore

KEPT_SECONDS = 86_400


class Outbox:
    """The messages of one request."""

    def __init__(self, sender: Sender, state: StateStore, request: str, channel: str) -> None:
        self._sender = sender
        self._state = state
        self._request = request
        self._channel = channel

    def sent(self, part: str) -> str:
        """The timestamp of a part that is posted; empty when it is not known to be."""
        return self._state.get(self._key(part)) or ""

    def post(self, part: str, message: Message, thread: str = "") -> str:
        """Post a part unless an earlier run did, and give its timestamp. Raises what Sender.post raises."""
        return self._earlier(part, thread) or self._new(part, message, thread)

    def put(self, part: str, message: Message, thread: str = "") -> str:
        """Post a part, or update it where it is posted already, and give its timestamp."""
        before = self._earlier(part, thread)
        if not before:
            return self._new(part, message, thread)
        self._sender.update(self._channel, before, message)
        return before

    def attach(self, name: str, title: str, text: str, thread: str) -> None:
        """Put a file with a name of its own into the thread unless an earlier run did. Raises what Sender raises."""
        key = self._key(f"file-{name}")
        known = self._state.get(key)
        if known is None or (not known and not self._sender.has_file(self._channel, thread, name)):
            self._state.put(key, "", KEPT_SECONDS)
            self._sender.upload(self._channel, thread, name, title, text)
        self._state.put(key, "there", KEPT_SECONDS)

    def _earlier(self, part: str, thread: str) -> str:
        """The timestamp of a part that is posted, looked up in Slack where only the attempt is known."""
        known = self._state.get(self._key(part))
        if known is None:
            return ""
        if not known:
            known = self._sender.find(self._channel, thread, self._mark(part))
            self._state.put(self._key(part), known, KEPT_SECONDS)
        return known

    def _new(self, part: str, message: Message, thread: str) -> str:
        self._state.put(self._key(part), "", KEPT_SECONDS)
        try:
            timestamp = self._sender.post(self._channel, message, thread, self._mark(part))
        except ChannelClosed:
            self._state.delete(self._key(part))
            raise
        self._state.put(self._key(part), timestamp, KEPT_SECONDS)
        return timestamp

    def _mark(self, part: str) -> dict[str, str]:
        return {"request": self._request, "part": part}

    def adopt(self, part: str, timestamp: str) -> None:
        """Treat an older message of the bot as this part, so that `put` updates it."""
        self._state.put_new(self._key(part), timestamp, KEPT_SECONDS)

    def _key(self, part: str) -> str:
        return f"sent:{self._request}:{part}"
