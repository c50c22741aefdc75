"""The ImageRegistry port over the OCI distribution protocol.

Specification: https://github.com/opencontainers/distribution-spec/blob/main/spec.md.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from bot.registry.exchange import PUSH, Exchange
from bot.registry.failures import refusal, refused
from bot.registry.images import config_of, labels_of, platform_of
from bot.registry.wire import Answer, Limits, Wire
from commands.base.errors import TesseraError, Unavailable, UsageError
from commands.base.ports import SecretSource
from explainers.builds.references import BadReference, Reference, check_digest, parse_reference, parse_repository

ACCEPT = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)
PAGES = 50
PAGE = 1000
_NEXT = re.compile(r'<([^>]*)>\s*;[^,]*\brel="?next"?')


class Registries:
    """Registries by the host in the reference. `plain` are the hosts, besides loopback, that may speak plain HTTP."""

    def __init__(
        self,
        secrets: SecretSource,
        plain: frozenset[str] = frozenset(),
        authorities: Path | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._wire = Wire(plain, authorities, limits or Limits())
        self._exchange = Exchange(secrets.registry, self._wire)
        self._secrets = secrets

    def close(self) -> None:
        """Drop the connections."""
        self._wire.close()

    def digest(self, reference: str) -> str | None:
        """See ImageRegistry. One HEAD; where it does not say the digest, the manifest is read and hashed."""
        image = _parsed(parse_reference, reference)
        answer = self._manifest(image, "HEAD")
        if answer.status == 404:
            return None
        said = answer.headers.get("docker-content-digest", "")
        if not said:
            answer = self._manifest(image, "GET")
            if answer.status == 404:
                return None
            said = _of(answer.body, image)
        return _agreed(image, said)

    def manifest(self, reference: str) -> bytes | None:
        """The manifest or index as it came, its digest checked; None when there is no such image.

        Raises Denied, Unavailable (a digest that is not true, too), UsageError.
        """
        image = _parsed(parse_reference, reference)
        answer = self._manifest(image, "GET")
        if answer.status == 404:
            return None
        said = answer.headers.get("docker-content-digest", "")
        if said and said != _of(answer.body, image, said):
            raise _liar(image, said)
        _agreed(image, _of(answer.body, image))
        return answer.body

    def labels(self, reference: str) -> Mapping[str, str] | None:
        """See ImageRegistry."""
        image = _parsed(parse_reference, reference)
        manifest = self.manifest(reference)
        if manifest and (first := platform_of(manifest)):
            manifest = self.manifest(str(image.with_digest(first)))
        if manifest is None:
            return None
        config = config_of(manifest)
        return labels_of(self._blob(image, config)) if config else {}

    def tags(self, repository: str) -> list[str]:
        """See ImageRegistry."""
        image = _parsed(parse_repository, repository)
        found: list[str] = []
        path = f"/v2/{image.path}/tags/list?n={PAGE}"
        for _ in range(PAGES):
            answer = self._exchange.ask(image, "GET", path)
            if answer.status == 404:
                return found
            self._expect(image, answer, 200)
            found.extend(_tags(image, answer.body))
            path = _next(path, answer.headers.get("link", ""))
            if not path:
                break
        return found

    def may_push(self, repository: str) -> None:
        """See ImageRegistry. An upload is started and given up, so that nothing stays."""
        image = _parsed(parse_repository, repository)
        answer = self._exchange.ask(image, "POST", f"/v2/{image.path}/blobs/uploads/", PUSH, {"Content-Length": "0"})
        self._expect(image, answer, 202)
        location = urlsplit(answer.headers.get("location", ""))
        if location.path and location.netloc in ("", image.host, urlsplit(f"//{image.host}").hostname):
            path = location.path + (f"?{location.query}" if location.query else "")
            self._exchange.ask(image, "DELETE", path, PUSH)

    def _manifest(self, image: Reference, method: str) -> Answer:
        name = image.digest or image.tag or "latest"
        answer = self._exchange.ask(image, method, f"/v2/{image.path}/manifests/{name}", headers={"Accept": ACCEPT})
        if answer.status != 404:
            self._expect(image, answer, 200)
        return answer

    def _blob(self, image: Reference, digest: str) -> bytes:
        answer = self._exchange.ask(image, "GET", f"/v2/{image.path}/blobs/{digest}")
        self._expect(image, answer, 200)
        if _of(answer.body, image, digest) != digest:
            raise _liar(image, digest)
        return answer.body

    def _expect(self, image: Reference, answer: Answer, status: int) -> None:
        if answer.status != status:
            what = refusal(answer.status, answer.body)
            raise refused(image.host, image.path, what, self._secrets.registry(image.host) is not None)


def _parsed(parse: Callable[[str], Reference], written: str) -> Reference:
    try:
        return parse(written)
    except BadReference as error:
        raise UsageError(error.message, error.hint) from error


def _of(body: bytes, image: Reference, like: str = "") -> str:
    """The digest of a body, by the algorithm of the digest that it is compared with."""
    algorithm = "sha512" if (like or image.digest).startswith("sha512:") else "sha256"
    return f"{algorithm}:{hashlib.new(algorithm, body).hexdigest()}"


def _agreed(image: Reference, said: str) -> str:
    """The digest, if it can be one and is the one that was asked for. Raises Unavailable."""
    try:
        check_digest(said)
    except BadReference as error:
        raise _liar(image, said) from error
    if image.digest and said != image.digest:
        raise _liar(image, said)
    return said


def _liar(image: Reference, said: str) -> TesseraError:
    return Unavailable(
        f"{image.host} says {said[:80]!a} is the digest of {image.path}, which is not true.",
        "do not use this image; ask who runs the registry or the proxy before it",
    )


def _tags(image: Reference, body: bytes) -> list[str]:
    try:
        listed = json.loads(body).get("tags") or []
    except (ValueError, AttributeError) as error:
        raise Unavailable(f"{image.host} does not answer as an image registry.", "check its address") from error
    return [each for each in listed if isinstance(each, str)]


def _next(path: str, link: str) -> str:
    """The next page's path, on the same host only; empty at the end."""
    found = _NEXT.search(link)
    if not found:
        return ""
    url = urlsplit(urljoin(path, found[1]))
    target = url.path + (f"?{url.query}" if url.query else "")
    return target if url.path == urlsplit(path).path and target != path else ""
