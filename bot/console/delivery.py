"""How payloads reach the bot: the port, and signed HTTP requests with the three-second rule."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from time import monotonic
from typing import Any, Literal, Protocol
from urllib.parse import urlencode, urlsplit

from bot.console import limits
from bot.console.schema import Json
from bot.console.signing import signature_headers
from bot.console.workspace import Clock

Kind = Literal["slash_commands", "interactive", "events_api"]


@dataclass(frozen=True)
class Retry:
    """The number of an event's retry, from 1, and why Slack tries again."""

    number: int
    reason: str


@dataclass(frozen=True)
class Ack:
    """What the bot answered: `body` is a JSON object, other text or None; `error` is what people would be told.

    `error` is None when the bot acknowledged in time, else "operation_timeout" or "dispatch_failed".
    """

    body: Any = None
    seconds: float = 0.0
    status: int | None = None
    error: str | None = None
    wants_no_retry: bool = False

    @property
    def ok(self) -> bool:
        """Whether the payload was acknowledged within three seconds."""
        return self.error is None

    @property
    def retry_reason(self) -> str:
        """`x-slack-retry-reason` of the next attempt."""
        if self.error == "operation_timeout":
            return "http_timeout"
        return "http_error" if self.status else "connection_failed"


class Delivery(Protocol):
    """Sends one payload to the bot and waits for its acknowledgement, at most three seconds."""

    def send(self, kind: Kind, payload: Json, retry: Retry | None = None) -> Ack:
        """Deliver; failure is an `Ack` with an error, never an exception."""
        ...


class HttpDelivery:
    """Posts payloads to one request URL, signed as Slack signs."""

    def __init__(self, url: str, secret: str, clock: Clock) -> None:
        self._secret = secret
        self._clock = clock
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"the bot's URL must look like http://127.0.0.1:3000/slack/events, not {url!r}")
        self._path = parts.path or "/"
        host, port = parts.hostname, parts.port
        connection = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._connect: Callable[[], HTTPConnection] = lambda: connection(host, port, timeout=limits.ACK_SECONDS)

    def send(self, kind: Kind, payload: Json, retry: Retry | None = None) -> Ack:
        """Post; only 2xx within three seconds counts as acknowledged."""
        body, content_type = encode(kind, payload)
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            **signature_headers(self._secret, body, int(self._clock())),
        }
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry.number), "X-Slack-Retry-Reason": retry.reason}
        return self._post(body, headers)

    def _post(self, body: bytes, headers: dict[str, str]) -> Ack:
        connection, began = self._connect(), monotonic()
        try:
            connection.request("POST", self._path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        except TimeoutError:
            return Ack(seconds=monotonic() - began, error="operation_timeout")
        except (OSError, HTTPException):
            return Ack(seconds=monotonic() - began, error="dispatch_failed")
        finally:
            connection.close()
        seconds = monotonic() - began
        stop = answer.headers.get("X-Slack-No-Retry") == "1"
        error = "operation_timeout" if seconds > limits.ACK_SECONDS else None
        if not 200 <= answer.status < 300:
            error = "dispatch_failed"
        return Ack(parsed(text), seconds, answer.status, error, stop)


def encode(kind: Kind, payload: Json) -> tuple[bytes, str]:
    """The raw body and its content type: forms for commands and interactions, JSON for events."""
    if kind == "slash_commands":
        return urlencode(payload).encode(), "application/x-www-form-urlencoded"
    if kind == "interactive":
        return urlencode({"payload": json.dumps(payload)}).encode(), "application/x-www-form-urlencoded"
    return json.dumps(payload).encode(), "application/json"


def parsed(text: str) -> Any:
    """An answer's JSON object, other text as it is, None when empty."""
    if not text.strip():
        return None
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, dict) else text
