"""What Slack's surface remembers between requests: threads, offers behind buttons, where to answer in private.

All of it expires. Button values are opaque ids; what they stand for never leaves.
"""

import json
import math
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from commands.base.ports import StateStore
from explainers.document import Button

THREAD_SECONDS = 14 * 86_400
OFFER_SECONDS = 86_400
RESPONSE_URL_SECONDS = 29 * 60


@dataclass(frozen=True)
class Thread:
    """What a thread is about. `own` says that its root message is the bot's, and may be updated."""

    target: str
    namespace: str
    own: bool = False


@dataclass(frozen=True)
class Offer:
    """What a button stands for. One that says yes to a plan (`approves` is its hash) counts once."""

    action: str
    argument: str
    label: str
    approves: str = ""
    at: str = ""


class Memory:
    """Threads, offers and response URLs in the StateStore."""

    def __init__(self, state: StateStore) -> None:
        self._state = state

    def thread(self, channel: str, timestamp: str) -> Thread | None:
        """What the thread is about, if it is remembered."""
        found = self._state.get(f"thread:{channel}:{timestamp}")
        return Thread(**json.loads(found)) if found else None

    def remember_thread(self, channel: str, timestamp: str, thread: Thread) -> None:
        self._state.put(f"thread:{channel}:{timestamp}", json.dumps(asdict(thread)), THREAD_SECONDS)

    def said(self, channel: str, root: str) -> str:
        """The gist of what was last said in the thread of a root; empty when nothing is remembered."""
        return self._state.get(f"said:{channel}:{root}") or ""

    def remember_said(self, channel: str, root: str, gist: str) -> None:
        self._state.put(f"said:{channel}:{root}", gist, THREAD_SECONDS)

    def offer(self, buttons: Sequence[Button]) -> list[str]:
        """Opaque ids for buttons."""
        values = [f"o-{secrets.token_urlsafe(16)}" for _ in buttons]
        for value, button in zip(values, buttons, strict=True):
            kept = Offer(button.action, button.argument, button.label, button.approves, button.at)
            self._state.put(f"offer:{value}", json.dumps(asdict(kept)), _lasts(button))
        return values

    def offered(self, value: str) -> Offer | None:
        """What a button stands for; None when it expired."""
        found = self._state.get(f"offer:{value}")
        return Offer(**json.loads(found)) if found else None

    def take_offer(self, value: str, request: str) -> Offer | None:
        """The same for whoever pressed it; None also when it counts once and another request was first."""
        offer = self.offered(value)
        if offer is None:
            return None
        if offer.approves and not self.claim(f"offer-used:{value}", request, OFFER_SECONDS):
            return None
        return offer

    def claim(self, key: str, claimant: str, seconds: int) -> bool:
        """Be the one who has `key`: True for the first claimant, and again for the same one."""
        return self._state.put_new(key, claimant, seconds) or self._state.get(key) == claimant

    def remember_url(self, request: str, url: str) -> None:
        """Keep a response URL apart from the job: it lets anybody write who has it."""
        if url:
            self._state.put(f"response-url:{request}", url, RESPONSE_URL_SECONDS)

    def url(self, request: str) -> str:
        return self._state.get(f"response-url:{request}") or ""


def _lasts(button: Button) -> int:
    """For how many seconds a button counts."""
    if not button.until:
        return OFFER_SECONDS
    left = (datetime.fromisoformat(button.until) - datetime.now(UTC)).total_seconds()
    return max(1, min(OFFER_SECONDS, math.ceil(left)))
