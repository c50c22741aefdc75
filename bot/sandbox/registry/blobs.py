"""Content by its digest, in a folder: blobs as they are uploaded in pieces, manifests, and tags.

Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from bot.sandbox.jsonish import Object

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
LARGEST_MANIFEST = 4 << 20
"""Bytes; what the specification asks registries to take at least."""


class RefusedError(Exception):
    """A request that the specification has an error code for."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def digest_of(content: bytes) -> str:
    """The digest of some bytes."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@dataclass
class Upload:
    """A blob on its way: its file, how much of it has come, and the hash of that."""

    file: Path
    size: int = 0
    hash: hashlib._Hash = field(default_factory=hashlib.sha256)


@dataclass(frozen=True)
class Manifest:
    """A stored manifest or index, byte for byte as it was pushed."""

    media_type: str
    content: bytes

    @property
    def digest(self) -> str:
        return digest_of(self.content)

    @property
    def body(self) -> Object:
        """The JSON in it. It was checked when it was stored."""
        found: Object = json.loads(self.content)
        return found


class Blobs:
    """Everything that was pushed. Blobs lie in `folder`, whoever pushed them; manifests and tags belong to a name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._uploads: dict[str, Upload] = {}
        self._manifests: dict[str, dict[str, Manifest]] = {}
        self._tags: dict[str, dict[str, str]] = {}

    def begin(self) -> str:
        """The id of a new upload."""
        number = secrets.token_hex(16)
        self._uploads[number] = Upload(self._folder / f"upload-{number}")
        self._uploads[number].file.touch()
        return number

    def upload(self, number: str) -> Upload:
        """An upload under way. Raises RefusedError."""
        if number not in self._uploads:
            raise RefusedError(404, "BLOB_UPLOAD_UNKNOWN", "no such upload is under way")
        return self._uploads[number]

    def give_up(self, number: str) -> None:
        """Forget an upload. Raises RefusedError."""
        self.upload(number).file.unlink()
        del self._uploads[number]

    def finish(self, number: str, digest: str) -> None:
        """Keep an upload as the blob of that digest. Raises RefusedError when it is another, and forgets it."""
        upload = self.upload(number)
        if f"sha256:{upload.hash.hexdigest()}" != digest:
            self.give_up(number)
            raise RefusedError(400, "DIGEST_INVALID", "the content has another digest")
        upload.file.rename(self._file(digest))
        del self._uploads[number]

    def blob(self, digest: str) -> Path:
        """The file of a blob. Raises RefusedError."""
        if not self.has(digest):
            raise RefusedError(404, "BLOB_UNKNOWN", "no such blob")
        return self._file(digest)

    def has(self, digest: str) -> bool:
        return self._file(digest).is_file()

    def put(self, name: str, reference: str, manifest: Manifest) -> None:
        """Store a manifest under its digest, and under the tag where `reference` is one.

        Raises RefusedError for what is no manifest, for content that is not here, and for another digest.
        """
        digest = manifest.digest
        if ":" in reference and reference != digest:
            raise RefusedError(400, "DIGEST_INVALID", "the manifest has another digest")
        self._check(name, manifest)
        self._manifests.setdefault(name, {})[digest] = manifest
        if ":" not in reference:
            self._tags.setdefault(name, {})[reference] = digest

    def manifest(self, name: str, reference: str) -> Manifest:
        """A manifest by tag or digest. Raises RefusedError."""
        digest = self._tags.get(name, {}).get(reference, reference)
        found = self._manifests.get(name, {}).get(digest)
        if found is None:
            raise RefusedError(404, "MANIFEST_UNKNOWN", f"no manifest {reference} in {name}")
        return found

    def tags(self, name: str) -> list[str]:
        """The tags of a name in order. Raises RefusedError."""
        if name not in self._manifests:
            raise RefusedError(404, "NAME_UNKNOWN", f"no repository {name}")
        return sorted(self._tags.get(name, {}))

    def _check(self, name: str, manifest: Manifest) -> None:
        try:
            body = manifest.body
            needed = [body["config"], *body["layers"]] if "config" in body else []
            blobs = [str(one["digest"]) for one in needed]
            children = [str(one["digest"]) for one in body.get("manifests", [])]
            sound = body.get("schemaVersion") == 2 and ("config" in body or "manifests" in body)
        except (ValueError, KeyError, TypeError, AttributeError):
            sound, blobs, children = False, [], []
        if not sound:
            raise RefusedError(400, "MANIFEST_INVALID", "not a manifest or index of schema version 2")
        here = self._manifests.get(name, {})
        for digest in [*(one for one in blobs if not self.has(one)), *(one for one in children if one not in here)]:
            raise RefusedError(400, "MANIFEST_BLOB_UNKNOWN", f"{digest} was not pushed before")

    def _file(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise RefusedError(400, "DIGEST_INVALID", "a digest is sha256: and 64 hexadecimal digits")
        return self._folder / digest.replace(":", "-")
