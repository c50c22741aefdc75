"""An act that the page sends again, because its answer was lost, is done once.

Browsers drop a request whose answer is on its way when a network interface appears, and the page sends it anew with
the same `Idempotency-Key` (https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/).
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

HEADER = "Idempotency-Key"
KEPT = 256
"""Acts whose answers are kept; the page gives up after less than a second."""

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Once:
    """The answers of the last acts by key. For one event loop."""

    def __init__(self) -> None:
        self._acts: OrderedDict[str, asyncio.Future[Response]] = OrderedDict()

    async def answer(self, key: str, act: Callable[[], Coroutine[Any, Any, Response]]) -> Response:
        """What `act` answers, or answered to the same key before. One that raised may be tried again."""
        known = self._acts.get(key)
        if known is None:
            known = self._acts[key] = asyncio.ensure_future(act())
            known.add_done_callback(partial(self._forget_failed, key))
            while len(self._acts) > KEPT:
                self._acts.popitem(last=False)
        return await asyncio.shield(known)

    def _forget_failed(self, key: str, done: asyncio.Future[Response]) -> None:
        if done.cancelled() or done.exception():
            self._acts.pop(key, None)


def once_route(once: Once) -> type[APIRoute]:
    """The class of routes whose requests are done once for each key; those without a key, each time."""

    class OnceRoute(APIRoute):
        def get_route_handler(self) -> Handler:
            handle = super().get_route_handler()

            async def handle_once(request: Request) -> Response:
                key = request.headers.get(HEADER)
                if not key:
                    return await handle(request)
                return await once.answer(f"{request.url.path} {key}", lambda: handle(request))

            return handle_once

    return OnceRoute
