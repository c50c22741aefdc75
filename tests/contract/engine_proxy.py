"""A Unix socket in front of an engine, that can die or freeze as an engine would."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class Proxy:
    """Passes on to the socket at `target` until it is told otherwise."""

    def __init__(self, path: Path, target: str) -> None:
        self.url = f"unix://{path}"
        self._target = target
        self._open: set[socket.socket] = set()
        self._running = threading.Event()
        self._running.set()
        self._dead = False
        proxy = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                proxy._pass_on(self.request)

        self._server = socketserver.ThreadingUnixStreamServer(str(path), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False

    def die(self) -> None:
        """Close every connection, and take no new ones."""
        self._dead = True
        for one in list(self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def freeze(self) -> None:
        """Keep every connection, take new ones, and say nothing more."""
        self._running.clear()

    def recover(self) -> None:
        self._dead = False
        self._running.set()

    def _pass_on(self, client: socket.socket) -> None:
        if self._dead:
            return
        with socket.socket(socket.AF_UNIX) as engine:
            engine.connect(self._target)
            self._open |= {client, engine}
            there = threading.Thread(target=self._pump, args=(client, engine), daemon=True)
            there.start()
            self._pump(engine, client)
            there.join()
            self._open -= {client, engine}

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._running.wait()
                sink.sendall(data)
        with suppress(OSError):
            self._running.wait()
            sink.shutdown(socket.SHUT_WR)


@contextmanager
def proxied(folder: Path, target: str) -> Iterator[Proxy]:
    """A proxy on a socket in `folder`."""
    proxy = Proxy(folder / "proxy.sock", target)
    thread = threading.Thread(target=proxy._server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield proxy
    finally:
        proxy.recover()
        proxy.die()
        proxy._server.shutdown()
        thread.join()
        proxy._server.server_close()
