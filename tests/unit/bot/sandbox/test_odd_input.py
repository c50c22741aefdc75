"""Whatever a client sends, the API answers, and the controllers go on."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.sandbox.messages import Request, Response
from tests.madeup import made_up
from tests.unit.bot.sandbox.clusters import DEPLOYMENTS, PODS, Bench, deployment, empty_bench

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 40) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
SEGMENTS = st.sampled_from(
    ["api", "v1", "apis", "apps", "namespaces", "shop", "pods", "deployments", "web", "log", "scale", "status", "exec",
     "nodes", "events", "eviction", "openapi", "v3", "..", "%2e", "", "authorization.k8s.io", "subjectaccessreviews"]
)  # fmt: skip
QUERIES = st.dictionaries(
    st.sampled_from(["labelSelector", "fieldSelector", "limit", "continue", "tailLines", "sinceTime", "sinceSeconds",
                     "container", "previous", "dryRun", "resourceVersion", "fieldValidation", "gracePeriodSeconds"]),
    st.text(max_size=12) | st.sampled_from(["All", "true", "5", "a in (b", "Strict"]),
    max_size=3,
)  # fmt: skip
PATCHES = ["json-patch", "merge-patch", "strategic-merge-patch"]


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    bench = empty_bench("  acme/app:*: {listens: [8080]}")
    bench.post(DEPLOYMENTS, deployment("web", "acme/app:1"))
    logging.disable(logging.ERROR)
    yield bench
    logging.disable(logging.NOTSET)


def checked(response: Response) -> Response:
    assert 200 <= response.code < 500
    json.loads(response.encoded()) if isinstance(response.body, dict) else None
    return response


@made_up(300)
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]),
    segments=st.lists(SEGMENTS, max_size=7),
    query=QUERIES,
    accept=st.sampled_from(["", "application/json;as=Table", "application/json;as=PartialObjectMetadataList"]),
    body=VALUES,
)
def test_any_request_is_answered(
    bench: Bench, method: str, segments: list[str], query: dict[str, str], accept: str, body: Any
) -> None:
    if method == "DELETE" and segments[:4] == ["api", "v1", "namespaces", "shop"]:
        return
    headers = {"accept": accept, "content-type": "application/merge-patch+json"}
    request = Request(method, "/" + "/".join(segments), query, headers, json.dumps(body).encode())
    checked(bench.cluster.api.answer(request))


@settings(made_up(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_manifest_with_one_odd_field_stops_nothing(bench: Bench, data: st.DataObject) -> None:
    body = deployment("odd", "acme/app:1", ports=[{"containerPort": 8080}], env=[{"name": "A", "value": "b"}])
    place: Any = body
    while True:
        keys = sorted(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(VALUES)
    response = checked(bench.ask("POST", DEPLOYMENTS, body))
    bench.pass_time(3)
    if response.code == 201 and isinstance(response.body, dict):
        checked(bench.ask("DELETE", f"{DEPLOYMENTS}/{response.body['metadata']['name']}"))
        bench.pass_time(3)
    assert bench.available("shop", "web") == 1


@made_up(150)
@given(kind=st.sampled_from(PATCHES), body=VALUES)
def test_any_patch_is_answered(bench: Bench, kind: str, body: Any) -> None:
    checked(bench.patch(f"{DEPLOYMENTS}/web", kind, body))


@made_up(60)
@given(body=st.binary(max_size=60))
def test_any_bytes_are_answered(bench: Bench, body: bytes) -> None:
    for content in ("application/json", "application/vnd.kubernetes.protobuf"):
        for prefix in (b"", b"k8s\x00"):
            request = Request("POST", PODS, {}, {"content-type": content}, prefix + body)
            assert bench.cluster.api.answer(request).code in (400, 415, 422)
