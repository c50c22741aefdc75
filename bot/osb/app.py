"""The API as a FastAPI application: reads requests, with limits, and sends answers; `api.py` knows the rest.

One endpoint takes every path: none of FastAPI's own answers (404, 405, 422) is of the form that the specification
wants, and a mounted one would not see paths with line ends.
"""

import asyncio
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.osb import answers
from bot.osb.answers import Answer
from bot.osb.api import REQUEST_ID, Api, Call, Head
from bot.osb.bodies import LONGEST
from bot.osb.ports import Broker
from bot.osb.refusals import Refused
from bot.osb.users import Users

THREADS = 32


def osb_app(broker: Broker, users: Users) -> FastAPI:
    """The application that serves a broker to platforms."""
    return _Application(Endpoint(Api(broker, users)))


class _Application(FastAPI):
    """FastAPI without its middleware, which costs a sixth of a request: the endpoint answers everything, errors too."""

    def __init__(self, endpoint: ASGIApp) -> None:
        super().__init__(title="Tessera broker", openapi_url=None, docs_url=None, redoc_url=None)
        self._endpoint = endpoint

    def build_middleware_stack(self) -> ASGIApp:
        return self._endpoint


class Endpoint:
    """An ASGI application for every path and method."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="osb")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        head = _head(scope)
        answer = await self._answer(head, receive)
        if answer is not None:
            for message in _messages(answer, head.header(REQUEST_ID)):
                await send(message)

    async def _answer(self, head: Head, receive: Receive) -> Answer | None:
        """None: the platform has hung up before it had sent its body, so nothing is done."""
        call = self._api.admit(head)
        if not isinstance(call, Call):
            return call
        if not call.takes_body:
            return await self._carried_out(call, b"")
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            if len(body) > LONGEST:
                return answers.refused(Refused(413, "PayloadTooLarge", f"The body is longer than {LONGEST:,} bytes."))
            if not message.get("more_body", False):
                return await self._carried_out(call, bytes(body))

    async def _carried_out(self, call: Call, body: bytes) -> Answer:
        """In a thread: a broker waits for its store and the cluster. With one future instead of asyncio's three."""
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[Answer] = loop.create_future()

        def carry_out() -> None:
            loop.call_soon_threadsafe(_settle, answered, self._api.carry_out(call, body))

        self._threads.submit(carry_out)
        return await answered


def _settle(answered: "asyncio.Future[Answer]", answer: Answer) -> None:
    if not answered.done():  # cancelled: nobody waits any more
        answered.set_result(answer)


def _head(scope: Scope) -> Head:
    headers: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1").strip())
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    return Head(scope["method"], path.decode("latin-1"), scope["query_string"].decode("latin-1"), headers)


def _messages(answer: Answer, request_id: str | None) -> Iterable[Message]:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()]
    if answer.status != 304:
        headers.append((b"content-type", b"application/json"))
        headers.append((b"content-length", str(len(answer.body)).encode()))
    if request_id:
        headers.append((REQUEST_ID.encode(), request_id.encode("latin-1")))
    yield {"type": "http.response.start", "status": answer.status, "headers": headers}
    yield {"type": "http.response.body", "body": answer.body}
