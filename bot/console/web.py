"""The HTTP routes that the bot uses: Web API, response URLs, uploads, Socket Mode."""

import asyncio
import json
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response, WebSocket
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.datastructures import UploadFile

from bot.console import api
from bot.console.backend import Backend
from bot.console.errors import RateLimited, SlackError
from bot.console.file_store import StoredFile
from bot.console.methods import Call, perform
from bot.console.response_urls import respond
from bot.console.socket_mode import SocketHub

__all__ = ["api", "bot_routes"]

_HARMLESS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"}
"""A file comes from this server's origin but is not this server's: nothing in it may run."""
_USUAL_SCOPES = ("app_mentions:read", "chat:write", "commands", "files:write", "im:history", "im:write", "users:read")


async def read_call(name: str, request: Request) -> Call:
    """The method's name, token and values of a request; form and query values are strings."""
    values: dict[str, Any] = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_json = kind == "application/json"
    if is_json:
        values |= await _json_object(request)
    elif kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        form = await request.form()
        values |= {key: value for key, value in form.items() if not isinstance(value, UploadFile)}
    header = request.headers.get("authorization", "")
    token = header[7:].strip() if header.lower().startswith("bearer ") else ""
    return Call(name, token or ("" if is_json else str(values.pop("token", ""))), values, is_json)


async def _json_object(request: Request) -> dict[str, Any]:
    body = await request.body()
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(value, dict):
        raise SlackError("json_not_object")
    return value


def bot_routes(backend: Backend, hub: SocketHub) -> APIRouter:
    """Everything that the bot may call."""
    router = APIRouter()

    @router.api_route("/api/{name}", methods=["GET", "POST"])
    async def web_api(name: str, request: Request) -> Response:
        try:
            body = perform(backend, await read_call(name, request))
        except RateLimited as error:
            return JSONResponse(error.body(), 429, {"Retry-After": str(error.retry_after)})
        except SlackError as error:
            return JSONResponse(error.body())
        scopes = sorted(_USUAL_SCOPES if backend.scopes is None else backend.scopes)
        return JSONResponse(body, headers={"X-OAuth-Scopes": ",".join(scopes)})

    @router.post("/commands/{team}/{name}")
    @router.post("/actions/{team}/{name}")
    @router.post("/app/{team}/{name}")
    async def response_url(name: str, request: Request) -> Response:
        try:
            respond(backend, name, await _json_object(request))
        except SlackError as error:
            gone = error.code in ("used_url", "expired_url", "invalid_url")
            return JSONResponse(error.body(), 404 if gone else 400)
        return PlainTextResponse("ok")

    @router.websocket("/link/")
    async def link(socket: WebSocket) -> None:
        try:
            await hub.serve(socket)
        except asyncio.CancelledError:
            return

    _add_files(router, backend)
    return router


def _add_files(router: APIRouter, backend: Backend) -> None:
    @router.post("/upload/v1/{name}")
    async def upload(name: str, request: Request) -> Response:
        file = _stored(backend, name)
        data = await _uploaded(request)
        if len(data) != file.length:
            return PlainTextResponse(f"got {len(data)} bytes, announced were {file.length}", 400)
        file.data = data
        return PlainTextResponse(f"OK - {len(data)}")

    @router.get("/files-pri/{name}/{_title}")
    async def download(name: str, _title: str) -> Response:
        file = _stored(backend, name)
        return Response(file.data, media_type=file.media_type, headers=_HARMLESS)


def _stored(backend: Backend, name: str) -> StoredFile:
    try:
        return backend.files.find(name)
    except SlackError as error:
        raise HTTPException(404, error.code) from error


async def _uploaded(request: Request) -> bytes:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await request.body()
    form = await request.form()
    files = [value for value in form.values() if isinstance(value, UploadFile)]
    return await files[0].read() if files else b""
