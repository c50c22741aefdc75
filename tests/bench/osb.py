"""What the broker API costs: a catalog of 1,000 entries, and provision with bind against openbrokerapi's."""

import base64
import itertools
import json
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from tests.bench.chat import wait_for
from tests.bench.figures import Figure
from tests.bench.osb_servers import PASSWORD, USER
from tests.ports import free_port
from tests.unit.bot.osb.shelves import FAST

ENTRIES = 1_000
CONNECTIONS = 4
PAIRS = 200
"""Provisions, each with a bind, of one connection in a round."""

_numbers = itertools.count()
_AUTHORIZATION = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


def figures(runs: int) -> Iterator[Figure]:
    yield from catalog(runs)
    yield from against_openbrokerapi(max(3, runs // 3))


def catalog(runs: int) -> Iterator[Figure]:
    """The whole catalog over one connection, and the same where the platform has it already."""
    with broker(str(ENTRIES)) as port, Connection(port) as platform:
        _, head, body = platform.ask("GET", "/v2/catalog")
        etag = next(line.partition(":")[2].strip() for line in head.split("\r\n") if line.lower().startswith("etag:"))
        size = f"{len(body) / 1000:.0f} kB"
        for name, sent in (("", ""), (", known already", f"If-None-Match: {etag}\r\n")):
            times = []
            for _ in range(runs * 10):
                start = time.perf_counter()
                platform.ask("GET", "/v2/catalog", more=sent)
                times.append((time.perf_counter() - start) * 1000)
            detail = f"client and loopback included; {size}, slowest {max(times):.1f} ms"
            yield Figure(f"catalog of {ENTRIES:,} entries{name}, median", statistics.median(times), 5, "ms", detail)


def against_openbrokerapi(rounds: int) -> Iterator[Figure]:
    """Synchronous provision and bind in both brokers in turn, over connections that stay open."""
    with broker("1") as ours, broker("openbrokerapi") as theirs:
        life(ours)
        life(theirs)
        pairs = [(rate(ours), rate(theirs)) for _ in range(rounds)]
    mine, other = (max(found) for found in zip(*pairs, strict=True))
    detail = f"{mine:.0f} against {other:.0f} requests a second at best, both in memory and on uvicorn"
    yield Figure("provision and bind, openbrokerapi's rate over ours", other / mine, 0.5, "", detail)


def rate(port: int) -> float:
    """Requests a second, with all connections busy."""
    start = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for done in [pool.submit(life, port) for _ in range(CONNECTIONS)]:
            done.result()
    return CONNECTIONS * PAIRS * 2 / (time.perf_counter() - start)


def life(port: int) -> None:
    """Provision and bind, again and again, each with ids of its own."""
    ids = {"service_id": FAST.service_id, "plan_id": FAST.plan_id}
    wish = json.dumps(ids | {"organization_guid": "o", "space_guid": "s"}).encode()
    bind = json.dumps(ids).encode()
    with Connection(port) as platform:
        for _ in range(PAIRS):
            number = next(_numbers)
            instance = f"/v2/service_instances/i{number}"
            for path, body in ((instance, wish), (f"{instance}/service_bindings/b{number}", bind)):
                status, _, _ = platform.ask("PUT", path, body)
                if status != 201:
                    raise RuntimeError(f"{path} was answered with {status}")


class Connection:
    """One connection to a broker that stays open; as little work in the client as can be."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._file = self._socket.makefile("rb")

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()
        self._socket.close()

    def ask(self, method: str, path: str, body: bytes = b"", more: str = "") -> tuple[int, str, bytes]:
        """Status, head and body of the answer."""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {_AUTHORIZATION}\r\n"
            f"X-Broker-API-Version: 2.17\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{more}\r\n"
        )
        self._socket.sendall(head.encode() + body)
        lines = []
        while (line := self._file.readline()) not in (b"\r\n", b""):
            lines.append(line.decode("latin-1").rstrip())
        sizes = [line.partition(":")[2] for line in lines if line.lower().startswith("content-length:")]
        return int(lines[0].split()[1]), "\r\n".join(lines), self._file.read(int(sizes[0])) if sizes else b""


@contextmanager
def broker(kind: str) -> Iterator[int]:
    """A broker in a process of its own: `openbrokerapi`, or ours with so many entries."""
    port = free_port()
    with subprocess.Popen([sys.executable, "-m", "tests.bench.osb_servers", str(port), kind]) as process:
        try:
            wait_for(port)
            yield port
        finally:
            process.terminate()
