"""Who somebody is, as only Slack's API can tell: guest, bot, from elsewhere; and whether a channel is shared.

Answers are kept for ten minutes. What cannot be found out is refused, never assumed.
Sources: https://docs.slack.dev/reference/objects/user-object and .../conversation-object.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.slack.client import code, transient
from commands.base.errors import Denied
from commands.base.ports import StateStore
from commands.base.request import Actor

KEPT_SECONDS = 600


@dataclass(frozen=True)
class Person:
    """What Slack says about a user. `guest` includes people of other organisations and deactivated accounts."""

    name: str
    guest: bool
    bot: bool


class People:
    """Completes actors."""

    def __init__(self, client: WebClient, state: StateStore) -> None:
        self._client = client
        self._state = state

    def complete(self, actor: Actor) -> Actor:
        """The actor with guest, bot and shared-channel flags.

        Raises Denied when Slack does not say, SlackApiError or URLError when it cannot be reached.
        """
        if actor.bot:
            return actor
        person = self.person(actor.user, actor.team)
        shared = actor.shared_channel or self._shared(actor.channel)
        return replace(actor, guest=person.guest, bot=person.bot, shared_channel=shared)

    def person(self, user: str, team: str) -> Person:
        """Who a user id is, seen from workspace `team`. Raises as `complete`."""
        known = self._state.get(f"person:{team}:{user}")
        if known:
            return Person(**json.loads(known))
        found: Mapping[str, Any] = self._ask("users.info", user=user)["user"]
        person = _person(found, team)
        self._state.put(f"person:{team}:{user}", json.dumps(asdict(person)), KEPT_SECONDS)
        return person

    def _shared(self, channel: str) -> bool:
        """Whether people of other organisations read a channel. In a private channel without the bot nothing can be
        posted, so answers go to the one person who asked, and it counts as not shared."""
        if not channel or channel.startswith("D"):
            return False
        known = self._state.get(f"shared:{channel}")
        if known is None:
            known = "yes" if self._ask_shared(channel) else "no"
            self._state.put(f"shared:{channel}", known, KEPT_SECONDS)
        return known == "yes"

    def _ask_shared(self, channel: str) -> bool:
        try:
            found: Mapping[str, Any] = self._ask("conversations.info", channel=channel)["channel"]
        except _NoSuchThing:
            return False
        return any(found.get(key) for key in ("is_ext_shared", "is_pending_ext_shared", "is_shared"))

    def _ask(self, method: str, **wanted: str) -> Mapping[str, Any]:
        try:
            answer = self._client.api_call(method, data=wanted)
        except SlackApiError as error:
            if transient(error):
                raise
            what = next(iter(wanted.values()))
            kind = _NoSuchThing if code(error) == "channel_not_found" else Denied
            raise kind(f"I cannot check {what}: Slack's {method} answers `{code(error)}`.") from error
        data: Mapping[str, Any] = answer.data if isinstance(answer.data, dict) else {}
        return data


class _NoSuchThing(Denied):
    """Slack shows the bot no such channel."""


def _person(found: Mapping[str, Any], team: str) -> Person:
    profile = found.get("profile") or {}
    name = profile.get("display_name") or found.get("real_name") or found.get("name") or ""
    elsewhere = bool(team and found.get("team_id") and found["team_id"] != team and not found.get("enterprise_user"))
    guest = any(found.get(key) for key in ("is_restricted", "is_ultra_restricted", "is_stranger", "deleted"))
    return Person(str(name), guest or elsewhere, bool(found.get("is_bot") or found.get("is_workflow_bot")))
