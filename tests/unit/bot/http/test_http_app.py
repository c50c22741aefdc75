"""Health says that the process runs, readiness what is missing, metrics what happened."""

import asyncio
import threading
from collections.abc import Iterator
from itertools import count
from typing import Any

import httpx
import pytest

from bot.http.app import Check, HttpAnswer, http_app, run_checks
from bot.http.serving import HttpServer
from bot.observe.metrics import Metrics
from commands.base.errors import UsageError


def broken() -> bool:
    raise ConnectionError("away")


CHECKS: dict[str, Check] = {"redis": lambda: True, "cluster": broken}


@pytest.fixture
def url() -> Iterator[str]:
    server = HttpServer("127.0.0.1", 0)
    metrics = Metrics()
    metrics.answered("diagnose", "healthy")
    server.start(http_app(metrics, CHECKS))
    yield f"http://127.0.0.1:{server.port}"
    server.stop()


def test_health_readiness_metrics(url: str) -> None:
    assert httpx.get(f"{url}/healthz").json() == {"status": "ok"}
    ready = httpx.get(f"{url}/readyz")
    assert ready.status_code == 503
    assert ready.json() == {"status": "not ready", "parts": {"redis": True, "cluster": False}}
    assert 'tessera_commands_total{command="diagnose",outcome="healthy"} 1.0' in httpx.get(f"{url}/metrics").text


def test_without_slack_there_is_no_slack(url: str) -> None:
    assert httpx.post(f"{url}/slack/events").status_code == 404


def test_a_body_without_end_is_refused_before_it_fills_the_memory() -> None:
    app = http_app(Metrics(), {}, slack=lambda _body, _headers: HttpAnswer(200, {}, "taken"))
    taken, sent = count(), list[dict[str, Any]]()

    async def receive() -> dict[str, Any]:
        assert next(taken) < 20, "it reads on and on"
        return {"type": "http.request", "body": b"x" * 100_000, "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/slack/events", "headers": [], "query_string": b""}
    asyncio.run(app(scope, receive, send))
    assert sent[0]["status"] == 413


def test_an_address_that_cannot_be_listened_on_is_named_with_its_settings() -> None:
    taken = HttpServer("127.0.0.1", 0)
    with pytest.raises(UsageError, match=f"127.0.0.1:{taken.port}: Address already in use.$") as error:
        HttpServer("127.0.0.1", taken.port)
    assert "TESSERA_PORT" in error.value.hint
    taken.stop()


def test_checks_wait_for_each_other_not_in_turn() -> None:
    together = threading.Barrier(2, timeout=60)

    def meets() -> bool:
        return together.wait() >= 0

    assert run_checks({"a": meets, "b": meets}) == {"a": True, "b": True}
    assert run_checks({}) == {}
