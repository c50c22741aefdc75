"""uvicorn in a thread: the port is known before the application is made, and the end is orderly."""

import signal
import socket
import ssl
import threading

import uvicorn
from fastapi import FastAPI

from commands.base.errors import UsageError

START_SECONDS = 10.0
GRACE_SECONDS = 10


class _Announcing(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


class HttpServer:
    """Serves one application on one address; port 0 takes a free one, told by `port`. With `tls` it serves HTTPS.

    `settings` name the host and the port, for the error of an address that cannot be listened on.
    """

    def __init__(
        self,
        host: str,
        port: int,
        tls: ssl.SSLContext | None = None,
        settings: tuple[str, str] = ("TESSERA_HOST", "TESSERA_PORT"),
    ) -> None:
        """Raises UsageError for an address that cannot be listened on."""
        try:
            self._socket = socket.create_server((host, port), backlog=512)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # head and body are two small writes
        except OSError as error:
            why = (error.strerror or str(error)).partition(" (while")[0]
            raise UsageError(
                f"I cannot listen on {host}:{port}: {why}.",
                f"for example {settings[0]}=127.0.0.1 and {settings[1]}=8080; port 0 takes a free one",
            ) from error
        self._tls = tls
        self.port: int = self._socket.getsockname()[1]
        self._server: _Announcing | None = None
        self._thread: threading.Thread | None = None

    def start(self, app: FastAPI) -> None:
        """Start serving. Raises RuntimeError when it does not come up."""
        tls = self._tls
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            proxy_headers=False,
            lifespan="off",
            timeout_graceful_shutdown=GRACE_SECONDS,
            ssl_context_factory=(lambda _config, _default: tls) if tls else None,
        )
        self._server = server = _Announcing(config)
        self._thread = threading.Thread(target=server.run, args=([self._socket],), daemon=True, name="http")
        self._thread.start()
        if not server.listening.wait(START_SECONDS):
            raise RuntimeError(f"the HTTP server did not start within {START_SECONDS:.0f} seconds")

    def stop(self) -> None:
        """Finish the running requests, then close."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join()
        self._socket.close()


def asked_to_end() -> threading.Event:
    """Set once the process is asked to end by SIGTERM or Ctrl-C, which from now on do only that."""
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    return ended
