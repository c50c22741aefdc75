"""A small image pushed as the OCI distribution specification says, and removed again."""

import hashlib
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urljoin

import httpx

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
LABELS = {"org.opencontainers.image.revision": "1" * 40, "org.opencontainers.image.source": "org/shop"}
CONFIG = json.dumps(
    {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}, "config": {"Labels": LABELS}}
).encode()
INDEX = "application/vnd.oci.image.index.v1+json"


def digest_of(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def manifest(note: str = "") -> bytes:
    """The manifest of an image without layers; `note` makes it differ from others."""
    config = {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest_of(CONFIG), "size": len(CONFIG)}
    body = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [], "annotations": {"note": note}}
    return json.dumps(body).encode()


def index(image: bytes) -> bytes:
    """An index with an attestation, which no machine runs, before an image."""
    attestation = {"mediaType": MANIFEST, "digest": f"sha256:{'1' * 64}", "size": 2}
    unknown = {"platform": {"architecture": "unknown", "os": "unknown"}}
    runs = {"mediaType": MANIFEST, "digest": digest_of(image), "size": len(image)}
    linux = {"platform": {"architecture": "amd64", "os": "linux"}}
    return json.dumps(
        {"schemaVersion": 2, "mediaType": INDEX, "manifests": [attestation | unknown, runs | linux]}
    ).encode()


@contextmanager
def pushed(host: str, login: tuple[str, str] | None, tags: list[str]) -> Iterator[tuple[str, str]]:
    """A repository of its own with one image under these tags; yields the repository and the digest."""
    name, body = f"test-{secrets.token_hex(4)}/shop", manifest(secrets.token_hex(4))
    with httpx.Client(base_url=f"http://{host}/v2/{name}/", auth=login) as client:
        started = client.post("blobs/uploads/").raise_for_status()
        place = urljoin(str(started.url), started.headers["location"])
        client.put(place, params=_query(place, CONFIG), content=CONFIG).raise_for_status()
        for tag in tags:
            client.put(f"manifests/{tag}", content=body, headers={"Content-Type": MANIFEST}).raise_for_status()
        try:
            yield f"{host}/{name}", digest_of(body)
        finally:
            client.delete(f"manifests/{digest_of(body)}")


def _query(place: str, body: bytes) -> dict[str, str]:
    return dict(httpx.URL(place).params) | {"digest": digest_of(body)}
