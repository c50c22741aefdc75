"""The Slack app manifest, generated from the registered commands.

    python -m bot.slack.manifest > manifests/slack/manifest.yaml
    python -m bot.slack.manifest https://tessera.example.com > manifests/slack/manifest-http.yaml

Fields and limits: https://docs.slack.dev/reference/app-manifest.
"""

import sys
from typing import Any

import yaml

from bot.registered import load_commands
from bot.slack.mrkdwn import cut
from bot.slack.words import APP
from commands.base.registry import commands

SCOPES = {
    "app_mentions:read": "hears when somebody mentions it",
    "channels:history": "finds its own message again after a crash",
    "channels:read": "sees whether a channel is shared with another organisation",
    "chat:write": "answers",
    "commands": "slash commands",
    "files:write": "puts a long log into the thread",
    "groups:history": "the same in private channels",
    "groups:read": "the same in private channels",
    "im:history": "reads what people write to it directly",
    "im:write": "answers directly where it may not write in the channel",
    "users:read": "sees who is a guest or a bot",
}
EVENTS = ("app_mention", "message.im")
_DESCRIPTION = 2_000
_HINT = 1_000
_LONG = (
    "Tessera says what is wrong with a service on Kubernetes: one sentence of cause, the evidence with its source, "
    "and a game plan of kubectl lines to copy. It asks the cluster as the person who asked, and changes nothing by "
    "itself. Mention it in the thread to go on: why, logs, events, pods, plan, recheck."
)


def manifest(address: str = "") -> dict[str, Any]:
    """The manifest for HTTP mode at `address` (`https://…`), or for Socket Mode without one."""
    load_commands()
    url = f"{address.rstrip('/')}/slack/events" if address else ""
    request: dict[str, Any] = {"request_url": url} if url else {}
    return {
        "display_information": {
            "name": "Tessera",
            "description": "Says what is wrong on Kubernetes, and how to fix it",
            "long_description": _LONG,
            "background_color": "#1f3a5f",
        },
        "features": {
            "bot_user": {"display_name": APP, "always_online": True},
            "app_home": {"messages_tab_enabled": True, "messages_tab_read_only_enabled": False},
            "slash_commands": _slash_commands(url),
        },
        "oauth_config": {"scopes": {"bot": sorted(SCOPES)}},
        "settings": {
            "event_subscriptions": {**request, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **request},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not url,
        },
    }


def _slash_commands(url: str) -> list[dict[str, Any]]:
    """`/tessera` with every subcommand in its hint, then the commands that have a slash command of their own."""
    every = commands()
    own = [(one.name, one.summary, one.usage) for one in every.values() if one.slash]
    rows = [(APP, "Ask about a service on Kubernetes", f"{' | '.join(every)} …"), *own]
    return [
        {
            "command": f"/{name}",
            **({"url": url} if url else {}),
            "description": cut(summary, _DESCRIPTION),
            **({"usage_hint": cut(usage, _HINT)} if usage else {}),
            "should_escape": False,
        }
        for name, summary, usage in rows
    ]


def text(address: str = "") -> str:
    """The manifest as YAML, with the reason for each scope."""
    option = f" {address}" if address else ""
    head = f"# Generated: python -m bot.slack.manifest{option}\n# Paste it at https://api.slack.com/apps?new_app=1.\n"
    body = yaml.safe_dump(manifest(address), sort_keys=False, allow_unicode=True, width=110)
    for scope, why in SCOPES.items():
        body = body.replace(f"    - {scope}\n", f"    - {scope}  # {why}\n")
    return head + body


if __name__ == "__main__":
    sys.stdout.write(text(*sys.argv[1:2]))
