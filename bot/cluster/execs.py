"""Run a command in a container, over a WebSocket.

The official client's exec sends no impersonation headers and loses the exit code of commands that print nothing, so
the protocol is spoken here: each message starts with a channel byte, and channel 3 ends with a Status.
Source: https://kubernetes.io/docs/reference/using-api/api-concepts/ and k8s.io/apimachinery/pkg/util/remotecommand.
"""

import json
import socket
import ssl
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

import websocket

from bot.cluster.answers import refusal
from bot.cluster.transport import Transport, proxy_login
from commands.base.errors import Unavailable
from explainers.operations.base import Answer, Request

PROTOCOL = "v4.channel.k8s.io"
STDOUT, STDERR, STATUS = 1, 2, 3
OUTPUT_BYTES = 4 * 1024 * 1024


def execute(transport: Transport, request: Request, identity: Mapping[str, list[str]]) -> Answer:
    """The answer's body is `{"stdout": str, "stderr": str, "exitCode": int}`; a command that fails is still ok.

    The exit code is -1 when the command did not end within the transport's patience; `problem` says so.
    """
    transport.count(1, 0)
    deadline = time.monotonic() + transport.limits.patience
    try:
        stream = _open(transport, request, identity)
    except Unavailable as error:
        return Answer(0, problem=error.message)
    except websocket.WebSocketBadStatusException as error:
        body = error.resp_body
        return refusal(error.status_code, body if isinstance(body, bytes) else b"")
    except (websocket.WebSocketException, OSError, ValueError) as error:
        return Answer(0, problem=f"The command could not be started: {error}.")
    try:
        return _collect(transport, stream, deadline)
    finally:
        if stream.sock is not None:
            stream.sock.close()


def _open(transport: Transport, request: Request, identity: Mapping[str, list[str]]) -> websocket.WebSocket:
    headers = [f"{key}: {value}" for key, value in transport.headers(identity).iteritems()]
    return websocket.create_connection(
        "ws" + transport.url(request).removeprefix("http"),
        timeout=transport.limits.connect,
        socket=_socket(transport),
        header=headers,
        subprotocols=[PROTOCOL],
        suppress_origin=True,
        redirect_limit=0,
        skip_utf8_validation=True,
        enable_multithread=False,
    )


def _socket(transport: Transport) -> socket.socket:
    """A connected socket, with the connection's own TLS context, through its proxy."""
    connection, seconds = transport.connection, transport.limits.connect
    target = urlsplit(connection.host)
    host, port = target.hostname or "", target.port or (443 if target.scheme == "https" else 80)
    if connection.proxy:
        raw = _tunnel(connection.proxy, host, port, seconds)
    else:
        raw = socket.create_connection((host, port), timeout=seconds)
    if target.scheme != "https":
        return raw
    try:
        return connection.trust.context().wrap_socket(raw, server_hostname=connection.trust.server_name or host)
    except (OSError, ssl.SSLError):
        raw.close()
        raise


def _tunnel(proxy: str, host: str, port: int, seconds: float) -> socket.socket:
    from http.client import HTTPConnection, HTTPException, HTTPSConnection

    parts = urlsplit(proxy)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    client = kind(parts.hostname or "", parts.port, timeout=seconds)
    client.set_tunnel(host, port, proxy_login(proxy))
    try:
        client.connect()
    except HTTPException as error:
        raise Unavailable(f"The proxy {parts.hostname} does not connect to {host}: {error}.") from error
    if client.sock is None:
        raise Unavailable(f"The proxy {parts.hostname} closed the connection to {host}.")
    return client.sock


def _collect(transport: Transport, stream: websocket.WebSocket, deadline: float) -> Answer:
    output: dict[int, bytearray] = {STDOUT: bytearray(), STDERR: bytearray(), STATUS: bytearray()}
    problem = ""
    while not problem:
        stream.settimeout(max(0.1, deadline - time.monotonic()))
        try:
            opcode, data = stream.recv_data()
        except websocket.WebSocketTimeoutException:
            problem = f"The command did not end within {transport.limits.patience:g} s."
            break
        except (websocket.WebSocketException, OSError):
            break
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            break
        transport.count(0, len(data))
        if data and data[0] in output:
            output[data[0]] += data[1:]
        if sum(map(len, output.values())) > OUTPUT_BYTES:
            problem = f"The command printed more than {OUTPUT_BYTES >> 20} MiB and was left."
    return _answer(output, problem)


def _answer(output: Mapping[int, bytearray], problem: str) -> Answer:
    code, said = _exit_code(bytes(output[STATUS]))
    texts = {"stdout": output[STDOUT].decode("utf-8", "replace"), "stderr": output[STDERR].decode("utf-8", "replace")}
    if code is None and not problem:
        return Answer(0, problem=said or "The connection to the container broke off before the command ended.")
    return Answer(200, {**texts, "exitCode": -1 if code is None else code}, problem)


def _exit_code(content: bytes) -> tuple[int | None, str]:
    """The exit code that the Status on channel 3 tells, or None and its message when the command never ran."""
    try:
        status = json.loads(content)
    except ValueError:
        return None, ""
    if not isinstance(status, dict):
        return None, ""
    if status.get("status") == "Success":
        return 0, ""
    details = status.get("details")
    causes = details.get("causes") if isinstance(details, dict) else None
    for cause in causes if isinstance(causes, list) else []:
        if isinstance(cause, dict) and cause.get("reason") == "ExitCode" and str(cause.get("message")).isdecimal():
            return int(cause["message"]), ""
    return None, str(status.get("message") or "")
