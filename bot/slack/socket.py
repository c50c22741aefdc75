"""Slack over Socket Mode: no address that Slack could reach is needed."""

import threading
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from commands.base.errors import Unavailable

CONCURRENCY = 10
HELLO_SECONDS = 15.0


class SocketMode:
    """One connection that takes what Slack sends, and connects again when it breaks."""

    def __init__(self, app: App, app_token: str, client: WebClient) -> None:
        connect: Any = SocketModeHandler  # slack_bolt's adapters carry no types
        self._handler = connect(app, app_token, web_client=client, concurrency=CONCURRENCY)
        self._hello = threading.Event()
        self._handler.client.on_message_listeners.append(self._greeted)

    def start(self) -> None:
        """Connect; returns when Slack has said hello.

        Raises Unavailable when it does not, SlackApiError for a refused token, URLError when Slack is away.
        """
        self._handler.connect()
        if not self._hello.wait(HELLO_SECONDS):
            raise Unavailable(f"Slack's Socket Mode did not say hello within {HELLO_SECONDS:.0f} s.")

    def connected(self) -> bool:
        """Whether what people type arrives here now."""
        return self._hello.is_set() and bool(self._handler.client.is_connected())

    def stop(self) -> None:
        """Disconnect; what was acknowledged is on the queue."""
        self._handler.close()

    def _greeted(self, _message: str) -> None:
        self._hello.set()
