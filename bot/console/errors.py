"""Slack's way to say no: HTTP 200 with `ok: false`, an error code and sometimes the reasons."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.console.schema import Json


class SlackError(Exception):
    """A Web API call is refused with `code`; `messages` become `response_metadata.messages`."""

    def __init__(self, code: str, messages: Sequence[object] = (), **extra: object) -> None:
        super().__init__(code, *messages)
        self.code = code
        self.messages = [str(each) for each in messages]
        self.extra = extra

    def body(self) -> Json:
        """The JSON that Slack answers with."""
        body: Json = {"ok": False, "error": self.code, **self.extra}
        if self.messages:
            body["response_metadata"] = {"messages": self.messages}
        if self.code == "invalid_blocks":
            body["errors"] = [each.removeprefix("[ERROR] ") for each in self.messages]
        return body


class RateLimited(SlackError):
    """HTTP 429 `ratelimited`; the caller may try again after `retry_after` whole seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("ratelimited")
        self.retry_after = retry_after


@dataclass(frozen=True)
class Refusal:
    """A call of the bot that this Slack refused; a test that expects none can look here."""

    method: str
    error: str
    messages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Advice:
    """Something that Slack accepts but that serves people badly, such as a message without fallback text."""

    method: str
    text: str
