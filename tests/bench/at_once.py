"""Requests that are all sent at the same moment, by one thread that does nothing else.

A thread a request would have each of them wait for the client's own Python before its time is taken.
"""

import selectors
import socket
import time
from collections.abc import Mapping, Sequence


def post(path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """A POST as it goes over the line; the server closes the connection after its answer."""
    every = {"Host": "127.0.0.1", "Connection": "close", "Content-Length": str(len(body)), **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in every.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def all_at_once(port: int, requests: Sequence[bytes]) -> list[tuple[float, int]]:
    """Seconds from the first byte sent to the last received, and the status, of each; 0 for no answer in a minute."""
    waiting = selectors.DefaultSelector()
    ends: list[tuple[float, int]] = []
    connections = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in requests]
    for connection, request in zip(connections, requests, strict=True):
        began = time.monotonic()
        connection.sendall(request)
        connection.setblocking(False)
        waiting.register(connection, selectors.EVENT_READ, (began, bytearray()))
    while len(ends) < len(requests) and (ready := waiting.select(60)):
        for key, _ in ready:
            began, answer = key.data
            if piece := key.fileobj.recv(65_536):  # type: ignore[union-attr]
                answer += piece
                continue
            status = answer.split(b" ", 2)[1:2]
            ends.append((time.monotonic() - began, int(status[0]) if status else 0))
            waiting.unregister(key.fileobj)
    for connection in connections:
        connection.close()
    return ends + [(60.0, 0)] * (len(requests) - len(ends))
