"""Connections to a Docker Engine: with TLS, kept alive, and streams that can be cut from another thread."""

import base64
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from typing import IO, Any

from docker import APIClient
from docker.constants import DEFAULT_DOCKER_API_VERSION
from docker.errors import APIError, DockerException
from docker.tls import TLSConfig
from docker.types import CancellableStream
from docker.utils import version_lt
from requests import Response
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from bot.builds.address import Address
from bot.builds.watch import Gone
from commands.base.errors import TesseraError, Unavailable

FAILURES: tuple[type[Exception], ...] = (DockerException, HTTPError, OSError, TesseraError, Gone)
"""What goes wrong on the way to an engine, in the middle of it, or on the way of a context that is still coming."""

OLDEST = "1.40"
"""The oldest API that is spoken: Docker Engine 19.03."""

_SECONDS = 10.0
# A peer that vanished without a word is noticed after a minute and a half, and no gateway forgets an idle connection.
_KEPT_ALIVE = [
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 30),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 15),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 4),
]


class _Kept(HTTPAdapter):
    """HTTP over connections that are kept alive; checks `server_name` in the certificate where one is given."""

    def __init__(self, server_name: str = "") -> None:
        self._server_name = server_name
        super().__init__()

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        options["socket_options"] = _KEPT_ALIVE
        if self._server_name:
            options["assert_hostname"] = options["server_hostname"] = self._server_name
        super().init_poolmanager(connections, maxsize, block, **options)


def connect(address: Address, version: str, seconds: float = _SECONDS) -> APIClient:
    """A client for one engine that speaks that version of the API; sends nothing. Raises DockerException, and
    OSError when nobody listens at a Unix socket.

    No proxy and no login of the person who runs this process is used.
    """
    if address.url.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as probe:  # docker's own connection leaves its socket open when that fails
            probe.settimeout(seconds)
            probe.connect(address.shown)
    trust = address.certificates
    tls: TLSConfig | bool = False
    if trust:
        tls = TLSConfig(client_cert=(str(trust.certificate), str(trust.key)), ca_cert=str(trust.authority), verify=True)
    client = APIClient(address.url, version=version, tls=tls, timeout=seconds)
    client.trust_env = False
    if address.url.startswith("tcp://"):
        client.mount("https://", _Kept(trust.server_name if trust else ""))
        client.mount("http://", _Kept())
    return client


def negotiate(told: Mapping[str, Any]) -> str:
    """The newest API version that both ends speak, from what the engine says at /version. Raises Unavailable."""
    newest, oldest = str(told.get("ApiVersion", "")), str(told.get("MinAPIVersion", "") or OLDEST)
    if not newest or version_lt(newest, OLDEST):
        raise Unavailable(
            f"The Docker Engine speaks API {newest or 'of no version'}, and builds need {OLDEST} or newer.",
            "upgrade the engine to Docker 19.03 or newer",
        )
    if version_lt(DEFAULT_DOCKER_API_VERSION, oldest):
        raise Unavailable(
            f"The Docker Engine wants API {oldest} or newer, and this Tessera speaks {DEFAULT_DOCKER_API_VERSION}.",
            "upgrade Tessera, or set min-api-version in the engine's daemon.json",
        )
    return DEFAULT_DOCKER_API_VERSION if version_lt(DEFAULT_DOCKER_API_VERSION, newest) else newest


def short(error: Exception) -> str:
    """The innermost cause of what the libraries wrap several times, or what the engine says, on one line."""
    if isinstance(error, APIError) and error.explanation:
        return " ".join(str(error.explanation).split())[:300].rstrip(".")
    causes: list[BaseException] = [error]
    while inner := causes[-1].__cause__ or causes[-1].__context__:
        causes.append(inner)
    told = next((cause for cause in reversed(causes) if isinstance(cause, OSError) and str(cause)), error)
    return " ".join((getattr(told, "strerror", "") or str(told)).split())[:300].rstrip(".")


def header(value: Mapping[str, Any]) -> str:
    """A value as the engine takes it in a header: JSON in URL-safe base64."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


class Call:
    """One streaming POST. `messages` is read in one thread; `cut` ends it from another, and with it the engine's work,
    because an engine cancels what nobody listens to."""

    def __init__(self, client: APIClient, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> None:
        self._client = client
        self._url = f"{client.base_url}/v{client.api_version}{path}"
        self._query = query
        self._headers = headers
        self._lock = threading.Lock()
        self._response: Response | None = None
        self._cut = False

    def messages(self, body: IO[bytes] | None = None) -> Iterator[dict[str, Any]]:
        """Send, and yield what comes back; an answer with an HTTP error is one message. Raises FAILURES."""
        data = self._pieces(body) if body else None
        timeout = (_SECONDS, None)  # seconds to connect; no limit on silence here, `watched` sees to that
        with self._client.post(
            self._url, params=self._query, headers=self._headers, data=data, stream=True, timeout=timeout
        ) as response:
            with self._lock:
                if self._cut:
                    return
                self._response = response
            try:
                if response.status_code >= 400:
                    yield _refusal(response)
                else:
                    yield from (_message(line) for line in response.iter_lines(16_384) if line)
            finally:
                with self._lock:
                    self._response = None

    def cut(self) -> None:
        """End the stream; also one that has not begun. May be called again."""
        with self._lock:
            self._cut = True
            if self._response is not None:
                CancellableStream(iter(()), self._response).close()
                self._response = None

    def _pieces(self, body: IO[bytes]) -> Iterator[bytes]:
        while not self._cut and (piece := body.read(65_536)):
            yield piece
        if self._cut:
            raise ConnectionAbortedError("the build was stopped")


def _message(line: bytes) -> dict[str, Any]:
    try:
        message = json.loads(line)
    except ValueError:
        message = None
    return message if isinstance(message, dict) else {"stream": line.decode(errors="replace") + "\n"}


def _refusal(response: Response) -> dict[str, Any]:
    """The message of an HTTP error: the engine's own, or what something in between said."""
    said = response.text[:2000].strip()
    message = _message(said.encode()) if said.startswith("{") else {}
    return message if message.get("message") else {"message": said or f"HTTP status {response.status_code}"}
