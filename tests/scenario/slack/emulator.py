"""npm's `emulate` as Slack: an independent judge of the Web API calls, with our manifest's scopes and no more."""

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.slack.manifest import SCOPES
from tests.parts import emulate
from tests.ports import free_port
from tests.scenario.slack.stack import BOT_TOKEN

PERSON_TOKEN = "-".join(["xo" + "xp", "person"])
APP = {"app_id": "A0TESSERA", "bot_id": "B0TESSERA", "bot_user_id": "U0TESSERA"}


def _seed() -> dict[str, Any]:
    bot = {"token": BOT_TOKEN, "type": "bot", "user_id": APP["bot_user_id"], "scopes": sorted(SCOPES), **APP}
    everything = ["channels:read", "channels:history", "chat:write", "im:history", "im:read", "users:read"]
    app = {"client_id": "1.2", "client_secret": "x", "name": "Tessera", "redirect_uris": [], "scopes": sorted(SCOPES)}
    slack = {
        "users": [{"name": "ana", "real_name": "Ana Ferreira"}],
        "oauth_apps": [app | APP | {"bot_name": "tessera"}],
        "channels": [{"name": "shop"}],
        "tokens": [bot, {"token": PERSON_TOKEN, "type": "user", "user": "ana", "scopes": everything}],
        "strict_scopes": True,
    }
    return {"slack": slack}


def node_js() -> str:
    """Node.js itself: a cluster's tools may put another program called `node` first on the PATH."""
    for folder in os.get_exec_path():
        found = shutil.which("node", path=folder)
        if found and _says(found).startswith("v"):
            return found
    raise RuntimeError("Node.js is not on the PATH")


def _says(program: str) -> str:
    return subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout


@contextmanager
def emulator(folder: Path) -> Iterator[str]:
    """Run `emulate` in `folder`; yields the Web API's base URL."""
    port = free_port()
    seed = folder / "seed.json"
    seed.write_text(json.dumps(_seed()))
    options = ["start", "--service", "slack", "--port", str(port), "--seed", str(seed)]
    command = [node_js(), emulate(), *options]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL) as process:
        try:
            url = f"http://127.0.0.1:{port}/api/"
            _wait(url)
            yield url
        finally:
            process.terminate()
            process.wait(60)


def _wait(url: str) -> None:
    client = WebClient(token=PERSON_TOKEN, base_url=url, retry_handlers=[])
    for _ in range(600):
        try:
            client.auth_test()
        except (SlackClientError, OSError):
            threading.Event().wait(0.1)
        else:
            return
    raise RuntimeError("emulate did not start within ten seconds")


class Eyes:
    """What a person sees of the emulated workspace."""

    def __init__(self, url: str) -> None:
        self.client = WebClient(token=PERSON_TOKEN, base_url=url)
        self.user = str(self.client.auth_test()["user_id"])
        self.team = str(self.client.auth_test()["team_id"])
        channels: list[dict[str, Any]] = self.client.conversations_list()["channels"]
        self.channel = next(str(each["id"]) for each in channels if each["name"] == "shop")

    def roots(self) -> list[dict[str, Any]]:
        """The bot's messages in the channel, newest first."""
        found: list[dict[str, Any]] = self.client.conversations_history(channel=self.channel)["messages"]
        return [each for each in found if each.get("user") == APP["bot_user_id"] and not each.get("thread_ts")]

    def replies(self, timestamp: str) -> list[dict[str, Any]]:
        """The replies in a thread."""
        found: list[dict[str, Any]] = self.client.conversations_replies(channel=self.channel, ts=timestamp)["messages"]
        return [each for each in found if each["ts"] != timestamp]

    def wait(self, count: int, timestamp: str = "") -> None:
        """Wait for a number of roots, or of replies in a thread."""
        for _ in range(600):
            found = self.replies(timestamp) if timestamp else self.roots()
            if len(found) >= count:
                return
            threading.Event().wait(0.1)
        raise AssertionError(f"{len(found)} of {count} messages came")
