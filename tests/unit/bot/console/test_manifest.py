"""An app manifest decides what the app may do; what Slack would refuse is refused with reasons."""

from typing import Any

import pytest

from bot.console.errors import SlackError
from bot.console.manifest import install
from tests.unit.bot.console.build import Slack

GOOD: dict[str, Any] = {
    "display_information": {"name": "Tessera"},
    "features": {
        "slash_commands": [{"command": "/diagnose", "description": "Say why", "usage_hint": "name"}],
        "shortcuts": [{"name": "Diagnose this", "callback_id": "this", "type": "message", "description": "x"}],
    },
    "oauth_config": {"scopes": {"bot": ["commands", "chat:write", "app_mentions:read"]}},
    "settings": {"event_subscriptions": {"bot_events": ["app_mention"]}, "interactivity": {"is_enabled": True}},
}


def test_good_manifest() -> None:
    app = install(GOOD)
    assert [each.name for each in app.commands] == ["/diagnose"]
    assert [each.callback_id for each in app.shortcuts] == ["this"]
    assert app.events == {"app_mention"}
    assert app.interactive


@pytest.mark.parametrize(
    ("part", "value", "reason"),
    [
        ("display_information", {"name": "x" * 36}, "1 to 35 characters"),
        ("oauth_config", {"scopes": {"bot": ["app_mentions:read"]}}, "needs the scope commands"),
        ("oauth_config", {"scopes": {"bot": ["commands"]}}, "app_mention needs the scope app_mentions:read"),
        ("features", {"slash_commands": [{"command": "diagnose", "description": "x"}]}, "must be a slash"),
        ("features", {"slash_commands": [{"command": "/" + "x" * 32, "description": "x"}]}, "must be a slash"),
        ("features", {"slash_commands": [{"command": "/a"}]}, "needs a description"),
        ("features", {"slash_commands": [{"command": "/a", "description": "x"}] * 2}, "appears twice"),
    ],
)
def test_refused_manifest(part: str, value: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        install({**GOOD, part: value})


def test_method_without_its_scope_is_refused() -> None:
    slack = Slack()
    slack.backend.scopes = frozenset({"commands", "chat:write"})
    assert slack.call("chat.postMessage", channel="C0SHOP", text="x")["ok"]
    with pytest.raises(SlackError) as caught:
        slack.call("users.info", user="U0ANA")
    assert caught.value.body() == {
        "ok": False,
        "error": "missing_scope",
        "needed": "users:read",
        "provided": "chat:write,commands",
    }
    with pytest.raises(SlackError, match="missing_scope"):
        slack.call("conversations.history", channel="C0SHOP")
