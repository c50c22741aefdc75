"""Socket Mode: addresses, connections, envelopes and their acknowledgements.

Source: docs.slack.dev/apis/events-api/using-socket-mode. Several connections may be open; each payload goes to one of
them, in turn.
"""

import asyncio
import itertools
import json
import secrets
import threading
import uuid
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from time import monotonic
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.console import limits
from bot.console.delivery import Ack, Kind, Retry
from bot.console.people import APP_ID
from bot.console.schema import Json
from bot.console.workspace import Clock


@dataclass(frozen=True, eq=False)
class Connection:
    """One open websocket and the event loop that it belongs to."""

    socket: WebSocket
    loop: asyncio.AbstractEventLoop

    def send(self, message: Json) -> None:
        """Send from any thread."""
        asyncio.run_coroutine_threadsafe(self.socket.send_text(json.dumps(message)), self.loop)

    def close(self) -> None:
        """Close from any thread."""
        asyncio.run_coroutine_threadsafe(self.socket.close(), self.loop)


class SocketHub:
    """All Socket Mode connections of the bot; also the `Delivery` that uses them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._tickets: dict[str, float] = {}
        self._connections: list[Connection] = []
        self._waiting: dict[str, Future[Any]] = {}
        self._turns = itertools.count()

    def new_ticket(self) -> str:
        """A secret that opens one connection within half a minute."""
        ticket = secrets.token_urlsafe(18)
        with self._changed:
            self._tickets[ticket] = self._clock()
        return ticket

    @property
    def connected(self) -> int:
        """How many connections are open."""
        with self._changed:
            return len(self._connections)

    def wait_connected(self, count: int, seconds: float) -> bool:
        """Wait until at least `count` connections are open."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._connections) >= count, timeout=seconds)

    async def serve(self, socket: WebSocket) -> None:
        """Serve one connection until it ends: hello, then acknowledgements."""
        if not self._redeem(socket.query_params.get("ticket", "")):
            await socket.close(1008)
            return
        await socket.accept()
        connection = Connection(socket, asyncio.get_running_loop())
        if not self._admit(connection):
            await socket.send_text(json.dumps(_disconnect("too_many_websockets")))
            await socket.close()
            return
        try:
            await socket.send_text(json.dumps(self._hello()))
            while True:
                self._acknowledge(await socket.receive_text())
        except WebSocketDisconnect:
            return
        finally:
            with self._changed:
                self._connections.remove(connection)
                self._changed.notify_all()

    def send(self, kind: Kind, payload: Json, retry: Retry | None = None) -> Ack:
        """Deliver one envelope to one of the connections and wait for its acknowledgement."""
        began = monotonic()
        name = str(uuid.uuid4())
        answer: Future[Any] = Future()
        with self._changed:
            if not self._connections:
                return Ack(error="dispatch_failed")
            connection = self._connections[next(self._turns) % len(self._connections)]
            self._waiting[name] = answer
        connection.send(_envelope(name, kind, payload, retry))
        try:
            body = answer.result(limits.ACK_SECONDS)
        except FutureTimeout:
            return Ack(seconds=monotonic() - began, error="operation_timeout")
        finally:
            with self._changed:
                del self._waiting[name]
        return Ack(body, monotonic() - began, 200)

    def refresh(self, reason: str = "refresh_requested") -> None:
        """Ask every connection to reconnect, then close it, as Slack does every few hours."""
        with self._changed:
            connections = list(self._connections)
        for each in connections:
            each.send(_disconnect(reason))
            each.close()

    def _redeem(self, ticket: str) -> bool:
        with self._changed:
            made = self._tickets.pop(ticket, None)
        return made is not None and self._clock() - made <= limits.SOCKET_TICKET_SECONDS

    def _admit(self, connection: Connection) -> bool:
        with self._changed:
            if len(self._connections) >= limits.SOCKET_CONNECTIONS:
                return False
            self._connections.append(connection)
            self._changed.notify_all()
            return True

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": self.connected,
            "connection_info": {"app_id": APP_ID},
            "debug_info": {"host": "tessera-console", "build_number": 1, "approximate_connection_time": 18060},
        }

    def _acknowledge(self, text: str) -> None:
        try:
            message = json.loads(text)
        except ValueError:
            return
        if not isinstance(message, dict):
            return
        with self._changed:
            answer = self._waiting.get(str(message.get("envelope_id")))
            if answer is not None and not answer.done():
                answer.set_result(message.get("payload"))


def _disconnect(reason: str) -> Json:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "tessera-console"}}


def _envelope(name: str, kind: Kind, payload: Json, retry: Retry | None) -> Json:
    envelope: Json = {
        "envelope_id": name,
        "type": kind,
        "payload": payload,
        "accepts_response_payload": kind != "events_api",
    }
    if kind == "events_api":
        envelope |= {
            "retry_attempt": retry.number if retry else 0,
            "retry_reason": retry.reason if retry else "",
        }
    return envelope
