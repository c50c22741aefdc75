"""An ASGI application served in a thread of this process."""

from __future__ import annotations

import socket
import threading

import uvicorn
from starlette.applications import Starlette

_START_SECONDS = 15.0


class SandboxError(RuntimeError):
    """The server did not start."""


class Serving:
    """An application behind a listening socket, from `start` to `stop`; connections are cut then."""

    def __init__(self, app: Starlette, listener: socket.socket, name: str) -> None:
        self._listener = listener
        self._server = _Server(
            uvicorn.Config(
                app,
                log_level="critical",
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="websockets-sansio",
                timeout_graceful_shutdown=1,
            )
        )
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]}, name=name, daemon=True)
        self.port = int(listener.getsockname()[1])

    def start(self) -> None:
        """Serve. Raises SandboxError when the server does not come up."""
        self._thread.start()
        if not self._server.ready.wait(_START_SECONDS):
            raise SandboxError("the sandbox server did not start within 15 seconds")

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(_START_SECONDS)


class _Server(uvicorn.Server):
    """A server that tells when it listens, and leaves signals to the program around it."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        self.ready.set()
