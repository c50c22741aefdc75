"""The API over HTTP, as the server serves it: sizes, headers, broken connections, many at once."""

import asyncio
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.http.serving import HttpServer
from bot.osb.app import osb_app
from bot.osb.users import Users
from tests.fakes.broker import FakeBroker
from tests.unit.bot.osb.platforms import BINDING, INSTANCE, PASSWORD, USER, basic, ids, users_file, wish
from tests.unit.bot.osb.shelves import FAST, SLOW

REQUEST_ID = "X-Broker-API-Request-Identity"
HEADERS = {"X-Broker-API-Version": "2.17", REQUEST_ID: "e26cee84-6b38-4456-b34e-d1a9f002c956"}


@pytest.fixture
def url(broker: FakeBroker, tmp_path: Path) -> Iterator[str]:
    server = HttpServer("127.0.0.1", 0)
    server.start(osb_app(broker, Users(users_file(tmp_path))))
    yield f"http://127.0.0.1:{server.port}"
    server.stop()


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, headers=HEADERS | {"Authorization": basic()}) as client:
        yield client


def test_a_life_over_http(client: httpx.Client, broker: FakeBroker) -> None:
    waits = {"accepts_incomplete": "true"}
    assert client.get("/v2/catalog").json()["services"]
    assert client.put(INSTANCE, params=waits, json=wish(SLOW)).status_code == 202
    broker.finish("i1")
    assert client.get(f"{INSTANCE}/last_operation").json()["state"] == "succeeded"
    made = client.put(BINDING, json=ids(SLOW))
    assert (made.status_code, made.headers["content-type"]) == (201, "application/json")
    assert client.get(BINDING).json()["credentials"] == made.json()["credentials"]
    assert client.delete(BINDING, params=ids(SLOW)).json() == {}
    assert client.delete(INSTANCE, params=ids(SLOW) | waits).status_code == 202
    broker.finish("i1")
    assert client.get(f"{INSTANCE}/last_operation").status_code == 410


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/v2/catalog", {}, 200),
        ("GET", "/v2/catalog", {"If-None-Match": "*"}, 304),
        ("GET", "/v2/catalog", {"Authorization": "Basic x"}, 401),
        ("GET", "/v2/catalog", {"X-Broker-API-Version": "3.0"}, 412),
        ("GET", INSTANCE, {}, 404),
        ("PUT", INSTANCE, {}, 400),
        ("DELETE", INSTANCE, {}, 400),
        ("POST", INSTANCE, {}, 405),
        ("HEAD", "/v2/catalog", {}, 405),
        ("OPTIONS", "/", {}, 404),
        ("GET", "/docs", {}, 404),
        ("GET", "/openapi.json", {}, 404),
        ("GET", f"{INSTANCE}%0A", {}, 400),
        ("GET", "/%0A/v2", {}, 404),
        ("GET", f"{INSTANCE}%2Fservice_bindings%2Fb1", {}, 400),
    ],
)
def test_the_request_identity_comes_back_on_every_answer(
    client: httpx.Client, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    got = client.request(method, path, headers=headers)
    assert (got.status_code, got.headers[REQUEST_ID]) == (status, HEADERS[REQUEST_ID])
    if status >= 400 and method != "HEAD":
        assert set(got.json()) == {"error", "description"}


def test_without_a_request_identity_none_comes_back(url: str) -> None:
    assert REQUEST_ID not in httpx.get(f"{url}/v2/catalog").headers


def test_two_version_headers_are_none(url: str) -> None:
    headers = [("X-Broker-API-Version", "2.17"), ("X-Broker-API-Version", "2.13")]
    assert httpx.get(f"{url}/v2/catalog", auth=(USER, PASSWORD), headers=headers).status_code == 412


@pytest.mark.parametrize("content_type", [None, "application/json; charset=utf-8", "text/plain"])
def test_json_is_read_whatever_it_is_called(client: httpx.Client, content_type: str | None) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    assert client.put(INSTANCE, content=json.dumps(wish(FAST)), headers=headers).status_code == 201


def test_a_body_that_is_too_long_is_refused(client: httpx.Client, broker: FakeBroker) -> None:
    long = json.dumps(wish(FAST, parameters={"a": "x" * 1_000_000})).encode()
    for content in (long, iter([long[:500_000], long[500_000:]])):
        got = client.put(INSTANCE, content=content)
        assert (got.status_code, got.json()["error"]) == (413, "PayloadTooLarge")
    assert not broker.instances
    assert client.put(INSTANCE, json=wish(FAST, parameters={"a": "x" * 900_000})).status_code == 201


def test_those_who_are_not_let_in_cannot_make_it_read(url: str) -> None:
    """A body of a megabyte that never comes: the answer does not wait for it."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as stranger:
        head = f"PUT {INSTANCE} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 900000\r\nExpect: 100-continue\r\n\r\n"
        stranger.sendall(head.encode())
        assert stranger.recv(100).startswith(b"HTTP/1.1 401 ")


def test_a_connection_that_was_refused_serves_the_next_request(url: str) -> None:
    with httpx.Client(base_url=url, headers=HEADERS) as client:
        for _ in range(3):
            assert client.put(INSTANCE, content=b"x" * 300_000).status_code == 401
            assert client.get("/v2/catalog", auth=(USER, PASSWORD)).status_code == 200


def test_half_a_body_does_nothing(broker: FakeBroker, tmp_path: Path) -> None:
    """What the platform has sent would be a whole wish, but it hung up before the end."""
    app = osb_app(broker, Users(users_file(tmp_path)))
    pieces: list[dict[str, Any]] = [
        {"type": "http.request", "body": json.dumps(wish(FAST)).encode(), "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return pieces.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"authorization", basic().encode()), (b"x-broker-api-version", b"2.17")]
    scope = {"type": "http", "method": "PUT", "path": INSTANCE, "headers": headers, "query_string": b""}
    asyncio.run(app(scope, receive, send))
    assert not broker.instances
    assert not sent


def test_the_same_wish_many_times_at_once_is_one_instance(client: httpx.Client, broker: FakeBroker) -> None:
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda _: client.put(INSTANCE, json=wish(FAST)).status_code, range(24)))
    assert sorted(codes) == [200] * 23 + [201]
    assert list(broker.instances) == ["i1"]
