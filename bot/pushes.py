"""GitHub's webhook: a signed push to a branch that somebody stands for becomes a build, once.

The signature covers the body, not the headers. So a delivery is known again by its body as well as by its number, and
told to be old by the time in the body: what GitHub may still send again (three days) is remembered for longer than it
is believed. Forged, repeated and old ones start nothing.
"""

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from bot.http.app import HttpAnswer
from bot.observe.logs import logger
from bot.observe.metrics import Metrics
from bot.source.address import github_name
from bot.source.github.webhook import Push, read_push, signed
from bot.source.refs import parse_ref
from commands.base.errors import Unavailable, UsageError
from commands.base.ports import Clock, StateStore
from commands.base.pushes import Sponsor, sponsors

BELIEVED = timedelta(days=3)
"""https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks"""
AHEAD = timedelta(minutes=5)
SEEN_SECONDS = 5 * 86_400
TAKING_SECONDS = 60

_log = logger(__name__)
Take = Callable[[Sponsor, Push, str], None]
"""Build what somebody stands for; the text tells this delivery from every other."""


@dataclass(frozen=True)
class PushEndpoint:
    """POST /github/webhook. `host` is the GitHub that is spoken to, `elsewhere` says what is not there."""

    secret: str
    state: StateStore
    clock: Clock
    metrics: Metrics
    host: str
    take: Take
    elsewhere: Callable[[str], bool]

    def __call__(self, body: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        """Answer one delivery. `headers` are named in small letters."""
        if not signed(self.secret, body, headers.get("x-hub-signature-256", "")):
            return self._refuse(401, "forged", "the signature is not right")
        event, delivery = headers.get("x-github-event", ""), headers.get("x-github-delivery", "")
        if event == "ping":
            return _say(200, "pong")
        if event != "push":
            return _say(202, f"nothing to do for {event[:40] or 'no event'}")
        if not delivery:
            return self._refuse(400, "unreadable", "no X-GitHub-Delivery")
        try:
            push = read_push(body)
        except (ValueError, KeyError, TypeError, OverflowError):
            return self._refuse(400, "unreadable", "this is no push event")
        if push is None:
            return _say(202, "no branch was pushed to")
        if not self._fresh(push):
            return self._refuse(409, "stale", "this push is too long ago")
        return self._once(push, body, delivery)

    def _fresh(self, push: Push) -> bool:
        if push.at is None:
            return True
        age = self.clock.now() - push.at
        return -AHEAD <= age <= BELIEVED

    def _once(self, push: Push, body: bytes, delivery: str) -> HttpAnswer:
        """Take a push that was not seen before. One that could not be taken may be sent again."""
        digest = hashlib.sha256(body).hexdigest()
        keys = [f"push-seen:{digest}", f"push-seen:{hashlib.sha256(delivery.encode()).hexdigest()}"]
        claimed: list[str] = []
        try:
            for key in keys:
                if not self.state.put_new(key, "taking", TAKING_SECONDS):
                    self._release(claimed)
                    return self._refuse(409, "repeated", "this delivery was seen before")
                claimed.append(key)
            count = self._take(push, digest)
            for key in keys:
                self.state.put(key, "taken", SEEN_SECONDS)
        except Unavailable as error:
            _log.warning("a push could not be taken", error=str(error))
            with suppress(Unavailable):  # then they end by themselves
                self._release(claimed)
            return _say(503, "it cannot be taken now; send it again")
        return _say(202, f"{count} to build")

    def _release(self, claimed: list[str]) -> None:
        for key in claimed:
            self.state.delete(key)

    def _take(self, push: Push, digest: str) -> int:
        """How many builds it starts."""
        try:
            parse_ref(push.branch)
        except UsageError:
            return 0
        wanted = [one for one in sponsors(self.state) if self._meant(one, push)]
        for one in wanted:
            self.take(one, push, f"{digest} {one.key}")
        _log.info("push taken", repository=push.repository, branch=push.branch, commit=push.sha, builds=len(wanted))
        return len(wanted)

    def _meant(self, sponsor: Sponsor, push: Push) -> bool:
        name = "" if self.elsewhere(sponsor.repository) else github_name(sponsor.repository, self.host)
        same = name.lower() == push.repository.lower()
        return same and push.branch == (sponsor.branch or push.default)

    def _refuse(self, status: int, kind: str, why: str) -> HttpAnswer:
        self.metrics.failed(f"{kind}_webhook")
        _log.warning("webhook refused", why=why)
        return _say(status, why)


def _say(status: int, text: str) -> HttpAnswer:
    return HttpAnswer(status, {"content-type": "text/plain; charset=utf-8"}, text)
