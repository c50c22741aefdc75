"""A tiny slack_bolt app that answers a command with a message, a button and a modal: the console's first customer."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode.builtin import SocketModeHandler
from slack_bolt.request import BoltRequest
from slack_sdk import WebClient

from bot.console.server import Console

SECRET = "local-signing-secret"
BOT_TOKEN = "xoxb-local"
APP_TOKEN = "xapp-local"

ROOT_BLOCKS: list[dict[str, Any]] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "*web* is healthy"}},
    {
        "type": "actions",
        "block_id": "what_next",
        "elements": [
            {
                "type": "button",
                "action_id": "recheck",
                "value": "id-1",
                "text": {"type": "plain_text", "text": "Re-check"},
            },
            {"type": "button", "action_id": "ask", "value": "id-2", "text": {"type": "plain_text", "text": "Ask"}},
        ],
    },
]
PICKER: dict[str, Any] = {
    "type": "actions",
    "elements": [
        {
            "type": "external_select",
            "action_id": "service",
            "min_query_length": 2,
            "placeholder": {"type": "plain_text", "text": "Service"},
        }
    ],
}
MODAL: dict[str, Any] = {
    "type": "modal",
    "callback_id": "ask_form",
    "title": {"type": "plain_text", "text": "Ask Tessera"},
    "submit": {"type": "plain_text", "text": "Send"},
    "notify_on_close": True,
    "blocks": [
        {
            "type": "input",
            "block_id": "why",
            "label": {"type": "plain_text", "text": "Why"},
            "element": {"type": "plain_text_input", "action_id": "reason"},
        }
    ],
}


def build_app(console: Console) -> tuple[App, list[str]]:
    """The app and a list in which it notes what it has seen."""
    client = WebClient(token=BOT_TOKEN, base_url=console.api_url)
    app = App(client=client, signing_secret=SECRET, process_before_response=False)
    seen: list[str] = []
    _add_message(app)
    _add_modal(app, seen)
    _add_picker(app)
    _add_shortcut(app)
    _add_events(app, seen)
    return app, seen


def _add_message(app: App) -> None:
    """A command that answers with a message, and the button under it."""

    @app.command("/diagnose")
    def diagnose(ack: Callable[..., Any], command: dict[str, Any], client: WebClient, respond: Any) -> None:
        ack(f"Looking at {command['text']}")
        client.chat_postMessage(channel=command["channel_id"], text="web is healthy", blocks=ROOT_BLOCKS)

    @app.action("recheck")
    def recheck(ack: Callable[[], Any], body: dict[str, Any], client: WebClient, respond: Any) -> None:
        ack()
        where = body["container"]
        client.chat_update(channel=where["channel_id"], ts=where["message_ts"], text="web is still healthy", blocks=[])
        respond(text="checked again", replace_original=False)


def _add_modal(app: App, seen: list[str]) -> None:
    """A button that opens a form, its answer, and its being closed."""

    @app.action("ask")
    def ask(ack: Callable[[], Any], body: dict[str, Any], client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    @app.view("ask_form")
    def answered(ack: Callable[..., Any], view: dict[str, Any], body: dict[str, Any], client: WebClient) -> None:
        reason = view["state"]["values"]["why"]["reason"]["value"]
        if reason == "no":
            ack(response_action="errors", errors={"why": "Say more than no."})
            return
        ack()
        client.chat_postMessage(channel=body["user"]["id"], text=f"You asked: {reason}")

    @app.view_closed("ask_form")
    def closed(ack: Callable[[], Any]) -> None:
        ack()
        seen.append("closed")


def _add_picker(app: App) -> None:
    """A menu whose options the app offers while somebody types."""

    @app.command("/pick")
    def pick(ack: Callable[..., Any]) -> None:
        ack(text="Which service?", blocks=[PICKER])

    @app.options("service")
    def offer(ack: Callable[..., Any], payload: dict[str, Any]) -> None:
        names = [name for name in ("checkout", "checkout-db", "web") if payload["value"] in name]
        ack(options=[{"text": {"type": "plain_text", "text": name}, "value": name} for name in names])

    @app.action("service")
    def picked(ack: Callable[[], Any], action: dict[str, Any], respond: Any) -> None:
        ack()
        respond(text=f"You picked {action['selected_option']['value']}", replace_original=True)


def _add_shortcut(app: App) -> None:
    @app.shortcut("diagnose_this")
    def chosen(ack: Callable[[], Any], shortcut: dict[str, Any], client: WebClient) -> None:
        ack()
        where = {"channel": shortcut["channel"]["id"], "thread_ts": shortcut["message_ts"]}
        client.chat_postMessage(text=f"About: {shortcut['message']['text']}", **where)


def _add_events(app: App, seen: list[str]) -> None:
    @app.event("app_mention")
    def mentioned(event: dict[str, Any], client: WebClient) -> None:
        seen.append(event["text"])
        client.chat_postMessage(
            channel=event["channel"], thread_ts=event.get("thread_ts", event["ts"]), text="Because all pods are ready."
        )

    @app.event("message")
    def heard(event: dict[str, Any]) -> None:
        seen.append(event["text"])


class BoltServer:
    """Serves a slack_bolt app, given later, on a port known at once."""

    def __init__(self) -> None:
        self.app: App | None = None
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                server.answer(self)

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/slack/events"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Hand one request to the app."""
        assert self.app is not None
        body = handler.rfile.read(int(handler.headers["Content-Length"])).decode()
        headers: dict[str, str | Sequence[str]] = dict(handler.headers.items())
        answer = self.app.dispatch(BoltRequest(body=body, headers=headers))
        content = answer.body.encode()
        handler.send_response(answer.status)
        for name, values in answer.headers.items():
            for value in values:
                handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def __enter__(self) -> "BoltServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def http_bot(**options: Any) -> Iterator[tuple[Console, list[str]]]:
    """The console and the example app, speaking HTTP."""
    with BoltServer() as server, Console(server.url, SECRET, BOT_TOKEN, None, **options) as console:
        server.app, seen = build_app(console)
        yield console, seen


@contextmanager
def socket_bot(connections: int = 1, **options: Any) -> Iterator[tuple[Console, list[str]]]:
    """The console and the example app, speaking Socket Mode."""
    with Console(None, SECRET, BOT_TOKEN, APP_TOKEN, **options) as console:
        app, seen = build_app(console)
        web = WebClient(token=APP_TOKEN, base_url=console.api_url)
        handlers = [SocketModeHandler(app, APP_TOKEN, web_client=web, trace_enabled=False) for _ in range(connections)]
        for each in handlers:
            each.client.connect()
        assert console.sockets.wait_connected(connections, 10)
        yield console, seen
        for each in handlers:
            each.client.close()
