"""One request over HTTP: time-outs everywhere, retries for what may be repeated, counted.

Reads are repeated after 429 and 5xx answers and broken connections; writes only after 429 (the API did not look at
them) and 401 (nor there). Nothing is ever raised for what the network or the API does: it becomes an Answer.
"""

import http.client
import json
import random
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

import urllib3

from bot.cluster.answers import decode, refusal
from bot.cluster.connection import Connection
from bot.cluster.failures import failure
from bot.cluster.head import POOLS
from commands.base.errors import Unavailable
from explainers.operations.base import Answer, Request

_JITTER = random.SystemRandom()
REPEATABLE = frozenset({429, 500, 502, 503, 504})
PIECE = 256 * 1024


@dataclass(frozen=True)
class Limits:
    """Seconds, tries and bytes. `patience` bounds one request with all its retries; `parallel` the open connections."""

    connect: float = 5.0
    read: float = 15.0
    patience: float = 30.0
    tries: int = 4
    backoff: float = 0.2
    answer_bytes: int = 64 * 1024 * 1024
    parallel: int = 8


class Transport:
    """Sends requests to one cluster. Safe to share between threads; holds no identity."""

    def __init__(self, connection: Connection, limits: Limits) -> None:
        self.connection = connection
        self.limits = limits
        self.requests = 0
        self.bytes_received = 0
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._pool = _pool(connection, limits)

    def close(self) -> None:
        """Drop the connections; waiting retries give up."""
        self._closed.set()
        self._pool.clear()

    def count(self, requests: int, received: int) -> None:
        with self._lock:
            self.requests += requests
            self.bytes_received += received

    def headers(self, identity: Mapping[str, list[str]], **more: str) -> urllib3.HTTPHeaderDict:
        """A fresh set for each request: credentials and whom to impersonate. Raises Unavailable."""
        headers = urllib3.HTTPHeaderDict({key.replace("_", "-"): value for key, value in more.items()})
        headers["User-Agent"] = "tessera"
        if authorization := self.connection.credentials.header():
            headers["Authorization"] = authorization
        for name, values in (identity or self.connection.acts_as).items():
            for value in values:
                headers.add(name, value)
        return headers

    def send(self, request: Request, identity: Mapping[str, list[str]]) -> Answer:
        """Send one request, repeated where that is safe."""
        deadline = time.monotonic() + self.limits.patience
        renewed = False
        for attempt in range(1, self.limits.tries + 1):
            answer, wait = self._once(request, identity, deadline)
            if answer.status == 401 and not renewed and self.connection.credentials.renew():
                renewed = True
                continue
            if attempt == self.limits.tries or not _may_repeat(request, answer):
                break
            pause = max(wait, self.limits.backoff * 2 ** (attempt - 1) * _JITTER.uniform(0.5, 1.5))
            if time.monotonic() + pause > deadline or self._closed.wait(pause):
                break
        return answer

    def _once(self, request: Request, identity: Mapping[str, list[str]], deadline: float) -> tuple[Answer, float]:
        """One try: the answer, and how many seconds the API asked us to wait."""
        read = min(self.limits.read, max(1.0, deadline - time.monotonic()))
        try:
            response = self._open(request, identity, read)
            try:
                content = self._content(response, deadline)
            finally:
                response.close()
        except Unavailable as error:
            return Answer(0, problem=" ".join((error.message, error.hint)).strip()), 0.0
        except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, UnicodeError, ValueError) as error:
            return Answer(0, problem=failure(request, self.connection, error, self.limits.connect, read)), 0.0
        if len(content) > self.limits.answer_bytes:
            return Answer(0, problem=f"The answer is larger than {self.limits.answer_bytes >> 20} MiB."), 0.0
        return decode(request, response.status, content), _retry_after(response.headers.get("Retry-After", ""))

    def _open(self, request: Request, identity: Mapping[str, list[str]], read: float) -> urllib3.BaseHTTPResponse:
        headers = self.headers(identity, Accept=request.accept, Accept_Encoding="gzip")
        body = None
        if request.body is not None:
            headers["Content-Type"] = request.content_type
            body = json.dumps(request.body).encode()
        self.count(1, 0)
        return self._pool.request(
            request.method,
            self.url(request),
            body=body,
            headers=headers,
            timeout=urllib3.Timeout(connect=self.limits.connect, read=read),
            retries=False,
            redirect=False,
            preload_content=False,
        )

    def _content(self, response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
        """The whole body, a piece past the limit at most. Leaves the connection reusable when all was read.

        A server that keeps sending a little never meets the time-out of one read, so the deadline holds here too.
        """
        content = bytearray()
        while piece := response.read1(PIECE):
            content += piece
            if len(content) > self.limits.answer_bytes:
                break
            if time.monotonic() > deadline:
                raise TimeoutError(f"the answer was not whole after {self.limits.patience:g} s")
        else:
            response.release_conn()
        self.count(0, len(content))
        return bytes(content)

    def url(self, request: Request) -> str:
        return self.connection.host + request.path + ("?" + urlencode(request.query) if request.query else "")

    def lines(self, request: Request, identity: Mapping[str, list[str]], seconds: float) -> Iterator[dict[str, Any]]:
        """The JSON objects of a stream, one a line, until `seconds` have passed or the stream ends or breaks.

        An answer that is not a stream is yielded as one event of type ERROR with the API's Status.
        """
        deadline = time.monotonic() + seconds
        try:
            response = self._open(request, identity, seconds + 1)
        except (Unavailable, urllib3.exceptions.HTTPError, OSError, ValueError):
            return
        try:
            if response.status >= 300:
                refused = refusal(response.status, response.read(self.limits.answer_bytes))
                yield {"type": "ERROR", "object": refused.body or {"code": refused.status, "message": refused.problem}}
                return
            yield from self._events(response, deadline)
        except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError):
            return  # the stream ended; whoever needs more watches again
        finally:
            response.close()

    def _events(self, response: urllib3.BaseHTTPResponse, deadline: float) -> Iterator[dict[str, Any]]:
        rest = b""
        for chunk in response.stream(-1, decode_content=True):
            self.count(0, len(chunk))
            *lines, rest = (rest + chunk).split(b"\n")
            for line in filter(None, lines):
                try:
                    event = json.loads(line)
                except (ValueError, RecursionError):
                    return
                if isinstance(event, dict):
                    yield event
            if time.monotonic() >= deadline:
                return


def _pool(connection: Connection, limits: Limits) -> urllib3.PoolManager:
    pool: urllib3.PoolManager
    options: dict[str, Any] = {"num_pools": 2, "maxsize": limits.parallel}
    if connection.host.startswith("https://"):
        options["ssl_context"] = connection.trust.context()
        options["cert_reqs"] = "CERT_REQUIRED" if connection.trust.verify else "CERT_NONE"
        if connection.trust.server_name:
            options["server_hostname"] = connection.trust.server_name
    if connection.proxy:
        try:
            pool = urllib3.ProxyManager(connection.proxy, proxy_headers=proxy_login(connection.proxy), **options)
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            raise Unavailable(f"The proxy {connection.proxy} cannot be used: {error}.") from error
    else:
        pool = urllib3.PoolManager(**options)
    pool.pool_classes_by_scheme = POOLS
    return pool


def proxy_login(proxy: str) -> dict[str, str]:
    """The header that logs in to a proxy whose URL has a user name and password."""
    parts = urlsplit(proxy)
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username else None
    return urllib3.util.make_headers(proxy_basic_auth=login)


def _may_repeat(request: Request, answer: Answer) -> bool:
    if answer.status == 429:
        return True
    return request.method == "GET" and (answer.status in REPEATABLE or answer.status == 0)


def _retry_after(value: str) -> float:
    """Seconds; the HTTP-date form is not used by the Kubernetes API."""
    return float(value) if value.isdecimal() else 0.0
