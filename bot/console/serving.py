"""uvicorn in a thread: start, wait until it listens, stop."""

import socket
import threading

import uvicorn
from fastapi import FastAPI

_START_SECONDS = 10.0


class ThreadedServer:
    """Serves an application on one address until stopped; `port` is known as soon as it is made."""

    def __init__(self, app: FastAPI, host: str, port: int) -> None:
        self._socket = socket.create_server((host, port), backlog=512)
        self.port: int = self._socket.getsockname()[1]
        self._started = threading.Event()
        config = uvicorn.Config(
            app, log_level="error", access_log=False, lifespan="on", ws="websockets-sansio", timeout_graceful_shutdown=2
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, daemon=True, name="console-server")

    def start(self) -> None:
        """Start serving. Raises RuntimeError when it does not come up."""
        self._thread.start()
        if not self._started.wait(_START_SECONDS):
            raise RuntimeError("the console's server did not start within ten seconds")

    def stop(self) -> None:
        """Stop and wait until every connection is closed."""
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    def listening(self) -> None:
        """To be called by the application's start-up."""
        self._started.set()

    def _serve(self) -> None:
        self._server.run(sockets=[self._socket])
