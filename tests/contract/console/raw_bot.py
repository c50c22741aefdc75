"""A bot that is nothing but an HTTP server: it notes what it gets and answers as told."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bot.console.server import Console

SECRET = "local-signing-secret"
TOKEN = "xoxb-local"


@dataclass(frozen=True)
class Received:
    """One request as it came in."""

    headers: dict[str, str]
    body: bytes


Answer = tuple[int, str, dict[str, str]]


class RawBot:
    """Notes requests; `answer` decides each response and may block."""

    def __init__(self, answer: Callable[[Received], Answer]) -> None:
        self.received: list[Received] = []
        bot = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                got = Received({name.lower(): value for name, value in self.headers.items()}, body)
                bot.received.append(got)
                status, text, headers = answer(got)
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(text.encode()))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.socket.listen(256)
        self.url = f"http://127.0.0.1:{self.server.server_port}/slack/events"


@contextmanager
def raw_bot(
    answer: Callable[[Received], Answer] = lambda _: (200, "", {}), **options: Any
) -> Iterator[tuple[Console, RawBot]]:
    """The console in front of a raw bot."""
    bot = RawBot(answer)
    thread = threading.Thread(target=bot.server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        with Console(bot.url, SECRET, TOKEN, None, **options) as console:
            yield console, bot
    finally:
        bot.server.shutdown()
        thread.join()
        bot.server.server_close()
