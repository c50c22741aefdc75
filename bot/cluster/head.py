"""The head of an answer (status line and headers) comes whole within the time-out of one read.

A socket's time-out counts anew for every few bytes, so a server that drips its headers would never meet it.
"""

import http.client
import io
import socket
import time
from typing import Any, cast

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection


class _Pieces(io.RawIOBase):
    """What comes from a socket, piece by piece; until `until`, if that is set, whatever the socket's own time-out."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw = raw
        self._sock = sock
        self.until: float | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self.until is not None:
            left = self.until - time.monotonic()
            if left <= 0:
                raise TimeoutError("timed out")
            self._sock.settimeout(left)
        return cast(int | None, self._raw.readinto(buffer))

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """Raises TimeoutError from `begin` when the head is not whole in time."""

    def __init__(self, sock: socket.socket, *args: Any, **more: Any) -> None:
        super().__init__(sock, *args, **more)
        self._from = sock
        self._pieces = _Pieces(self.fp.detach(), sock)
        self.fp = io.BufferedReader(self._pieces)

    def begin(self) -> None:
        seconds = self._from.gettimeout()
        if seconds is None:
            super().begin()
            return
        self._pieces.until = time.monotonic() + seconds
        super().begin()
        self._pieces.until = None
        self._from.settimeout(seconds)


class _Plain(HTTPConnection):
    response_class = _Response


class _Secure(HTTPSConnection):
    response_class = _Response


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Secure


POOLS: dict[str, type[urllib3.HTTPConnectionPool]] = {"http": _PlainPool, "https": _SecurePool}
"""For `pool_classes_by_scheme` of a pool manager."""
