"""The one way out to Slack: every message is fitted to the limits, validated and then sent."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from bot.slack.client import ANSWER_SECONDS, CLOSED, ChannelClosed, code
from bot.slack.limits import checked
from bot.slack.message import Message

EVENT_TYPE = "tessera_answer"
_LOOK_BACK = 100


def at_once(_channel: str) -> float:
    """Who sends alone has nobody to wait for."""
    return 0.0


class Sender:
    """Posts, updates and finds messages of the bot.

    Methods raise ChannelClosed where the bot cannot write, LimitError for a message that cannot be made to fit, and
    slack_sdk's SlackApiError or a URLError for everything else.
    """

    def __init__(self, client: WebClient, turn: Callable[[str], float] = at_once) -> None:
        """`turn` says how many seconds the next message to a channel has to wait."""
        self._client = client
        self._turn = turn
        self._order: dict[str, threading.Lock] = {}

    def post(self, channel: str, message: Message, thread: str = "", mark: dict[str, str] | None = None) -> str:
        """Post a message (in a thread) and give its timestamp. `mark` travels along invisibly, for `find`.

        One post at a time goes into a channel: Slack takes one a second, and those who wait keep their order.
        """
        content = _content(message)
        if mark:
            content["metadata"] = {"event_type": EVENT_TYPE, "event_payload": mark}
        with self._in_turn(channel), _closed():
            answer = self._client.chat_postMessage(
                channel=channel, thread_ts=thread or None, unfurl_links=False, unfurl_media=False, **content
            )
        return str(answer["ts"])

    def update(self, channel: str, timestamp: str, message: Message) -> None:
        """Replace a message of the bot."""
        with _closed():
            self._client.chat_update(channel=channel, ts=timestamp, **_content(message))

    @contextmanager
    def _in_turn(self, channel: str) -> Iterator[None]:
        with self._order.setdefault(channel, threading.Lock()):
            threading.Event().wait(self._turn(channel))
            yield

    def whisper(self, channel: str, user: str, message: Message, thread: str = "") -> None:
        """Show a message to one person only."""
        with _closed():
            self._client.chat_postEphemeral(channel=channel, user=user, thread_ts=thread or None, **_content(message))

    def respond(self, url: str, message: Message) -> bool:
        """Use a response URL, ephemeral and beside the original; False when Slack no longer takes it."""
        body = {"response_type": "ephemeral", "replace_original": False, **_content(message)}
        return WebhookClient(url, timeout=ANSWER_SECONDS).send_dict(body).status_code == 200

    def upload(self, channel: str, thread: str, name: str, title: str, text: str) -> None:
        """Put a text file into a thread."""
        with self._in_turn(channel), _closed():
            self._client.files_upload_v2(
                channel=channel, thread_ts=thread, filename=name, title=title, content=text, snippet_type="text"
            )

    def has_file(self, channel: str, thread: str, name: str) -> bool:
        """Whether the newest messages of a thread bring a file of that name."""
        try:
            found = self._client.conversations_replies(channel=channel, ts=thread, limit=_LOOK_BACK)
        except SlackApiError:
            return False
        messages: list[dict[str, Any]] = found.get("messages") or []
        return any(file.get("name") == name for item in messages for file in item.get("files") or [])

    def direct(self, user: str) -> str:
        """The channel of direct messages with a person."""
        with _closed():
            return str(self._client.conversations_open(users=user)["channel"]["id"])

    def find(self, channel: str, thread: str, mark: dict[str, str]) -> str:
        """The timestamp of the bot's message that carries `mark`; empty when there is none or it may not be read."""
        wanted: dict[str, Any] = {"channel": channel, "limit": _LOOK_BACK, "include_all_metadata": True}
        try:
            if thread:
                found = self._client.conversations_replies(ts=thread, **wanted)
            else:
                found = self._client.conversations_history(**wanted)
        except SlackApiError:
            return ""
        messages: list[dict[str, Any]] = found.get("messages") or []
        return next((str(item["ts"]) for item in messages if _marked(item, mark)), "")


def _marked(item: dict[str, Any], mark: dict[str, str]) -> bool:
    metadata = item.get("metadata") or {}
    return bool(metadata.get("event_type") == EVENT_TYPE and metadata.get("event_payload") == mark)


def _content(message: Message) -> dict[str, Any]:
    fitted = checked(message)
    return {"text": fitted.text, "blocks": list(fitted.blocks)}


@contextmanager
def _closed() -> Iterator[None]:
    try:
        yield
    except SlackApiError as error:
        if code(error) in CLOSED:
            raise ChannelClosed(code(error)) from error
        raise
