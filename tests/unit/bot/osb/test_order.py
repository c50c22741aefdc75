"""What is checked before what, and what every answer carries."""

import base64
import json
from typing import Any

import pytest

from commands.base.errors import Denied, NotFound, TesseraError, Unavailable
from commands.broker.errors import Unsupported
from tests.fakes.broker import FakeBroker
from tests.unit.bot.osb.platforms import BINDING, INSTANCE, PASSWORD, Platform, basic
from tests.unit.bot.osb.shelves import SLOW

ENDPOINTS = [
    ("GET", "/v2/catalog"),
    *((method, INSTANCE) for method in ("PUT", "GET", "PATCH", "DELETE")),
    ("GET", f"{INSTANCE}/last_operation"),
    *((method, BINDING) for method in ("PUT", "GET", "DELETE")),
    ("GET", f"{BINDING}/last_operation"),
]
everywhere = pytest.mark.parametrize(("method", "path"), ENDPOINTS)
VERSION, IDENTITY = "x-broker-api-version", "x-broker-api-originating-identity"
WRONG: dict[str, str | None] = {"authorization": basic("platform", "wrong"), VERSION: "none", IDENTITY: "none"}


@everywhere
def test_authentication_comes_first(platform: Platform, method: str, path: str) -> None:
    got = platform.ask(method, path, b"no json", WRONG, plan_id="")
    assert (got.status, got.error) == (401, "Unauthorized")
    assert got.headers["WWW-Authenticate"].startswith("Basic realm=")


@everywhere
def test_then_the_version(platform: Platform, method: str, path: str) -> None:
    got = platform.ask(method, path, b"no json", WRONG | {"authorization": basic()}, plan_id="")
    assert (got.status, got.error) == (412, "PreconditionFailed")
    assert "2.13 to 2.17" in got.body["description"]


@everywhere
def test_then_what_is_asked_even_where_the_broker_would_fail(
    platform: Platform, broker: FakeBroker, method: str, path: str
) -> None:
    broker.trouble = Unavailable("Redis does not answer.")
    got = platform.ask(method, path, b"no json", {IDENTITY: "none"})
    assert (got.status, got.error) == (400, "BadRequest")


@everywhere
def test_and_then_the_broker(platform: Platform, broker: FakeBroker, method: str, path: str) -> None:
    broker.trouble = Unavailable("Redis does not answer. Nothing was changed.", "try again in a minute")
    got = _whole(platform, method, path)
    assert (got.status, got.error, got.headers["Retry-After"]) == (503, "Unavailable", "10")
    assert got.body["description"] == "Redis does not answer. Nothing was changed. Try again in a minute."


@everywhere
def test_what_nobody_foresaw_says_nothing_of_the_inside(
    platform: Platform, broker: FakeBroker, method: str, path: str
) -> None:
    broker.trouble = KeyError("canary-of-the-inside")
    got = _whole(platform, method, path)
    assert (got.status, got.error) == (500, "InternalError")
    assert "canary" not in json.dumps(got.body)


def _whole(platform: Platform, method: str, path: str) -> Any:
    if method == "DELETE":
        return platform.delete(path)
    if method == "GET":
        return platform.ask(method, path)
    return platform.bind(path=path) if path == BINDING else platform.ask(method, path, _body(method))


def _body(_method: str) -> dict[str, str]:
    return {"service_id": "s", "plan_id": "p", "organization_guid": "o", "space_guid": "s"}


@pytest.mark.parametrize(
    ("error", "status", "word"),
    [
        (Denied("Only the team data may.", "ask them"), 403, "Forbidden"),
        (NotFound("There is no Service db."), 400, "BadRequest"),
        (Unsupported("The plan cannot be changed."), 422, "Unsupported"),
        (TesseraError("The chart did not install."), 500, "InternalError"),
    ],
)
def test_other_errors_of_the_broker(
    platform: Platform, broker: FakeBroker, error: TesseraError, status: int, word: str
) -> None:
    broker.trouble = error
    got = platform.provision()
    assert (got.status, got.error) == (status, word)
    assert got.body["description"].startswith(error.message.rstrip("."))


def test_credentials_in_an_error_do_not_leave(platform: Platform, broker: FakeBroker) -> None:
    broker.trouble = Unavailable("cannot reach postgres://user:hunter2@db:5432/shop")
    assert "hunter2" not in platform.provision().body["description"]


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Basic", "Basic !", "Bearer abc", basic("", PASSWORD), basic("platform", ""), basic("other", PASSWORD)],
)
def test_who_is_not_let_in(platform: Platform, authorization: str | None) -> None:
    assert platform.ask("GET", "/v2/catalog", None, {"authorization": authorization}).status == 401


def test_the_scheme_is_written_in_any_case(platform: Platform) -> None:
    assert platform.ask("GET", "/v2/catalog", None, {"authorization": basic().replace("Basic", "bAsIc")}).status == 200


@pytest.mark.parametrize(
    "version", [None, "", " ", "2", "2.", "2.x", "v2.17", "2.17.0", "2.17, 2.17", "3.0", "2.12", "2.18", "1.17", "2.١٧"]
)
def test_versions_that_are_not_spoken(platform: Platform, version: str | None) -> None:
    assert platform.ask("GET", "/v2/catalog", None, {VERSION: version}).status == 412


@pytest.mark.parametrize("version", ["2.13", "2.14", "2.15", "2.16", "2.17"])
def test_versions_that_are_spoken(platform: Platform, version: str) -> None:
    assert platform.ask("GET", "/v2/catalog", None, {VERSION: version}).status == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/v2", 404),
        ("GET", "/v2/", 404),
        ("GET", "/v2/catalog/", 404),
        ("GET", "/v3/catalog", 404),
        ("GET", "/v2/service_instances", 404),
        ("GET", f"{INSTANCE}/service_bindings", 404),
        ("GET", f"{INSTANCE}/other", 404),
        ("GET", f"{BINDING}/last_operation/more", 404),
        ("POST", "/v2/catalog", 405),
        ("POST", INSTANCE, 405),
        ("PATCH", BINDING, 405),
        ("OPTIONS", INSTANCE, 405),
        ("PUT", f"{INSTANCE}/last_operation", 405),
        ("GET", "/v2/service_instances/~A.b_c-9", 404),
        ("GET", "/v2/service_instances/", 400),
        ("GET", "/v2/service_instances//last_operation", 400),
        ("GET", "/v2/service_instances/a%2Fb", 400),
        ("GET", "/v2/service_instances/..", 400),
        ("GET", "/v2/service_instances/%00", 400),
        ("GET", "/v2/service_instances/a%FF", 400),
        ("GET", f"/v2/service_instances/{'a' * 256}", 400),
        ("GET", f"{INSTANCE}/service_bindings/.", 400),
    ],
)
def test_paths_and_methods_that_there_are_not(platform: Platform, method: str, path: str, status: int) -> None:
    got = platform.ask(method, path)
    assert got.status == status
    assert set(got.body) == {"error", "description"}
    assert ("Allow" in got.headers) == (status == 405)


def test_too_many_parameters_are_refused(platform: Platform) -> None:
    assert platform.ask("GET", "/v2/catalog", None, None, **{f"a{n}": "b" for n in range(60)}).status == 400


def _identity(platform: str, value: object) -> str:
    return f"{platform} {base64.b64encode(json.dumps(value).encode()).decode()}"


@pytest.mark.parametrize(
    ("header", "by"),
    [
        (_identity("kubernetes", {"username": "duke", "uid": "u", "groups": []}), "duke (kubernetes, as platform)"),
        (_identity("cloudfoundry", {"user_id": "683ea748"}), "683ea748 (cloudfoundry, as platform)"),
        (_identity("other", {"email": "a@example.com\n"}), "a@example.com (other, as platform)"),
        (_identity("other", {"name": 5}), "somebody (other, as platform)"),
        (None, "platform (broker API)"),
    ],
)
def test_whose_wish_it_is_reaches_the_audit(
    platform: Platform, broker: FakeBroker, header: str | None, by: str
) -> None:
    platform.ask("PUT", INSTANCE, _body("PUT") | _ids(), {IDENTITY: header}, accepts_incomplete="true")
    assert broker.instances["i1"].by == by


def _ids() -> dict[str, str]:
    return {"service_id": SLOW.service_id, "plan_id": SLOW.plan_id}


@pytest.mark.parametrize(
    "header",
    [
        "",
        "kubernetes",
        "kubernetes ",
        " e30=",
        "kubernetes e30",
        "kubernetes !!!",
        "a b c",
        _identity("a", [1]),
        "k bnVsbA==",
    ],
)
def test_an_identity_that_is_none_is_refused(platform: Platform, broker: FakeBroker, header: str) -> None:
    got = platform.ask("PUT", INSTANCE, _body("PUT") | _ids(), {IDENTITY: header}, accepts_incomplete="true")
    assert (got.status, got.error) == (400, "BadRequest")
    assert "X-Broker-API-Originating-Identity" in got.body["description"]
    assert not broker.instances
