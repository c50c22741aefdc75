"""The OCI distribution protocol, as far as pushing and reading go, without logins.

Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md, endpoints 1 to 8b, 10 and 11.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.registry.blobs import LARGEST_MANIFEST, Blobs, Manifest, RefusedError

_NAME = re.compile(r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*")
_TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_RANGE = re.compile(r"(\d+)-(\d+)")
_HOME = ("localhost", "127.0.0.1", "::1")
LARGEST_BLOB = 4 << 30

Endpoint = Callable[[Request], Awaitable[Response]]


def build_app(blobs: Blobs) -> Starlette:
    """The ASGI application that serves these blobs."""
    front = Front(blobs)
    uploads = "/v2/{name:path}/blobs/uploads/"
    return Starlette(
        routes=[
            Route("/v2/", _answered(front.version), methods=["GET"]),
            Route(uploads, _answered(front.begin), methods=["POST"]),
            Route(uploads + "{number}", _answered(front.upload), methods=["GET", "PATCH", "PUT", "DELETE"]),
            Route("/v2/{name:path}/blobs/{digest}", _answered(front.blob), methods=["GET"]),
            Route("/v2/{name:path}/manifests/{reference}", _answered(front.manifest), methods=["GET", "PUT"]),
            Route("/v2/{name:path}/tags/list", _answered(front.tags), methods=["GET"]),
        ]
    )


def _answered(endpoint: Endpoint) -> Endpoint:
    """Check whom the request is for and which repository it names; say refusals as the specification does."""

    async def answer(http: Request) -> Response:
        try:
            if urlsplit(f"//{http.headers.get('host', '')}").hostname not in _HOME:
                raise RefusedError(403, "DENIED", "this registry is for programs on this machine alone")
            name = http.path_params.get("name")
            if name is not None and not _NAME.fullmatch(name):
                raise RefusedError(400, "NAME_INVALID", "not a repository's name")
            return await endpoint(http)
        except RefusedError as error:
            said = {"errors": [{"code": error.code, "message": error.message, "detail": {}}]}
            return JSONResponse(said, error.status)

    return answer


class Front:
    """Turns HTTP into uses of the blobs, and answers back into HTTP."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    async def version(self, http: Request) -> Response:
        return JSONResponse({}, headers={"Docker-Distribution-API-Version": "registry/2.0"})

    async def begin(self, http: Request) -> Response:
        """Start an upload; with `digest` the body is the whole blob, with `mount` it may be here already."""
        mount = http.query_params.get("mount", "")
        if _DIGEST.fullmatch(mount) and self._blobs.has(mount):
            return self._stored(http, mount)
        number = self._blobs.begin()
        digest = http.query_params.get("digest", "")
        if digest:
            await self._take(http, number)
            self._blobs.finish(number, digest)
            return self._stored(http, digest)
        return self._going_on(http, number, 202)

    async def upload(self, http: Request) -> Response:
        number = http.path_params["number"]
        self._blobs.upload(number)
        match http.method:
            case "DELETE":
                self._blobs.give_up(number)
                return Response(status_code=204)
            case "PATCH":
                await self._take(http, number)
                return self._going_on(http, number, 202)
            case "PUT":
                digest = http.query_params.get("digest", "")
                if not _DIGEST.fullmatch(digest):
                    raise RefusedError(400, "DIGEST_INVALID", "a digest is sha256: and 64 hexadecimal digits")
                await self._take(http, number)
                self._blobs.finish(number, digest)
                return self._stored(http, digest)
        return self._going_on(http, number, 204)

    async def blob(self, http: Request) -> Response:
        digest = http.path_params["digest"]
        headers = {"Docker-Content-Digest": digest}
        return FileResponse(self._blobs.blob(digest), headers=headers, media_type="application/octet-stream")

    async def manifest(self, http: Request) -> Response:
        name, reference = http.path_params["name"], http.path_params["reference"]
        if not (_TAG.fullmatch(reference) or _DIGEST.fullmatch(reference)):
            raise RefusedError(400, "MANIFEST_INVALID", "not a tag or digest")
        if http.method == "PUT":
            content = b"".join([piece async for piece in _limited(http, LARGEST_MANIFEST)])
            stored = Manifest(http.headers.get("content-type", ""), content)
            self._blobs.put(name, reference, stored)
            headers = {"Location": f"/v2/{name}/manifests/{stored.digest}", "Docker-Content-Digest": stored.digest}
            return Response(status_code=201, headers=headers)
        found = self._blobs.manifest(name, reference)
        headers = {"Docker-Content-Digest": found.digest, "Content-Type": found.media_type}
        return Response(found.content, headers=headers)

    async def tags(self, http: Request) -> Response:
        name = http.path_params["name"]
        tags = [tag for tag in self._blobs.tags(name) if tag > http.query_params.get("last", "")]
        wanted = http.query_params.get("n", "")
        shown = tags[: int(wanted)] if wanted.isdecimal() else tags
        more = {"Link": f'</v2/{name}/tags/list?n={wanted}&last={shown[-1]}>; rel="next"'} if shown != tags else {}
        return JSONResponse({"name": name, "tags": shown}, headers=more if shown else {})

    async def _take(self, http: Request, number: str) -> None:
        """Append the body to an upload. Raises RefusedError when it does not begin where the last one ended."""
        upload = self._blobs.upload(number)
        said = http.headers.get("content-range", "")
        found = _RANGE.fullmatch(said)
        if said and (not found or int(found[1]) != upload.size):
            raise RefusedError(416, "BLOB_UPLOAD_INVALID", f"the next byte is number {upload.size}")
        with upload.file.open("ab") as file:
            async for piece in _limited(http, LARGEST_BLOB - upload.size):
                file.write(piece)
                upload.hash.update(piece)
                upload.size += len(piece)

    def _going_on(self, http: Request, number: str, status: int) -> Response:
        location = f"/v2/{http.path_params['name']}/blobs/uploads/{number}"
        last = max(self._blobs.upload(number).size - 1, 0)
        return Response(status_code=status, headers={"Location": location, "Range": f"0-{last}"})

    def _stored(self, http: Request, digest: str) -> Response:
        location = f"/v2/{http.path_params['name']}/blobs/{digest}"
        return Response(status_code=201, headers={"Location": location, "Docker-Content-Digest": digest})


async def _limited(http: Request, most: int) -> AsyncIterator[bytes]:
    """The body in pieces. Raises RefusedError for one that is too long."""
    size = 0
    async for piece in http.stream():
        size += len(piece)
        if size > most:
            raise RefusedError(413, "SIZE_INVALID", f"more than {most} bytes")
        yield piece
