"""Exec over a WebSocket, against a server that speaks the channel protocol well and badly."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import pytest
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve
from websockets.typing import Subprotocol

from bot.cluster.adapter import KubernetesClusters
from bot.cluster.connection import Connection, Fixed
from bot.cluster.transport import Limits
from commands.base.request import Identity
from explainers.operations.base import Answer
from explainers.operations.execs import Exec

Talk = Callable[[ServerConnection], None]
SUCCESS = json.dumps({"status": "Success"}).encode()
OPERATION = Exec("shop", "web-1", ("echo", "a b"), "main")


def failure(code: Any) -> bytes:
    causes = [{"reason": "ExitCode", "message": str(code)}]
    return json.dumps({"status": "Failure", "message": "it failed", "details": {"causes": causes}}).encode()


@contextmanager
def container(talk: Talk, refuse: Response | None = None) -> Iterator[tuple[str, list[Request]]]:
    """A server on loopback; `refuse` answers the handshake instead."""
    seen: list[Request] = []

    def look(_connection: ServerConnection, request: Request) -> Response | None:
        seen.append(request)
        return refuse

    def answer(connection: ServerConnection) -> None:
        try:
            talk(connection)
        except ConnectionClosed:
            return

    protocol = Subprotocol("v4.channel.k8s.io")
    with serve(answer, "127.0.0.1", 0, subprotocols=[protocol], process_request=look) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.socket.getsockname()[1]}", seen
        finally:
            server.shutdown()
            thread.join()


def run(talk: Talk, refuse: Response | None = None, patience: float = 5.0) -> tuple[Answer, list[Request]]:
    with container(talk, refuse) as (url, seen):
        limits = Limits(connect=5.0, patience=patience)
        clusters = KubernetesClusters(Connection("test", url, credentials=Fixed("Bearer t0k3n")), limits)
        answer = clusters.as_identity(Identity("alice", ("dev", "ops"))).run(OPERATION)
        clusters.close()
        return answer, seen


def sends(*messages: bytes) -> Talk:
    def talk(connection: ServerConnection) -> None:
        for message in messages:
            connection.send(message)

    return talk


def test_output_and_exit_code() -> None:
    answer, _ = run(sends(b"\1a ", b"\2oops", b"\1b\n", b"\3" + SUCCESS))
    assert answer.body == {"stdout": "a b\n", "stderr": "oops", "exitCode": 0}
    answer, _ = run(sends(b"\1", b"\3" + failure(3)))
    assert (answer.status, answer.body["exitCode"]) == (200, 3)


def test_the_handshake_carries_command_credentials_and_identity() -> None:
    _, (request,) = run(sends(b"\3" + SUCCESS))
    query = "command=echo&command=a+b&container=main&stdout=true&stderr=true"
    assert request.path == f"/api/v1/namespaces/shop/pods/web-1/exec?{query}"
    assert request.headers["Authorization"] == "Bearer t0k3n"
    assert request.headers["Impersonate-User"] == "alice"
    assert request.headers.get_all("Impersonate-Group") == ["dev", "ops"]


@pytest.mark.parametrize(
    "messages",
    [
        (),
        (b"\1half",),
        (b"\3not json",),
        (b"\3[]",),
        (b"\3" + failure("x"),),
        (b"", b"\x09odd"),
        (b'\3{"details": 1}',),
    ],
)
def test_a_command_whose_end_is_not_told(messages: tuple[bytes, ...]) -> None:
    answer, _ = run(sends(*messages))
    assert answer.status == 0
    assert answer.problem


def test_a_command_that_never_ran_says_why() -> None:
    status = {"status": "Failure", "message": 'exec: "nosuch": executable file not found', "reason": "InternalError"}
    answer, _ = run(sends(b"\3" + json.dumps(status).encode()))
    assert answer.problem == 'exec: "nosuch": executable file not found'


def test_a_command_that_does_not_end() -> None:
    over = threading.Event()

    def talk(connection: ServerConnection) -> None:
        connection.send(b"\1started")
        over.wait(5)

    answer, _ = run(talk, patience=0.3)
    over.set()
    assert answer.body == {"stdout": "started", "stderr": "", "exitCode": -1}
    assert "did not end within 0.3 s" in answer.problem


def test_a_command_that_prints_without_end() -> None:
    def talk(connection: ServerConnection) -> None:
        while True:
            connection.send(b"\1" + b"x" * 500_000)

    answer, _ = run(talk)
    assert "printed more than 4 MiB" in answer.problem


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (HTTPStatus.FORBIDDEN, {"message": "you may not"}, "you may not"),
        (HTTPStatus.NOT_FOUND, {"message": 'pods "web-1" not found'}, 'pods "web-1" not found'),
        (HTTPStatus.BAD_GATEWAY, None, "502 Bad Gateway"),
        (HTTPStatus.FOUND, None, "Redirect"),
    ],
)
def test_a_handshake_that_is_refused(status: HTTPStatus, body: Any, said: str) -> None:
    content = json.dumps(body).encode() if body else b"<html>"
    headers = Headers({"Content-Length": str(len(content)), "Location": "http://127.0.0.1:1/"})
    answer, seen = run(sends(), Response(status, status.phrase, headers, content))
    assert said in answer.problem
    assert answer.status in (status, 0)
    assert len(seen) == 1


def test_nobody_listens() -> None:
    clusters = KubernetesClusters(Connection("test", "http://127.0.0.1:1"))
    answer = clusters.as_identity(Identity()).run(OPERATION)
    clusters.close()
    assert answer.status == 0
    assert "could not be started" in answer.problem
