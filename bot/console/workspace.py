"""The workspace's state: people, channels and messages, guarded by one lock and watched by one condition.

Everything that changes goes through `change()`, which raises the version and wakes whoever waits: tests through
`wait_for`, the page through its stream.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bot.console.errors import SlackError
from bot.console.messages import Message
from bot.console.people import BOT_USER, PEOPLE, Channel, Person, seed_channels

Clock = Callable[[], float]
_LOOK_AGAIN_SECONDS = 0.25


class Workspace:
    """People, channels and messages. Every method may be called from any thread."""

    def __init__(self, clock: Clock = time.time) -> None:
        self.clock = clock
        self.people: dict[str, Person] = {each.id: each for each in PEOPLE}
        self.channels: dict[str, Channel] = {each.id: each for each in seed_channels()}
        self.version = 0
        self._messages: dict[str, dict[str, Message]] = {}
        self._last_ts = 0
        self._changed = threading.Condition(threading.RLock())
        self._listeners: list[Callable[[], None]] = []

    @contextmanager
    def change(self) -> Iterator[int]:
        """Hold the lock, raise the version and tell everyone afterwards; yields the new version."""
        with self._changed:
            self.version += 1
            yield self.version
            self._changed.notify_all()
        for each in list(self._listeners):
            each()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every change, from the thread that changed something."""
        self._listeners.append(listener)

    def forget(self, listener: Callable[[], None]) -> None:
        """Stop calling a listener."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def wait_for(self, predicate: Callable[[], object], seconds: float) -> bool:
        """Wait until `predicate` is true, looking again after every change; False when the time is over.

        It also looks now and then without a change, because a predicate may watch something outside the workspace.
        """
        end = time.monotonic() + seconds
        with self._changed:
            while not predicate():
                left = end - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(min(left, _LOOK_AGAIN_SECONDS))
            return True

    def next_ts(self) -> str:
        """A message timestamp, unique and rising in the whole workspace: seconds and six digits."""
        with self._changed:
            self._last_ts = max(self._last_ts + 1, int(self.clock() * 1_000_000))
            return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def channel(self, name: str) -> Channel:
        """By id, or by name with or without #. Raises `channel_not_found`."""
        with self._changed:
            found = self.channels.get(name) or next(
                (each for each in self.channels.values() if each.name and each.name == name.removeprefix("#")), None
            )
        if found is None:
            raise SlackError("channel_not_found")
        return found

    def direct(self, user: str) -> Channel:
        """The direct messages between a person and the bot. Raises `user_not_found`."""
        if user not in self.people:
            raise SlackError("user_not_found")
        with self._changed:
            found = next((each for each in self.channels.values() if each.user == user), None)
            if found is None:
                found = self.channels[f"D{user[1:]}"] = Channel(f"D{user[1:]}", "", {user, BOT_USER}, user=user)
            return found

    def person(self, name: str) -> Person:
        """By id, or by handle with or without @. Raises `user_not_found`."""
        handle = name.removeprefix("@")
        found = self.people.get(name) or next((each for each in self.people.values() if each.name == handle), None)
        if found is None:
            raise SlackError("user_not_found")
        return found

    def add_channel(self, channel: Channel) -> Channel:
        """Add a channel, for tests of places where the bot is not a member."""
        with self.change():
            self.channels[channel.id] = channel
        return channel

    def post(self, message: Message) -> Message:
        """Keep a new message."""
        with self.change() as version:
            message.version = version
            self._messages.setdefault(message.channel, {})[message.ts] = message
            self._touch_root(message, version)
        return message

    def touch(self, message: Message, **changes: object) -> None:
        """Change fields of a message in one step."""
        with self.change() as version:
            for name, value in changes.items():
                setattr(message, name, value)
            message.version = version
            self._touch_root(message, version)

    def _touch_root(self, message: Message, version: int) -> None:
        root = self._messages.get(message.channel, {}).get(message.thread_ts or "")
        if root is not None:
            root.version = version

    def find(self, channel: str, ts: str) -> Message | None:
        """A message by channel and timestamp, ephemeral ones included, deleted ones not."""
        with self._changed:
            found = self._messages.get(channel, {}).get(ts)
        return found if found is not None and not found.deleted else None

    def messages(self, channel: str) -> list[Message]:
        """All messages of a channel that everyone sees, oldest first, replies included."""
        return [each for each in self.everything(channel) if each.ephemeral_to is None and not each.deleted]

    def replies(self, channel: str, ts: str) -> list[Message]:
        """The replies in a thread, oldest first, without its root."""
        return [each for each in self.messages(channel) if each.thread_ts == ts and each.ts != ts]

    def ephemerals(self, channel: str, user: str) -> list[Message]:
        """What only `user` sees in a channel, oldest first."""
        return [each for each in self.everything(channel) if each.ephemeral_to == user and not each.deleted]

    def everything(self, channel: str) -> list[Message]:
        """Every message of a channel, deleted and ephemeral ones included, oldest first."""
        with self._changed:
            return list(self._messages.get(channel, {}).values())
