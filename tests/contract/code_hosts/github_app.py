"""GitHub's REST API as its description says, strictly, for what the emulator has not: the tarball above all.

https://docs.github.com/en/rest (2022-11-28): repositories, commits, compare, Git trees and references, pulls, and
"Download a repository archive (tar)", which answers 302 to another server that wants no login.
"""

import gzip
import hashlib
import io
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from bot.http.serving import HttpServer
from tests.contract.code_hosts.github_writing import REPOSITORY, Held, Written, add_writing
from tests.fakes.code_host import FakeRepository

Json = dict[str, Any]
READING = {"contents": "read", "metadata": "read", "pull_requests": "read"}
WRITING = {"checks": "write", "deployments": "write", "metadata": "read"}


@dataclass
class Hub:
    """What GitHub holds and how it behaves. `repositories` by `org/name`; `token` empty lets everybody in."""

    repositories: dict[str, FakeRepository]
    token: str = ""
    remaining: int = 5000
    renewed_after: int = 3600
    fail: list[int] = field(default_factory=list)
    downloads: str = ""
    """The address of the server of the tarballs; this one's own by another name where empty."""
    cut: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Path and Authorization of each request."""
    written: Written = field(default_factory=Written)
    granted: dict[str, str] = field(default_factory=lambda: {**READING, **WRITING})
    """What the App may do."""

    @property
    def app_token(self) -> str:
        """The token of an installation that may write."""
        return f"{self.token}-of-the-app"


class Refused(Exception):
    """An error answer."""

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers


def application(hub: Hub) -> FastAPI:
    """The API and, below `/codeload`, the downloads."""
    app = FastAPI()
    app.exception_handler(Refused)(_refused)

    def held(request: Request, owner: str, name: str) -> FakeRepository:
        _admit(hub, request)
        found = hub.repositories.get(f"{owner}/{name}")
        if not found:
            raise Refused(404, "Not Found")
        return found

    _people(app, hub)
    _apps(app, hub)
    _repositories(app, held)
    add_writing(app, hub.written, held, Refused, hub.app_token)
    _commits(app, held)
    _trees(app, held)
    _downloads(app, hub, held)
    return app


def _people(app: FastAPI, hub: Hub) -> None:
    """Who a login is, and which repositories it sees."""

    @app.get("/user")
    def user(request: Request) -> Json:
        _listed(hub, request, 1, 1)
        return {"login": "ana", "id": 1}

    @app.get("/user/repos")
    def repositories(request: Request, per_page: int = 30, page: int = 1) -> Response:
        names, link = _listed(hub, request, per_page, page)
        return JSONResponse(names, headers=link)

    @app.get("/installation/repositories")
    def installed(request: Request, per_page: int = 30, page: int = 1) -> Response:
        names, link = _listed(hub, request, per_page, page)
        return JSONResponse({"total_count": len(hub.repositories), "repositories": names}, headers=link)


def _apps(app: FastAPI, hub: Hub) -> None:
    """An App, its installation, and the tokens of that."""

    @app.get("/app")
    def about_app(request: Request) -> Json:
        _admit_app(request)
        return {"id": 1, "name": "Tessera", "slug": "tessera", "permissions": hub.granted}

    @app.get("/app/installations")
    def installations(request: Request) -> list[Json]:
        _admit_app(request)
        return [{"id": 7, "app_id": 1, "account": {"login": "org"}}]

    @app.post("/app/installations/{number}/access_tokens", status_code=201)
    async def token(request: Request, number: int) -> Json:
        _admit_app(request)
        permissions = (await request.json()).get("permissions")
        if number != 7 or permissions not in (READING, WRITING):
            raise Refused(422, "The permissions requested are not granted to this installation.")
        given = hub.app_token if permissions == WRITING else hub.token
        return {"token": given, "expires_at": "2099-01-01T00:00:00Z", "permissions": permissions}

    @app.get(REPOSITORY + "/installation")
    def installation(request: Request, owner: str, name: str) -> Json:
        _admit_app(request)
        return {"id": 7, "app_id": 1}


def _repositories(app: FastAPI, held: Held) -> None:
    @app.get(REPOSITORY)
    def about(request: Request, owner: str, name: str) -> Json:
        found = held(request, owner, name)
        return {"full_name": f"{owner}/{name}", "default_branch": found.default, "url": _url(request, owner, name)}

    @app.get(REPOSITORY + "/pulls/{number}")
    def pull(request: Request, owner: str, name: str, number: int) -> Json:
        found = held(request, owner, name)
        if number not in found.pulls:
            raise Refused(404, "Not Found")
        return {"number": number, "head": {"sha": found.pulls[number], "ref": "gone"}}


def _commits(app: FastAPI, held: Held) -> None:
    @app.get(REPOSITORY + "/commits/{ref:path}")
    def commit(request: Request, owner: str, name: str, ref: str, per_page: int = 300, page: int = 1) -> Response:
        found = held(request, owner, name)
        sha = _resolve(found, ref)
        files = _files(found, sha)
        following = request.url.include_query_params(page=page + 1)
        link = {"Link": f'<{following}>; rel="next"'} if len(files) > page * per_page else {}
        shown = {"files": files[(page - 1) * per_page : page * per_page]}
        return JSONResponse(_commit(request, owner, name, found, sha) | shown, headers=link)

    @app.get(REPOSITORY + "/compare/{basehead:path}")
    def compare(request: Request, owner: str, name: str, basehead: str) -> Json:
        found = held(request, owner, name)
        base, head = basehead.split("...")
        if base not in found.commits or head not in found.commits:
            raise Refused(404, "Not Found")
        old, new = found.ancestors(base), found.ancestors(head)
        return {"ahead_by": len(new - old), "behind_by": len(old - new), "status": "ahead"}


def _trees(app: FastAPI, held: Held) -> None:
    """References and files."""

    @app.get(REPOSITORY + "/git/matching-refs/{prefix:path}")
    def matching(request: Request, owner: str, name: str, prefix: str, per_page: int = 30, page: int = 1) -> Response:
        found = held(request, owner, name)
        names = [f"refs/heads/{each}" for each in found.branches] + [f"refs/tags/{each}" for each in found.tags]
        hits = sorted(each for each in names if each.startswith(f"refs/{prefix}"))
        shown = [{"ref": each} for each in hits[(page - 1) * per_page : page * per_page]]
        following = request.url.include_query_params(page=page + 1)
        link = {"Link": f'<{following}>; rel="next"'} if len(hits) > page * per_page else {}
        return JSONResponse(shown, headers=link)

    @app.get(REPOSITORY + "/git/trees/{sha}")
    def tree(request: Request, owner: str, name: str, sha: str, recursive: str = "") -> Json:
        found = held(request, owner, name)
        files = next((each.files for each in found.commits.values() if _tree(each.files) == sha), None)
        if files is None:
            raise Refused(404, "Not Found")
        paths = [path for path in files if recursive or "/" not in path]
        return {"sha": sha, "truncated": False, "tree": [{"path": path, "type": "blob"} for path in paths]}


def _downloads(app: FastAPI, hub: Hub, held: Held) -> None:
    """The tarball, and the other server that it is at."""

    @app.get(REPOSITORY + "/tarball/{sha}")
    def tarball(request: Request, owner: str, name: str, sha: str) -> Response:
        found = held(request, owner, name)
        if sha not in found.commits:
            raise Refused(404, "Not Found")
        there = hub.downloads or f"http://127.0.0.1:{request.url.port}"
        return RedirectResponse(f"{there}/codeload/{owner}/{name}/{sha}?token=once", 302)

    @app.get("/codeload/{owner}/{name}/{sha}")
    def codeload(request: Request, owner: str, name: str, sha: str, token: str) -> Response:
        hub.asked.append((request.url.path, request.headers.get("authorization", "")))
        if token != "once" or "authorization" in request.headers or request.url.hostname == "localhost":
            raise Refused(400, "Only one auth mechanism allowed")
        packed = _packed(f"{owner}-{name}-{sha[:7]}", hub.repositories[f"{owner}/{name}"].commits[sha].files)
        body = packed[: len(packed) // 2] if hub.cut else packed
        return Response(body, media_type="application/x-gzip")


def _listed(hub: Hub, request: Request, per_page: int, page: int) -> tuple[list[Json], dict[str, str]]:
    """A page of the repositories, and the header that names the next."""
    _admit(hub, request)
    if "authorization" not in request.headers:
        raise Refused(401, "Requires authentication")
    hits = sorted(hub.repositories)
    following = request.url.include_query_params(page=page + 1)
    link = {"Link": f'<{following}>; rel="next"'} if len(hits) > page * per_page else {}
    return [{"full_name": each} for each in hits[(page - 1) * per_page : page * per_page]], link


def _admit_app(request: Request) -> None:
    """An App shows a token of three parts, signed with its key."""
    if request.headers.get("authorization", "").count(".") != 2:
        raise Refused(401, "A JSON web token could not be decoded")


def _admit(hub: Hub, request: Request) -> None:
    given = request.headers.get("authorization", "")
    hub.asked.append((request.url.path, given))
    if not request.headers.get("user-agent"):
        raise Refused(403, "Request forbidden by administrative rules: no User-Agent header")
    if hub.fail:
        raise Refused(hub.fail.pop(0), "Trouble")
    if hub.remaining <= 0:
        headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(time.time()) + hub.renewed_after)}
        raise Refused(403, "API rate limit exceeded for 127.0.0.1.", headers)
    hub.remaining -= 1
    if given and given.removeprefix("token ").removeprefix("Bearer ") not in (hub.token, hub.app_token):
        raise Refused(401, "Bad credentials")
    if hub.token and not given:
        raise Refused(404, "Not Found")


async def _refused(_request: Request, error: Exception) -> Response:
    known = error if isinstance(error, Refused) else Refused(500, "Server Error")
    body = {"message": known.message, "documentation_url": "https://docs.github.com/rest", "status": str(known.status)}
    return JSONResponse(body, known.status, known.headers)


def _resolve(found: FakeRepository, ref: str) -> str:
    if not found.commits:
        raise Refused(409, "Git Repository is empty.")
    names = {f"heads/{name}": sha for name, sha in found.branches.items()}
    names |= {f"tags/{name}": sha for name, sha in found.tags.items()}
    for name in (ref, f"heads/{ref}", f"tags/{ref}"):
        if name in names:
            return names[name]
    matching = [sha for sha in found.commits if len(ref) >= 4 and sha.startswith(ref)]
    if len(matching) > 1:
        raise Refused(422, f"The SHA {ref} is ambiguous.")
    if not matching:
        raise Refused(422, f"No commit found for SHA: {ref}")
    return matching[0]


def _commit(request: Request, owner: str, name: str, found: FakeRepository, sha: str) -> Json:
    made = found.commits[sha]
    person = {"name": made.commit.author, "email": "a@b", "date": f"{made.commit.when:%Y-%m-%dT%H:%M:%SZ}"}
    inner = {"message": made.commit.message, "author": person, "committer": person, "tree": {"sha": _tree(made.files)}}
    page = f"https://github.com/{owner}/{name}/commit/{sha}"
    return {"sha": sha, "commit": inner, "html_url": page, "url": f"{_url(request, owner, name)}/commits/{sha}"}


def _files(found: FakeRepository, sha: str) -> list[Json]:
    """What a commit changes; a file that only moved is one entry, as GitHub tells it."""
    made = found.commits[sha]
    before = found.commits[made.parents[0]].files if made.parents else {}
    added = [path for path in made.files if path not in before]
    removed = {path for path in before if path not in made.files}
    files: list[Json] = [
        {"filename": path, "status": "modified"} for path, data in made.files.items() if before.get(path, data) != data
    ]
    for path in added:
        old = next((each for each in sorted(removed) if before[each] == made.files[path]), "")
        removed.discard(old)
        moved = {"status": "renamed", "previous_filename": old} if old else {"status": "added"}
        files.append({"filename": path} | moved)
    return [*files, *({"filename": path, "status": "removed"} for path in sorted(removed))]


def _url(request: Request, owner: str, name: str) -> str:
    return f"{request.base_url}repos/{owner}/{name}"


def _tree(files: Any) -> str:
    return hashlib.sha1(repr(sorted(files.items())).encode()).hexdigest()


def _packed(top: str, files: Any) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"comment": "0" * 40}) as tar:
        for path, data in sorted(files.items()):
            header = tarfile.TarInfo(f"{top}/{path}")
            header.size, header.mode = len(data), 0o664
            tar.addfile(header, io.BytesIO(data))
    return gzip.compress(out.getvalue())


@contextmanager
def github(hub: Hub) -> Iterator[str]:
    """The API's address."""
    server = HttpServer("127.0.0.1", 0)
    server.start(application(hub))
    try:
        yield f"http://localhost:{server.port}"
    finally:
        server.stop()
