"""The registry stand-in, asked as the distribution specification says clients ask, and read by our own client."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from bot.registry.adapter import Registries
from bot.sandbox.registry.behaviour import LABEL
from bot.sandbox.registry.server import PushRegistry
from commands.base.errors import TesseraError
from tests.unit.fakes import NoSecrets

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@pytest.fixture
def registry() -> Iterator[PushRegistry]:
    with PushRegistry() as registry:
        yield registry


@pytest.fixture
def http(registry: PushRegistry) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://{registry.host}") as http:
        yield http


def push_blob(http: httpx.Client, content: bytes, name: str = "team/shop") -> str:
    answer = http.post(f"/v2/{name}/blobs/uploads/", params={"digest": digest(content)}, content=content)
    assert answer.status_code == 201
    return digest(content)


def push_image(http: httpx.Client, tag: str, config: dict[str, Any]) -> str:
    """The digest of an image with one layer and that configuration."""
    told, layer = push_blob(http, json.dumps({"config": config}).encode()), push_blob(http, b"layer")
    manifest = {"schemaVersion": 2, "config": {"digest": told}, "layers": [{"digest": layer}]}
    answer = http.put(f"/v2/team/shop/manifests/{tag}", json=manifest, headers={"content-type": MANIFEST})
    assert answer.status_code == 201, answer.text
    return str(answer.headers["docker-content-digest"])


def refused(answer: httpx.Response, status: int, code: str) -> bool:
    return (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)


def test_a_blob_comes_in_pieces_that_must_follow_each_other(http: httpx.Client) -> None:
    location = http.post("/v2/team/shop/blobs/uploads/").headers["location"]
    first = http.patch(location, content=b"abc", headers={"content-range": "0-2"})
    assert (first.status_code, first.headers["range"]) == (202, "0-2")
    wrong = http.patch(location, content=b"f", headers={"content-range": "5-5"})
    assert refused(wrong, 416, "BLOB_UPLOAD_INVALID")
    assert http.get(location).headers["range"] == "0-2"
    done = http.put(location, params={"digest": digest(b"abcdef")}, content=b"def")
    assert done.status_code == 201
    assert http.get(done.headers["location"]).content == b"abcdef"
    head = http.head(done.headers["location"])
    assert (head.content, head.headers["content-length"]) == (b"", "6")


def test_a_blob_of_another_digest_is_not_kept(http: httpx.Client) -> None:
    location = http.post("/v2/team/shop/blobs/uploads/").headers["location"]
    assert refused(http.put(location, params={"digest": digest(b"x")}, content=b"y"), 400, "DIGEST_INVALID")
    assert http.head(f"/v2/team/shop/blobs/{digest(b'y')}").status_code == 404
    assert refused(http.get(location), 404, "BLOB_UPLOAD_UNKNOWN")


def test_a_blob_that_is_here_is_mounted(http: httpx.Client) -> None:
    known = push_blob(http, b"layer")
    again = http.post("/v2/other/blobs/uploads/", params={"mount": known, "from": "team/shop"})
    assert again.status_code == 201
    unknown = http.post("/v2/other/blobs/uploads/", params={"mount": digest(b"none"), "from": "team/shop"})
    assert unknown.status_code == 202


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/v2/team/shop/manifests/1", {"schemaVersion": 1}, 400, "MANIFEST_INVALID"),
        ("/v2/team/shop/manifests/1", [], 400, "MANIFEST_INVALID"),
        (
            "/v2/team/shop/manifests/1",
            {"schemaVersion": 2, "config": {"digest": digest(b"")}, "layers": []},
            400,
            "MANIFEST_BLOB_UNKNOWN",
        ),
        ("/v2/team/shop/manifests/..", {}, 404, ""),
        ("/v2/Team/manifests/1", {}, 400, "NAME_INVALID"),
        ("/v2/team/shop/manifests/-x", {}, 400, "MANIFEST_INVALID"),
        (f"/v2/team/shop/manifests/{digest(b'other')}", {"schemaVersion": 2, "manifests": []}, 400, "DIGEST_INVALID"),
    ],
)
def test_manifests_that_cannot_be(http: httpx.Client, path: str, body: Any, status: int, code: str) -> None:
    answer = http.put(path, json=body)
    assert answer.status_code == status
    if code:
        assert refused(answer, status, code)


def test_tags_in_pages(http: httpx.Client) -> None:
    assert refused(http.get("/v2/team/shop/tags/list"), 404, "NAME_UNKNOWN")
    for tag in ("b", "a", "c"):
        push_image(http, tag, {})
    first = http.get("/v2/team/shop/tags/list", params={"n": 2})
    assert (first.json()["tags"], "last=b" in first.headers["link"]) == (["a", "b"], True)
    assert http.get("/v2/team/shop/tags/list", params={"n": 2, "last": "b"}).json()["tags"] == ["c"]


def test_another_host_than_this_machine_is_refused(http: httpx.Client) -> None:
    assert refused(http.get("/v2/", headers={"host": "attacker.example"}), 403, "DENIED")


def test_our_own_client_reads_it(registry: PushRegistry, http: httpx.Client) -> None:
    pushed = push_image(http, "1", {})
    ours = Registries(NoSecrets())
    name = f"{registry.host}/team/shop"
    ours.may_push(name)
    assert (ours.digest(f"{name}:1"), ours.digest(f"{name}@{pushed}"), ours.digest(f"{name}:2")) == (
        pushed, pushed, None,
    )  # fmt: skip
    assert ours.tags(name) == ["1"]
    manifest = ours.manifest(f"{name}:1")
    assert manifest
    assert digest(manifest) == pushed
    ours.close()


def test_the_label_says_how_the_program_behaves(registry: PushRegistry, http: httpx.Client) -> None:
    said = json.dumps({"needs_env": ["MODE"], "log": ["up"]})
    by_digest = push_image(http, "1", {"Labels": {LABEL: said}, "ExposedPorts": {"80/tcp": {}}, "User": "65532:65532"})
    for reference in (f"{registry.host}/team/shop:1", f"{registry.host}/team/shop@{by_digest}"):
        found = registry.image(reference)
        assert found
        assert (found.needs_env, found.log, found.listens, found.user) == (("MODE",), ("up",), (80,), 65532)
    assert registry.image(f"{registry.host}/team/shop:2") is None
    assert registry.image("docker.io/team/shop:1") is None


def test_a_label_that_cannot_be_read_is_said_in_the_log(registry: PushRegistry, http: httpx.Client) -> None:
    push_image(http, "1", {"Labels": {LABEL: '{"sings": true}'}})
    found = registry.image(f"{registry.host}/team/shop:1")
    assert found
    assert found.exit
    assert "unknown keys sings" in found.exit.log[0]


def test_an_index_means_its_first_image_for_a_platform(registry: PushRegistry, http: httpx.Client) -> None:
    image = push_image(http, "amd64", {"User": "7"})
    note = push_image(http, "note", {"User": "8"})
    listed = [
        {"digest": note, "platform": {"os": "unknown", "architecture": "unknown"}},
        {"digest": image, "platform": {"os": "linux", "architecture": "amd64"}},
    ]
    answer = http.put(
        "/v2/team/shop/manifests/1",
        json={"schemaVersion": 2, "manifests": listed},
        headers={"content-type": INDEX},
    )
    assert answer.status_code == 201
    found = registry.image(f"{registry.host}/team/shop:1")
    assert found
    assert found.user == 7


def test_nothing_stays_when_it_ends() -> None:
    with PushRegistry() as registry, httpx.Client(base_url=f"http://{registry.host}") as http:
        push_blob(http, b"layer")
    with pytest.raises(TesseraError):
        Registries(NoSecrets()).digest(f"{registry.host}/team/shop:1")
    assert registry.image(f"{registry.host}/team/shop:1") is None
