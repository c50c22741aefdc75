"""Delivery of events with Slack's retries: at once, after a minute, after five (docs.slack.dev/apis/events-api)."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.console.delivery import Ack, Delivery, Retry
from bot.console.payloads import event_callback
from bot.console.schema import Json
from bot.console.workspace import Clock


@dataclass
class EventRecord:
    """One event and how its attempts went, for tests and for the curious."""

    envelope: Json
    attempts: list[Ack] = field(default_factory=list)


class EventSender:
    """Sends events in threads of their own, so that nobody waits for the bot."""

    def __init__(self, delivery: Delivery, subscribed: frozenset[str], delays: Sequence[float], clock: Clock) -> None:
        self._delivery = delivery
        self._subscribed = subscribed
        self._delays = delays
        self._clock = clock
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []
        self.sent: list[EventRecord] = []

    def emit(self, event: Json) -> None:
        """Send an event if the app is subscribed to it ("app_mention", "message.im", "message.channels", ...)."""
        if self._name(event) not in self._subscribed or self._stopped.is_set():
            return
        record = EventRecord(event_callback(event, self._clock()))
        self.sent.append(record)
        thread = threading.Thread(target=self._deliver, args=(record,), daemon=True, name="console-event")
        self._threads = [each for each in self._threads if each.is_alive()] + [thread]
        thread.start()

    def stop(self) -> None:
        """Give up waiting for retries."""
        self._stopped.set()
        for each in self._threads:
            each.join()

    def _deliver(self, record: EventRecord) -> None:
        retry: Retry | None = None
        for number, delay in enumerate([*self._delays, None], start=1):
            ack = self._delivery.send("events_api", record.envelope, retry)
            record.attempts.append(ack)
            if ack.ok or ack.wants_no_retry or delay is None or self._stopped.wait(delay):
                return
            retry = Retry(number, ack.retry_reason)

    @staticmethod
    def _name(event: Json) -> str:
        kind = str(event["type"])
        if kind != "message":
            return kind
        return "message." + {"im": "im", "group": "groups"}.get(str(event.get("channel_type")), "channels")
