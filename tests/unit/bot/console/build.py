"""Blocks and backends for the console's tests, made in a line."""

from typing import Any

from bot.console import api
from bot.console.backend import Backend
from bot.console.methods import Call, perform
from bot.console.workspace import Workspace

assert api.chat

TOKEN = "xoxb-local"
APP_TOKEN = "xapp-local"
Block = dict[str, Any]


class Clock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


class Slack:
    """A backend without a server, and calls of its methods."""

    def __init__(self, *, enforce_rates: bool = True) -> None:
        self.clock = Clock()
        self.workspace = Workspace(self.clock)
        self.backend = Backend.create(self.workspace, TOKEN, APP_TOKEN, enforce_rates=enforce_rates)

    def call(self, name: str, /, token: str = TOKEN, is_json: bool = False, **values: Any) -> dict[str, Any]:
        return perform(self.backend, Call(name, token, values, is_json))


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text}


def section(text: str = "hello", **more: Any) -> Block:
    return {"type": "section", "text": mrkdwn(text), **more}


def button(action_id: str = "go", **more: Any) -> Block:
    return {"type": "button", "text": plain("Go"), "action_id": action_id, **more}


def actions(*elements: Block) -> Block:
    return {"type": "actions", "elements": list(elements)}


def option(number: int = 1, **more: Any) -> Block:
    return {"text": plain(f"option {number}"), "value": f"v{number}", **more}


def select(count: int = 2, **more: Any) -> Block:
    return {"type": "static_select", "action_id": "s", "options": [option(n) for n in range(count)], **more}


def confirm(**more: Any) -> Block:
    words = {"title": plain("Sure"), "text": mrkdwn("Really"), "confirm": plain("Yes"), "deny": plain("No")}
    return {**words, **more}


def image(**more: Any) -> Block:
    return {"type": "image", "image_url": "http://127.0.0.1/a.png", "alt_text": "a graph", **more}


def text_input(**more: Any) -> Block:
    element = {"type": "plain_text_input", "action_id": "t", **more}
    return {"type": "input", "label": plain("Name"), "element": element}


def modal(*blocks: Block, **more: Any) -> Block:
    return {
        "type": "modal",
        "title": plain("Title"),
        "submit": plain("Send"),
        "blocks": list(blocks or [section()]),
        **more,
    }
