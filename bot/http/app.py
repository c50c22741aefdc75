"""The HTTP application of every process: Slack and GitHub's pushes where they are wired, health and metrics always.

`/healthz` says that the process runs; `/readyz` asks what it needs (Redis, Slack, the cluster) and names what is
missing; `/metrics` is Prometheus text.
"""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool

from bot.observe.metrics import Metrics

LONGEST_BODY = 1_000_000
LONGEST_PUSH = 5_000_000
"""Bytes. GitHub sends up to 25 MB, for pushes of thousands of commits; what is needed stands in far less."""
CHECK_SECONDS = 5.0
SLACK_THREADS = 8
"""Requests of Slack that are looked at side by side. Each needs a few milliseconds of Python and waits for Redis; with
forty threads, as many as a server has by default, a hundred at once take half as long again."""

Check = Callable[[], bool]


@dataclass(frozen=True)
class HttpAnswer:
    """Status, headers and body of an answer."""

    status: int
    headers: Mapping[str, str]
    body: str


SlackEndpoint = Callable[[str, Mapping[str, str]], HttpAnswer]
PushTaker = Callable[[bytes, Mapping[str, str]], HttpAnswer]


def http_app(
    metrics: Metrics,
    checks: Mapping[str, Check],
    slack: SlackEndpoint | None = None,
    pushes: PushTaker | None = None,
) -> FastAPI:
    """Build the application. `checks` by name return whether a part is reachable; an exception counts as not."""
    app = FastAPI(title="Tessera", openapi_url=None, docs_url=None, redoc_url=None)

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz")
    def readyz(response: Response) -> dict[str, Any]:
        parts = run_checks(checks)
        response.status_code = 200 if all(parts.values()) else 503
        return {"status": "ok" if all(parts.values()) else "not ready", "parts": parts}

    @app.get("/metrics")
    def metrics_text() -> Response:
        return Response(metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    if slack is not None:
        _add_slack(app, slack)
    if pushes is not None:
        _add_pushes(app, pushes)
    return app


def run_checks(checks: Mapping[str, Check]) -> dict[str, bool]:
    """Run checks side by side, so that readiness takes as long as the slowest, at most five seconds."""
    if not checks:
        return {}
    pool = ThreadPoolExecutor(max_workers=len(checks))
    futures = {name: pool.submit(check) for name, check in checks.items()}
    results: dict[str, bool] = {}
    for name, future in futures.items():
        try:
            results[name] = future.exception(timeout=CHECK_SECONDS) is None and future.result()
        except TimeoutError:
            results[name] = False
    pool.shutdown(wait=False)
    return results


def _add_slack(app: FastAPI, slack: SlackEndpoint) -> None:
    threads = ThreadPoolExecutor(SLACK_THREADS, thread_name_prefix="slack")

    @app.post("/slack/events")
    async def slack_events(request: Request) -> Response:
        body = await _read(request)
        if body is None:
            return Response("the body is too long", status_code=413)
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return Response("the body is not UTF-8", status_code=400)
        answer = await asyncio.get_running_loop().run_in_executor(threads, slack, text, dict(request.headers))
        return Response(answer.body, status_code=answer.status, headers=dict(answer.headers))


def _add_pushes(app: FastAPI, pushes: PushTaker) -> None:
    @app.post("/github/webhook")
    async def github_webhook(request: Request) -> Response:
        body = await _read(request, LONGEST_PUSH)
        if body is None:
            return Response("the body is too long", status_code=413)
        answer = await run_in_threadpool(pushes, body, dict(request.headers))
        return Response(answer.body, status_code=answer.status, headers=dict(answer.headers))


async def _read(request: Request, longest: int = LONGEST_BODY) -> bytes | None:
    """The body; None as soon as it is longer than any that is expected: nobody has signed it yet."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > longest:
            return None
    return bytes(body)
