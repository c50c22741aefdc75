"""A Slack request as the job that the worker gets: plain data, no credentials, one JSON text."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Literal

from commands.base.request import Actor

Kind = Literal["command", "mention", "click", "form", "push"]


@dataclass(frozen=True)
class Task:
    """What somebody asked, as it came in.

    `command` and `text` are what was typed (for a click: empty, and `offer` is the button's opaque id).
    `thread` is where the answer goes (empty: a new root message), `message` the message that was clicked or that
    mentions the bot. `delivery` tells two deliveries of the same request apart; `long` says that it came by the queue
    of long work. Timestamps are Slack's `ts`. `view` is the open view that waits for a form; of a submitted form,
    `values` are what was filled in, but for the secrets: `ticket` stands for those. A push to a branch is no person's:
    `user` stands for it, `by` pushed the commit `pushed`, and `about` is what is built of it.
    """

    id: str
    kind: Kind
    user: str
    team: str
    channel: str
    enterprise: str = ""
    command: str = ""
    text: str = ""
    thread: str = ""
    message: str = ""
    offer: str = ""
    bot: bool = False
    shared_channel: bool = False
    delivery: str = ""
    long: bool = False
    view: str = ""
    values: dict[str, str] = field(default_factory=dict)
    ticket: str = ""
    by: str = ""
    pushed: str = ""
    about: str = ""

    @property
    def direct(self) -> bool:
        """Whether this was said to the bot alone, in direct messages."""
        return self.channel.startswith("D")

    @property
    def seen_thread(self) -> str:
        """The thread as far as people have it open: Slack shows no ephemeral message in a thread without replies."""
        return "" if self.kind == "mention" and self.thread == self.message else self.thread

    @property
    def actor(self) -> Actor:
        """Who asked, as far as the payload says; bot/slack/people.py adds what only Slack's API knows."""
        return Actor(
            self.user,
            self.team,
            self.enterprise,
            self.channel,
            bot=self.bot,
            shared_channel=self.shared_channel,
        )

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Task":
        return cls(**json.loads(text))


def request_id(key: str) -> str:
    """The id of a request from what Slack gives once and repeats on retries (`trigger_id`, `event_id`)."""
    return f"r-{hashlib.sha256(key.encode()).hexdigest()[:8]}"
