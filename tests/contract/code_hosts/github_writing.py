"""What builds write at GitHub, as its REST description says (2022-11-28), strictly: what it does not name is refused.

https://docs.github.com/en/rest/deployments/deployments, https://docs.github.com/en/rest/deployments/statuses,
https://docs.github.com/en/rest/checks/runs, https://docs.github.com/en/rest/commits/statuses
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from fastapi import FastAPI, Request

from tests.fakes.code_host import FakeRepository

Json = dict[str, Any]
Refuse = Callable[[int, str], Exception]
Held = Callable[[Request, str, str], FakeRepository]
REPOSITORY = "/repos/{owner}/{name}"
LINE = 140
STATES = {"error", "failure", "inactive", "in_progress", "queued", "pending", "success"}
CONCLUSIONS = {
    "action_required", "cancelled", "failure", "neutral", "success", "skipped", "stale", "timed_out"
}  # fmt: skip
DEPLOYMENT = {
    "ref", "task", "auto_merge", "required_contexts", "payload", "environment", "description",
    "transient_environment", "production_environment",
}  # fmt: skip
STATUS = {
    "state", "target_url", "log_url", "description", "environment", "environment_url", "auto_inactive"
}  # fmt: skip
RUN = {
    "name", "head_sha", "details_url", "external_id", "status", "started_at", "conclusion", "completed_at", "output",
    "actions",
}  # fmt: skip


@dataclass
class Written:
    """What was written: deployments with their `statuses`, check runs with each state they had in `seen`, statuses.

    `may` is what the login was given; without a right GitHub answers 403.
    """

    deployments: list[Json] = field(default_factory=list)
    checks: list[Json] = field(default_factory=list)
    statuses: list[Json] = field(default_factory=list)
    may: set[str] = field(default_factory=lambda: {"deployments", "checks", "statuses"})
    numbers: "count[int]" = field(default_factory=lambda: count(1001))


def add_writing(app: FastAPI, written: Written, held: Held, refuse: Refuse, app_token: str) -> None:
    """The routes. `app_token` is that of an App's installation: only with one are check runs written."""

    def allow(request: Request, right: str) -> None:
        if right not in written.may:
            raise refuse(403, "Resource not accessible by integration")
        given = request.headers.get("authorization", "").partition(" ")[2]
        if right == "checks" and given != app_token:
            raise refuse(403, "You must authenticate via a GitHub App.")

    _deployments(app, written, held, refuse, allow)
    _statuses(app, written, held, refuse, allow)
    _checks(app, written, held, refuse, allow)


def _known(body: Json, keys: set[str], refuse: Refuse, needed: tuple[str, ...] = ()) -> None:
    if wrong := set(body) - keys:
        raise refuse(422, f"Invalid request. {sorted(wrong)} is not a permitted key.")
    if missing := [key for key in needed if not body.get(key)]:
        raise refuse(422, f'Invalid request. "{missing[0]}" wasn\'t supplied.')
    if len(body.get("description") or "") > LINE:
        raise refuse(422, f"Validation Failed: description is too long (maximum is {LINE} characters)")


def _url(request: Request, owner: str, name: str, rest: str) -> str:
    return f"{request.base_url}repos/{owner}/{name}/{rest}"


def _deployments(app: FastAPI, written: Written, held: Held, refuse: Refuse, allow: Callable[..., None]) -> None:
    @app.get(REPOSITORY + "/deployments")
    def deployments(request: Request, owner: str, name: str, sha: str = "", environment: str = "") -> list[Json]:
        held(request, owner, name)
        kept = [one for one in written.deployments if sha in ("", one["sha"])]
        return [one for one in kept if environment in ("", one["environment"])]

    @app.get(REPOSITORY + "/deployments/{number}")
    def deployment(request: Request, owner: str, name: str, number: int) -> Json:
        held(request, owner, name)
        return _one(written.deployments, number, refuse)

    @app.post(REPOSITORY + "/deployments", status_code=201)
    async def deploy(request: Request, owner: str, name: str) -> Json:
        found, body = held(request, owner, name), await request.json()
        allow(request, "deployments")
        _known(body, DEPLOYMENT, refuse, ("ref",))
        sha = found.branches.get(body["ref"], body["ref"])
        if sha not in found.commits:
            raise refuse(422, f"No ref found for: {body['ref']}")
        pending = [one for one in written.checks if one["head_sha"] == sha and one["conclusion"] != "success"]
        if pending and "required_contexts" not in body:
            raise refuse(409, f"Conflict: Commit status checks failed for {body['ref']}.")
        if body.get("auto_merge", True) and sha != found.branches[found.default]:
            raise refuse(409, f"Conflict merging {found.default} into {body['ref']}.")
        number = next(written.numbers)
        made: Json = {"environment": "production", "task": "deploy", "payload": {}, "description": None} | body
        url = _url(request, owner, name, f"deployments/{number}")
        made |= {"id": number, "sha": sha, "url": url, "statuses": []}
        written.deployments.insert(0, made)
        return made

    @app.post(REPOSITORY + "/deployments/{number}/statuses", status_code=201)
    async def status(request: Request, owner: str, name: str, number: int) -> Json:
        held(request, owner, name)
        body: Json = await request.json()
        allow(request, "deployments")
        _known(body, STATUS, refuse, ("state",))
        if body["state"] not in STATES:
            raise refuse(422, "Validation Failed: state is not included in the list")
        _one(written.deployments, number, refuse)["statuses"].append(body)
        return {"id": next(written.numbers)} | body


def _statuses(app: FastAPI, written: Written, held: Held, refuse: Refuse, allow: Callable[..., None]) -> None:
    @app.post(REPOSITORY + "/statuses/{sha}", status_code=201)
    async def status(request: Request, owner: str, name: str, sha: str) -> Json:
        found = held(request, owner, name)
        body: Json = await request.json()
        allow(request, "statuses")
        _known(body, {"state", "target_url", "description", "context"}, refuse, ("state",))
        if sha not in found.commits:
            raise refuse(422, f"No commit found for SHA: {sha}")
        if body["state"] not in ("error", "failure", "pending", "success"):
            raise refuse(422, "Validation Failed: state is not included in the list")
        written.statuses.append(body | {"sha": sha})
        return {"id": next(written.numbers)} | body


def _checks(app: FastAPI, written: Written, held: Held, refuse: Refuse, allow: Callable[..., None]) -> None:
    @app.get(REPOSITORY + "/commits/{sha}/check-runs")
    def runs(request: Request, owner: str, name: str, sha: str, check_name: str = "") -> Json:
        held(request, owner, name)
        found = [one for one in written.checks if one["head_sha"] == sha and check_name in ("", one["name"])]
        return {"total_count": len(found), "check_runs": found}

    @app.get(REPOSITORY + "/check-runs/{number}")
    def run(request: Request, owner: str, name: str, number: int) -> Json:
        held(request, owner, name)
        return _one(written.checks, number, refuse)

    @app.post(REPOSITORY + "/check-runs", status_code=201)
    async def make(request: Request, owner: str, name: str) -> Json:
        found, body = held(request, owner, name), await request.json()
        allow(request, "checks")
        _known(body, RUN, refuse, ("name", "head_sha"))
        if body["head_sha"] not in found.commits:
            raise refuse(422, f"No commit found for SHA: {body['head_sha']}")
        number = next(written.numbers)
        made: Json = {"status": "queued", "conclusion": None, "output": {}, "external_id": ""} | _ended(body, refuse)
        made |= {"id": number, "url": _url(request, owner, name, f"check-runs/{number}"), "seen": [body.get("status")]}
        written.checks.insert(0, made)
        return made

    @app.patch(REPOSITORY + "/check-runs/{number}")
    async def change(request: Request, owner: str, name: str, number: int) -> Json:
        held(request, owner, name)
        body = await request.json()
        allow(request, "checks")
        _known(body, RUN - {"head_sha"}, refuse)
        kept = _one(written.checks, number, refuse)
        kept.update(_ended(body, refuse))
        kept["seen"].append(kept["conclusion"] or kept["status"])
        return kept


def _ended(body: Json, refuse: Refuse) -> Json:
    """What is sent of a check run, with what GitHub makes of it."""
    output: Mapping[str, object] | None = body.get("output")
    if output is not None and not (output.get("title") and output.get("summary")):
        raise refuse(422, 'Invalid request. "title" and "summary" weren\'t supplied.')
    if body.get("status", "queued") not in ("queued", "in_progress", "completed"):
        raise refuse(422, "Invalid request. status is not a member of the list")
    if body.get("status") == "completed" and "conclusion" not in body:
        raise refuse(422, "Missing required key conclusion")
    if "conclusion" in body and body["conclusion"] not in CONCLUSIONS:
        raise refuse(422, "Invalid request. conclusion is not a member of the list")
    return body | ({"status": "completed"} if "conclusion" in body else {})


def _one(kept: list[Json], number: int, refuse: Refuse) -> Json:
    found = next((one for one in kept if one["id"] == number), None)
    if found is None:
        raise refuse(404, "Not Found")
    return found
