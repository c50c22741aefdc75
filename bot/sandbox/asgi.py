"""HTTP for the API: bytes in and out, watches and followed logs as streams, exec over a websocket."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response as HttpResponse
from starlette.responses import StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from bot.sandbox.api import Api
from bot.sandbox.jsonish import Object
from bot.sandbox.messages import Request, Response
from bot.sandbox.paths import Target
from bot.sandbox.refusals import RefusalError, expired
from bot.sandbox.store import Change, GoneError, Query, key_of
from bot.sandbox.subresources import exit_status, only_container
from bot.sandbox.tables import build_table, partial

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_CHANNELS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
_STDOUT, _STDERR, _ERROR = 1, 2, 3
_LOG_PAUSE = 0.5
_WATCH_SECONDS = 1800.0
_EXEC_SECONDS = 0.05
"""Seconds that a command takes at least to start, as in a real container: kubectl discards what comes before it has
made its streams ("Unknown stream id 1, discarding message")."""


def build_app(front: Front) -> Starlette:
    """Build the ASGI application that serves an API."""
    routes = [
        WebSocketRoute("/{path:path}", front.exec),
        Route("/{path:path}", front.answer, methods=_METHODS),
    ]
    return Starlette(routes=routes)


class Front:
    """Turns HTTP into requests and answers back into HTTP."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._ended = threading.Event()
        self._watches: dict[asyncio.Queue[Change | None], asyncio.AbstractEventLoop] = {}

    def end(self) -> None:
        """End every open watch and log now, as a server does that goes down in order; from any thread."""
        self._ended.set()
        for queue, loop in list(self._watches.items()):
            with contextlib.suppress(RuntimeError):  # a loop that is closed has no watches any more
                loop.call_soon_threadsafe(queue.put_nowait, None)

    async def answer(self, http: HttpRequest) -> HttpResponse:
        """Answer one HTTP request."""
        request = _read(http, await http.body())
        try:
            if request.method == "GET" and request.flag("watch"):
                target = self._api.authorize(request, self._api.identify(request))
                return self._watch(target, request)
            if request.method == "GET" and request.path.endswith("/log") and request.flag("follow"):
                target = self._api.authorize(request, self._api.identify(request))
                return StreamingResponse(self._follow(target, request), media_type="text/plain")
        except RefusalError as refusal:
            return _write(Response(refusal.status(), refusal.code))
        return _write(self._api.answer(request))

    def _watch(self, target: Target, request: Request) -> HttpResponse:
        query = self._api.reader.query(target, request)
        return StreamingResponse(self._changes(target, query, request), media_type="application/json")

    async def _changes(self, target: Target, query: Query, request: Request) -> AsyncIterator[bytes]:
        store, loop = self._api.store, asyncio.get_running_loop()
        queue: asyncio.Queue[Change | None] = asyncio.Queue()

        def forward(change: Change) -> None:
            loop.call_soon_threadsafe(queue.put_nowait, change)

        show = _Shower(self._api, target, request)
        with store.lock:
            cancel = store.subscribe(forward)
            try:
                backlog = self._backlog(query, request)
            except GoneError as error:
                cancel()
                yield show.line("ERROR", expired(str(error)).status())
                return
        self._watches[queue] = loop
        try:
            for kind, obj in backlog:
                yield show.event(kind, obj)
            if request.flag("sendInitialEvents"):
                yield show.bookmark(store.version)
            asked = request.query.get("timeoutSeconds", "")
            seconds = float(asked) if asked.isdigit() and int(asked) else _WATCH_SECONDS
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    while not self._ended.is_set() and (change := await queue.get()):
                        if found := query.seen(change):
                            yield show.event(*found)
        finally:
            self._watches.pop(queue, None)
            cancel()

    def _backlog(self, query: Query, request: Request) -> list[tuple[str, Object]]:
        store, version = self._api.store, request.query.get("resourceVersion", "")
        if version in ("", "0"):
            selected = query.filter()
            present = store.all(query.group, query.resource, query.namespace)
            return [("ADDED", obj) for obj in present if selected(key_of(query.group, query.resource, obj), obj)]
        changes = store.changes_since(int(version) if version.isdigit() else 0)
        return [found for change in changes if (found := query.seen(change))]

    async def _follow(self, target: Target, request: Request) -> AsyncIterator[bytes]:
        sent = 0
        while not self._ended.is_set():
            pod = self._api.store.find("", "pods", target.namespace, target.name)
            if pod is None:
                return
            try:
                lines = self._api.subresources.log_lines(pod, request)
            except RefusalError as refusal:
                yield json.dumps(refusal.status()).encode()
                return
            for line in lines[sent:]:
                yield f"{line}\n".encode()
            sent = max(sent, len(lines))
            if pod.get("status", {}).get("phase") in ("Succeeded", "Failed"):
                return
            await asyncio.sleep(_LOG_PAUSE)

    async def exec(self, socket: WebSocket) -> None:
        """Serve `pods/exec`: run the command, send its output, then its status."""
        offered = socket.scope.get("subprotocols") or []
        chosen = next((name for name in _CHANNELS if name in offered), None)
        request = _read_socket(socket)
        try:
            target = self._api.authorize(request, self._api.identify(request))
            pod = self._api.writer.read(Target(target.resource, target.namespace, target.name))
            container = socket.query_params.get("container") or only_container(pod)
            result = self._api.runtime.run(pod, container, socket.query_params.getlist("command"))
        except RefusalError as refusal:
            answer = HttpResponse(json.dumps(refusal.status()), refusal.code, media_type="application/json")
            await socket.send_denial_response(answer)
            return
        await socket.accept(subprotocol=chosen)
        await asyncio.sleep(max(result.seconds, _EXEC_SECONDS))
        for channel, text in ((_STDOUT, result.stdout), (_STDERR, result.stderr)):
            if text:
                await socket.send_bytes(bytes([channel]) + text.encode())
        await socket.send_bytes(bytes([_ERROR]) + exit_status(result.code).encode())
        await socket.close()


class _Shower:
    """Writes watch events in the form that the client asked for."""

    def __init__(self, api: Api, target: Target, request: Request) -> None:
        self._api, self._target = api, target
        self._accept = request.headers.get("accept", "")
        self._include = request.query.get("includeObject", "Metadata")

    def event(self, kind: str, obj: Object) -> bytes:
        """One change as a line."""
        if "as=Table" in self._accept:
            version = obj["metadata"].get("resourceVersion", "")
            table = build_table(self._target.resource.kind, [obj], self._api.store.now(), self._include, version)
            return self.line(kind, table)
        if "as=PartialObjectMetadata" in self._accept:
            return self.line(kind, partial(obj))
        return self.line(kind, self._api.reader.typed(self._target, obj))

    def bookmark(self, version: int) -> bytes:
        """The mark that ends the initial events."""
        annotations = {"k8s.io/initial-events-end": "true"}
        meta = {"resourceVersion": str(version), "annotations": annotations}
        return self.line("BOOKMARK", self._api.reader.typed(self._target, {"metadata": meta}))

    def line(self, kind: str, obj: Object) -> bytes:
        """One line of the stream."""
        return json.dumps({"type": kind, "object": obj}, separators=(",", ":")).encode() + b"\n"


def _read(http: HttpRequest, body: bytes) -> Request:
    groups = tuple(http.headers.getlist("impersonate-group"))
    return Request(http.method, http.url.path, dict(http.query_params), dict(http.headers), body, groups)


def _read_socket(socket: WebSocket) -> Request:
    groups = tuple(socket.headers.getlist("impersonate-group"))
    return Request("GET", socket.url.path, dict(socket.query_params), dict(socket.headers), b"", groups)


def _write(response: Response) -> HttpResponse:
    return HttpResponse(response.encoded(), response.code, dict(response.headers), response.content_type)
