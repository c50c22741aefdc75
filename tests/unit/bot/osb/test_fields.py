"""Bad input: every field missing, null, of a wrong type, empty, huge; any bodies; nothing changes then."""

import json
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.broker import FakeBroker
from tests.madeup import made_up
from tests.unit.bot.osb import platforms
from tests.unit.bot.osb.platforms import BINDING, INSTANCE, Platform, ids, wish
from tests.unit.bot.osb.shelves import FAST

Json = dict[str, Any]
Place = tuple[str, ...]
PROVISION = wish(FAST, parameters={"size": 1})
UPDATE: Json = {
    "service_id": FAST.service_id,
    "plan_id": FAST.plan_id,
    "context": {"platform": "kubernetes", "namespace": "shop"},
    "parameters": {"size": 2},
    "previous_values": {
        "service_id": FAST.service_id,
        "plan_id": FAST.plan_id,
        "organization_id": "org",
        "space_id": "space",
    },
}
BIND: Json = ids() | {
    "app_guid": "app",
    "bind_resource": {"app_guid": "app", "route": "https://r.example.com"},
    "context": {"platform": "kubernetes", "namespace": "shop"},
    "parameters": {"a": 1},
}
MISSING, HUGE = object(), "x" * 1_001
TEXTS = [5, 1.5, True, [], ["a"], {}, {"a": "b"}, "", "  ", HUGE]
OBJECTS = [5, True, "", "text", [], [{}]]


def needed(*place: str) -> list[tuple[Place, object]]:
    return [(place, value) for value in (MISSING, None, *TEXTS)]


def text(*place: str) -> list[tuple[Place, object]]:
    return [(place, value) for value in TEXTS]


def objects(*place: str) -> list[tuple[Place, object]]:
    return [(place, value) for value in OBJECTS]


CONTEXT = [
    *objects("context"),
    *text("context", "platform"),
    *text("context", "namespace"),
    (("context", "namespace"), "With Capitals"),
    (("context", "namespace"), "a" * 64),
]
COMMON = [*CONTEXT, *objects("parameters"), *objects("maintenance_info"), *text("maintenance_info", "version")]
WRONG: dict[tuple[str, str], tuple[Json, list[tuple[Place, object]]]] = {
    ("PUT", INSTANCE): (
        PROVISION,
        [
            *needed("service_id"),
            *needed("plan_id"),
            *needed("organization_guid"),
            *needed("space_guid"),
            *text("context", "instance_name"),
            *COMMON,
        ],
    ),
    ("PATCH", INSTANCE): (
        UPDATE,
        [
            *needed("service_id"),
            *text("plan_id"),
            *objects("previous_values"),
            *(wrong for name in UPDATE["previous_values"] for wrong in text("previous_values", name)),
            *objects("previous_values", "maintenance_info"),
            *text("previous_values", "maintenance_info", "version"),
            *COMMON,
        ],
    ),
    ("PUT", BINDING): (
        BIND,
        [
            *needed("service_id"),
            *needed("plan_id"),
            *text("app_guid"),
            *objects("bind_resource"),
            *text("bind_resource", "app_guid"),
            *text("bind_resource", "route"),
            *text("predecessor_binding_id"),
            *CONTEXT,
            *objects("parameters"),
        ],
    ),
}
OPTIONAL = {
    ("PUT", INSTANCE): [("context",), ("parameters",), ("maintenance_info",), ("context", "instance_name")],
    ("PATCH", INSTANCE): [
        ("plan_id",),
        ("context",),
        ("parameters",),
        ("previous_values",),
        ("previous_values", "plan_id"),
    ],
    ("PUT", BINDING): [("app_guid",), ("bind_resource",), ("bind_resource", "route"), ("context",), ("parameters",)],
}
everything = pytest.mark.parametrize(("method", "path"), WRONG)


def with_value(body: Json, place: Place, value: object) -> Json:
    """The body with another value at a place, or without one."""
    changed = deepcopy(body)
    inner = changed
    for name in place[:-1]:
        inner = inner.setdefault(name, {})
    inner.pop(place[-1], None)
    if value is not MISSING:
        inner[place[-1]] = value
    return changed


def ready(folder: Path, path: str, method: str) -> tuple[Platform, FakeBroker]:
    """A broker on which the whole, right request would change something."""
    broker = platforms.fake()
    platform = platforms.platform(broker, folder)
    if path == BINDING or method == "PATCH":
        platform.provision()
    return platform, broker


@everything
def test_every_wrong_value_of_every_field_is_refused_by_name(tmp_path: Path, method: str, path: str) -> None:
    platform, broker = ready(tmp_path, path, method)
    before = broker.everything()
    body, wrong = WRONG[method, path]
    for place, value in wrong:
        got = platform.ask(method, path, with_value(body, place, value))
        assert (got.status, got.error) == (400, "BadRequest"), (place, value)
        assert ".".join(place) in got.body["description"], (place, value)
        assert HUGE not in got.body["description"]
    assert broker.everything() == before
    assert platform.ask(method, path, body).status < 300, "the whole request was refused for what it is"


@everything
def test_optional_fields_may_be_missing_or_null(tmp_path: Path, method: str, path: str) -> None:
    body, _wrong = WRONG[method, path]
    for place in OPTIONAL[method, path]:
        for value in (MISSING, None):
            platform, _broker = ready(tmp_path, path, method)
            assert platform.ask(method, path, with_value(body, place, value)).status < 300, (place, value)


BODIES = {
    b"": "not JSON",
    b"no json": "not JSON",
    b'{"service_id": ': "not JSON",
    b"\xff\xfe{}": "not UTF-8",
    b'\xef\xbb\xbf{"a": 1}': "not JSON",
    b"[]": "an array",
    b"null": "null",
    b"5": "a number",
    b'"text"': "a string",
    b"true": "a boolean",
    b'{"parameters": {"a": NaN}}': "number",
    b'{"parameters": {"a": 1e999}}': "number",
    b'{"parameters": {"a": ' + b"9" * 5_000 + b"}}": "number",
    b'{"parameters": {"a": "\\ud800"}}': "surrogate",
    b'{"parameters": {"\\udfff": 1}}': "surrogate",
    b'{"parameters": ' + b"[" * 40 + b"]" * 40 + b"}": "levels deep",
    b'{"parameters": ' + b'{"a":' * 200_000 + b"1" + b"}" * 200_000 + b"}": "levels deep",
}


@everything
def test_bodies_that_are_no_json_object(tmp_path: Path, method: str, path: str) -> None:
    platform, broker = ready(tmp_path, path, method)
    before = broker.everything()
    for raw, why in BODIES.items():
        got = platform.ask(method, path, raw)
        assert (got.status, got.error) == (400, "BadRequest")
        assert why in got.body["description"]
    assert broker.everything() == before


@pytest.mark.parametrize("path", [INSTANCE, BINDING])
@pytest.mark.parametrize("name", ["service_id", "plan_id"])
@pytest.mark.parametrize("value", [None, "", " ", HUGE])
def test_what_is_removed_must_be_named_whole(
    platform: Platform, broker: FakeBroker, path: str, name: str, value: str | None
) -> None:
    platform.provision()
    platform.bind()
    before = broker.everything()
    query = ids() | {name: value}
    got = platform.ask("DELETE", path, None, None, **{key: held for key, held in query.items() if held is not None})
    assert got.status == 400
    assert name in got.body["description"]
    assert broker.everything() == before


@pytest.mark.parametrize(
    "query", [{"operation": "x" * 10_001}, {"plan_id": HUGE}, {"service_id": ""}, {"operation": " "}]
)
@pytest.mark.parametrize("path", [INSTANCE, BINDING])
def test_polls_with_wrong_parameters(platform: Platform, path: str, query: dict[str, str]) -> None:
    platform.provision()
    platform.bind()
    assert platform.poll(path, **query).status == 400


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = sorted({*PROVISION, *UPDATE, *BIND, "maintenance_info", "predecessor_binding_id"})
KNOWN = st.sampled_from([FAST.service_id, FAST.plan_id, "org", {"version": "1"}, {"namespace": "shop"}])
REQUESTS = st.sampled_from(sorted(WRONG))


@given(request=REQUESTS, body=st.dictionaries(st.sampled_from(NAMES), VALUES | KNOWN))
@made_up(300)
def test_whatever_is_sent_has_an_answer_and_a_refusal_changes_nothing(request: tuple[str, str], body: Json) -> None:
    method, path = request
    with TemporaryDirectory() as folder:
        platform, broker = ready(Path(folder), path, method)
        before = broker.everything()
        got = platform.ask(method, path, json.dumps(body).encode(), accepts_incomplete="true")
    assert got.status in (200, 201, 202, 400, 409, 422)
    if got.status >= 400:
        assert set(got.body) == {"error", "description"}
        assert broker.everything() == before


@given(raw=st.binary(max_size=200), request=REQUESTS)
@made_up(150)
def test_bytes_are_never_an_error_of_the_broker(raw: bytes, request: tuple[str, str]) -> None:
    with TemporaryDirectory() as folder:
        platform, broker = ready(Path(folder), request[1], request[0])
        before = broker.everything()
        assert platform.ask(*request, raw).status == 400
        assert broker.everything() == before
