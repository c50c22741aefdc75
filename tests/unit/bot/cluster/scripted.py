"""An API server on loopback that answers what a test has written down, byte for byte, and records what it was sent."""

import json
import socketserver
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesHeaderParser
from typing import Any

NOTHING = b""


def answer(status: int = 200, body: Any = None, headers: Mapping[str, str] | None = None, cut: int = 0) -> bytes:
    """An HTTP answer; `cut` leaves so many bytes of the body unsent."""
    content = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
    lines = {"Content-Type": "application/json", "Content-Length": str(len(content)), **(headers or {})}
    head = "".join(f"{key}: {value}\r\n" for key, value in lines.items())
    return f"HTTP/1.1 {status} X\r\n{head}\r\n".encode() + content[: len(content) - cut]


def refused(status: int, message: str, headers: Mapping[str, str] | None = None) -> bytes:
    body = {"kind": "Status", "status": "Failure", "message": message, "code": status}
    return answer(status, body, headers)


@dataclass
class Received:
    """A request as it came."""

    method: str
    target: str
    headers: Message
    body: bytes


@dataclass
class Scripted:
    """The answers in order; the last is repeated. `hold` makes every answer wait until it is set.

    `pause` sends an answer byte by byte, with so many seconds between them.
    """

    answers: Sequence[bytes]
    received: list[Received] = field(default_factory=list)
    hold: threading.Event = field(default_factory=threading.Event)
    port: int = 0
    pause: float = 0.0
    busiest: int = 0
    _busy: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def take(self, request: Received) -> bytes:
        with self._lock:
            self.received.append(request)
            self._busy += 1
            self.busiest = max(self.busiest, self._busy)
            reply = self.answers[min(len(self.received), len(self.answers)) - 1]
        self.hold.wait(60)
        with self._lock:
            self._busy -= 1
        return reply


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def scripted(*answers: bytes) -> Iterator[Scripted]:
    script = Scripted(answers)
    script.hold.set()
    never = threading.Event()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while line := self.rfile.readline():
                method, target, _ = line.decode().split(" ")
                head = b"".join(iter(self.rfile.readline, b"\r\n"))
                headers = BytesHeaderParser().parsebytes(head)
                body = self.rfile.read(int(headers.get("Content-Length", "0")))
                reply = script.take(Received(method, target, headers, body))
                for byte in reply if script.pause else ():
                    self.wfile.write(bytes([byte]))
                    never.wait(script.pause)
                if not script.pause:
                    self.wfile.write(reply)
                if not _whole(reply):
                    return

    with _Server(("127.0.0.1", 0), Handler) as server:
        script.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield script
        finally:
            server.shutdown()
            thread.join()


def _whole(reply: bytes) -> bool:
    """Whether the connection can be kept: the answer is as long as it says."""
    head, _, content = reply.partition(b"\r\n\r\n")
    length = BytesHeaderParser().parsebytes(head.partition(b"\r\n")[2]).get("Content-Length")
    return bool(reply) and length is not None and int(length) == len(content)
