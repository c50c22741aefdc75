"""Modals that people have open, and the Home tab of each."""

import secrets
import threading
from dataclasses import dataclass, field

from bot.console import limits
from bot.console.errors import SlackError
from bot.console.people import APP_ID, BOT_ID, TEAM_ID
from bot.console.schema import Json


@dataclass
class View:
    """An open view: what the bot sent, who looks at it and what is filled in so far."""

    id: str
    user: str
    content: Json
    root_id: str
    previous_id: str | None = None
    hash: str = ""
    values: Json = field(default_factory=dict)

    def body(self) -> Json:
        """The `view` object of the Web API and of payloads (docs.slack.dev/reference/objects/view-object)."""
        content = self.content
        return {
            "id": self.id,
            "team_id": TEAM_ID,
            "type": content["type"],
            "blocks": content["blocks"],
            "private_metadata": content.get("private_metadata") or "",
            "callback_id": content.get("callback_id") or "",
            "external_id": content.get("external_id") or "",
            "state": {"values": self.values},
            "hash": self.hash,
            "title": content.get("title"),
            "close": content.get("close"),
            "submit": content.get("submit"),
            "clear_on_close": bool(content.get("clear_on_close")),
            "notify_on_close": bool(content.get("notify_on_close")),
            "submit_disabled": bool(content.get("submit_disabled")),
            "previous_view_id": self.previous_id,
            "root_view_id": self.root_id,
            "app_id": APP_ID,
            "app_installed_team_id": TEAM_ID,
            "bot_id": BOT_ID,
        }


class Views:
    """The stack of modals of each person (three at most) and their Home tabs."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}

    def stack(self, user: str) -> list[View]:
        """The open modals of a person, the visible one last."""
        with self._lock:
            return list(self._stacks.get(user, []))

    def top(self, user: str) -> View | None:
        """The modal that a person sees."""
        return next(iter(reversed(self.stack(user))), None)

    def open(self, user: str, content: Json) -> View:
        """Replace whatever a person has open by a new modal. Raises `duplicate_external_id`."""
        with self._lock:
            self._refuse_duplicate(content)
            name = _new_id()
            view = View(name, user, content, name, hash=_new_hash())
            self._stacks[user] = [view]
            return view

    def push(self, user: str, content: Json) -> View:
        """Put a modal on top. Raises `push_limit_reached`, `not_found` without an open one."""
        with self._lock:
            stack = self._stacks.get(user, [])
            if not stack:
                raise SlackError("not_found")
            if len(stack) >= limits.VIEW_STACK:
                raise SlackError("push_limit_reached")
            self._refuse_duplicate(content)
            view = View(_new_id(), user, content, stack[0].id, stack[-1].id, _new_hash())
            stack.append(view)
            return view

    def update(self, view: View, content: Json, expected_hash: str | None = None) -> View:
        """Change an open view; what was filled in under the same ids stays. Raises `hash_conflict`."""
        with self._lock:
            if expected_hash and expected_hash != view.hash:
                raise SlackError("hash_conflict")
            self._refuse_duplicate(content, view)
            view.content, view.hash = content, _new_hash()
            kept = {str(block.get("block_id")) for block in content["blocks"]}
            view.values = {name: value for name, value in view.values.items() if name in kept}
            return view

    def publish(self, user: str, content: Json, expected_hash: str | None = None) -> View:
        """Set a person's Home tab."""
        with self._lock:
            home = self.homes.get(user)
            if home is None:
                name = _new_id()
                home = self.homes[user] = View(name, user, content, name, hash=_new_hash())
                return home
            return self.update(home, content, expected_hash)

    def find(self, view_id: str | None = None, external_id: str | None = None) -> View:
        """An open view or Home tab. Raises `not_found`: it may have been closed in the meantime."""
        for view in self._all():
            if view.id == view_id or (external_id and view.content.get("external_id") == external_id):
                return view
        raise SlackError("not_found")

    def close(self, user: str, *, clear: bool = False) -> list[View]:
        """Close a person's top modal, or all of them; the closed ones, the top one first."""
        with self._lock:
            stack = self._stacks.get(user, [])
            count = len(stack) if clear else min(1, len(stack))
            return [stack.pop() for _ in range(count)]

    def _all(self) -> list[View]:
        with self._lock:
            return [view for stack in self._stacks.values() for view in stack] + list(self.homes.values())

    def _refuse_duplicate(self, content: Json, besides: View | None = None) -> None:
        name = content.get("external_id")
        if name and any(each is not besides and each.content.get("external_id") == name for each in self._all()):
            raise SlackError("duplicate_external_id")


def _new_id() -> str:
    return f"V0{secrets.token_hex(5).upper()}"


def _new_hash() -> str:
    return f"{secrets.randbelow(10**10)}.{secrets.token_hex(4)}"
