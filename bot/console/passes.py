"""Short-lived permissions that a person's act gives the bot: trigger ids and response URLs.

A trigger id opens one view within three seconds; a response URL takes five messages within thirty minutes
(docs.slack.dev/interactivity/handling-user-interaction).
"""

import secrets
import threading
from dataclasses import dataclass

from bot.console import limits
from bot.console.errors import SlackError
from bot.console.workspace import Clock


@dataclass
class Trigger:
    """What a trigger id stands for; `view_id` is the view it was clicked in, if any."""

    user: str
    made: float
    view_id: str | None = None
    used: bool = False


@dataclass
class ResponseUrl:
    """What a response URL stands for; `source_ts` is the message whose element was used, if any."""

    user: str
    channel: str
    made: float
    source_ts: str | None = None
    thread_ts: str | None = None
    uses: int = 0


class Passes:
    """Issues and redeems trigger ids and response URLs."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._triggers: dict[str, Trigger] = {}
        self._urls: dict[str, ResponseUrl] = {}

    def trigger(self, user: str, view_id: str | None = None) -> str:
        """A fresh trigger id."""
        name = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        with self._lock:
            self._triggers[name] = Trigger(user, self._clock(), view_id)
        return name

    def redeem_trigger(self, name: str) -> Trigger:
        """Use a trigger id. Raises `invalid_trigger_id`, `exchanged_trigger_id` or `expired_trigger_id`."""
        with self._lock:
            found = self._triggers.get(name)
            if found is None:
                raise SlackError("invalid_trigger_id")
            if found.used:
                raise SlackError("exchanged_trigger_id")
            if self._clock() - found.made > limits.TRIGGER_SECONDS:
                raise SlackError("expired_trigger_id")
            found.used = True
            return found

    def response_url(self, user: str, channel: str, source_ts: str | None = None, thread_ts: str | None = None) -> str:
        """The secret last part of a fresh response URL."""
        name = secrets.token_urlsafe(18)
        with self._lock:
            self._urls[name] = ResponseUrl(user, channel, self._clock(), source_ts, thread_ts)
        return name

    def redeem_url(self, name: str) -> ResponseUrl:
        """Use a response URL once. Raises `invalid_url`, `used_url` or `expired_url`."""
        with self._lock:
            found = self._urls.get(name)
            if found is None:
                raise SlackError("invalid_url")
            if self._clock() - found.made > limits.RESPONSE_URL_SECONDS:
                raise SlackError("expired_url")
            if found.uses >= limits.RESPONSE_URL_USES:
                raise SlackError("used_url")
            found.uses += 1
            return found
