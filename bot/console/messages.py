"""One message and the two ways to show it: as Slack's API does, and as the page needs it."""

from dataclasses import dataclass, field

from bot.console.people import APP_ID, BOT_ID, BOT_USER, TEAM_ID
from bot.console.schema import Json


@dataclass
class Message:
    """A message in a channel; `ephemeral_to` makes it visible to one person and invisible to the API.

    `version` is the workspace's counter at the last change: the page asks for what is newer than it has seen.
    """

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    ephemeral_to: str | None = None
    edited_ts: str | None = None
    files: list[Json] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    metadata: Json | None = None
    state: Json = field(default_factory=dict)
    deleted: bool = False
    version: int = 0

    @property
    def is_reply(self) -> bool:
        """Whether it stands in somebody's thread rather than in the channel."""
        return self.thread_ts is not None and self.thread_ts != self.ts

    def body(self) -> Json:
        """The `message` object of the Web API."""
        body: Json = {"type": "message", "user": self.user, "ts": self.ts, "text": self.text, "team": TEAM_ID}
        if self.user == BOT_USER:
            body |= {"bot_id": BOT_ID, "app_id": APP_ID}
        if self.blocks:
            body["blocks"] = self.blocks
        if self.thread_ts:
            body["thread_ts"] = self.thread_ts
        if self.edited_ts:
            body["edited"] = {"user": self.user, "ts": self.edited_ts}
        if self.files:
            body["files"] = self.files
        if self.reactions:
            body["reactions"] = [
                {"name": name, "users": users, "count": len(users)} for name, users in self.reactions.items()
            ]
        if self.metadata:
            body["metadata"] = self.metadata
        return body

    def for_page(self) -> Json:
        """What the page shows, with the facts that Slack's API does not give."""
        return self.body() | {
            "channel": self.channel,
            "ephemeral": self.ephemeral_to is not None,
            "deleted": self.deleted,
            "state": self.state,
            "version": self.version,
        }
