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
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.observe.metrics import Metrics

LONGEST_BODY = 1_000_000
LONGEST_PUSH = 5_000_000
"""Bytes. GitHub sends up to 25 MB, for pushes of thousands of commits; what is needed stands in far less."""
CHECK_SECONDS = 5.0
SLACK_THREADS = 8
"""Requests of Slack that are looked at side by side. Each needs a few milliseconds of Python and waits for Redis; with
forty threads, as many as a server has by default, a hundred at once take half as long again."""
PUSH_THREADS = 4

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

    hooks = {"/slack/events": _slack_hook(slack)} if slack is not None else {}
    if pushes is not None:
        threads = ThreadPoolExecutor(PUSH_THREADS, thread_name_prefix="pushes")
        hooks["/github/webhook"] = _Hook(pushes, threads, LONGEST_PUSH)
    app.add_middleware(_Hooks, hooks=hooks)
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


def _slack_hook(slack: SlackEndpoint) -> "_Hook":
    def take(body: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return HttpAnswer(400, {}, "the body is not UTF-8")
        return slack(text, headers)

    return _Hook(take, ThreadPoolExecutor(SLACK_THREADS, thread_name_prefix="slack"), LONGEST_BODY)


@dataclass(frozen=True)
class _Hook:
    """What takes the POSTs of one path, in threads of its own; `longest` is in bytes."""

    take: PushTaker
    threads: ThreadPoolExecutor
    longest: int


class _Hooks:
    """Middleware that answers the paths of hooks itself. They are raw bytes with a signature over them, so there is
    nothing for FastAPI to read in them, and its chain costs as much as looking at the request.

    Source: https://asgi.readthedocs.io/en/latest/specs/www.html
    """

    def __init__(self, app: ASGIApp, hooks: Mapping[str, _Hook]) -> None:
        self._app = app
        self._hooks = hooks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        posted = scope["type"] == "http" and scope["method"] == "POST"
        hook = self._hooks.get(scope["path"]) if posted else None
        if hook is None:
            await self._app(scope, receive, send)
            return
        answer = await _taken(hook, Request(scope, receive))
        response = Response(answer.body, status_code=answer.status, headers=dict(answer.headers))
        await response(scope, receive, send)


async def _taken(hook: _Hook, request: Request) -> HttpAnswer:
    body = await _read(request, hook.longest)
    if body is None:
        return HttpAnswer(413, {}, "the body is too long")
    return await asyncio.get_running_loop().run_in_executor(hook.threads, hook.take, body, dict(request.headers))


async def _read(request: Request, longest: int) -> bytes | None:
    """The body; None as soon as it is longer than any that is expected: nobody has signed it yet."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > longest:
            return None
    return bytes(body)
