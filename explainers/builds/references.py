"""Image references: their grammar, what a short one stands for, and a tag made from a branch.

Grammar and normalisation: https://github.com/distribution/reference (regexp.go, normalize.go).
"""

import re
import unicodedata
from dataclasses import dataclass, replace

HUB = "docker.io"
FORM = "write it like ghcr.io/org/shop:1.4, with small letters, digits and . _ - between them"
LONGEST_NAME = 255
LONGEST_TAG = 128
_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_HOST = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]{{1,5}})?")
_PART = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")


class BadReference(ValueError):
    """Not an image reference. `hint` says the right form."""

    def __init__(self, message: str, hint: str = FORM) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True)
class Reference:
    """A full reference. `host` may have a port; `tag` and `digest` may each be empty."""

    host: str
    path: str
    tag: str = ""
    digest: str = ""

    @property
    def repository(self) -> str:
        """Host and path, without tag and digest."""
        return f"{self.host}/{self.path}"

    @property
    def familiar(self) -> str:
        """The repository as people write it: Docker Hub's host and `library/` left out."""
        if self.host != HUB:
            return self.repository
        official = self.path.removeprefix("library/")
        return official if "/" not in official else self.path

    def with_tag(self, tag: str) -> "Reference":
        """The same repository with another tag and no digest. Raises BadReference."""
        return replace(self, tag=check_tag(tag), digest="")

    def with_digest(self, digest: str) -> "Reference":
        """The same repository by digest. Raises BadReference."""
        return replace(self, tag="", digest=check_digest(digest))

    def __str__(self) -> str:
        return self.repository + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")


def parse_reference(written: str) -> Reference:
    """The reference that is meant, as Docker reads it. No tag is added. Raises BadReference."""
    text = written.strip()
    rest, at, digest = text.partition("@")
    if not rest or (at and not digest):
        raise BadReference(f"{_shown(text) or 'Nothing'} is not an image.")
    host, path = _split(rest)
    path, colon, tag = path.partition(":")
    if colon:
        check_tag(tag)
    if at:
        check_digest(digest)
    if not _HOST.fullmatch(host):
        raise BadReference(f"{_shown(host)} in {_shown(text)} is not the address of a registry.")
    _check_path(text, host, path)
    return Reference(host, path, tag, digest)


def parse_repository(written: str) -> Reference:
    """A repository: a reference without tag and digest. Raises BadReference."""
    found = parse_reference(written)
    if found.tag or found.digest:
        raise BadReference(f"{_shown(written)} names one image, not a repository.", f"write {found.familiar}")
    return found


def check_tag(tag: str) -> str:
    """The tag. Raises BadReference."""
    if not _TAG.fullmatch(tag):
        raise BadReference(
            f"{_shown(tag) or 'Nothing'} is not a tag.",
            "letters, digits and . _ - up to 128, not beginning with . or -",
        )
    return tag


def check_digest(digest: str) -> str:
    """The digest. Raises BadReference."""
    if not _DIGEST.fullmatch(digest):
        raise BadReference(f"{_shown(digest) or 'Nothing'} is not a digest.", "write sha256: and 64 hexadecimal digits")
    return digest


def branch_tag(branch: str, sha: str) -> str:
    """`feature/Login` and a commit's digits to `feature-login-1234567`; `#12` to `pr-12-1234567`.

    Always a valid tag; the digits alone where nothing of the branch can stand in one.
    """
    named = re.sub(r"^#(?=[0-9])", "pr-", branch)
    plain = unicodedata.normalize("NFKD", named.casefold()).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9_.]+", "-", plain)
    short = sha[:7]
    kept = slug[: LONGEST_TAG - len(short) - 1].strip("-.")
    return f"{kept}-{short}" if kept else short


def _split(name: str) -> tuple[str, str]:
    """Registry and the rest. A first part is a registry where it looks like an address."""
    first, slash, rest = name.partition("/")
    if not slash:
        return HUB, f"library/{name}"
    if first == f"index.{HUB}":
        first = HUB
    if first != "localhost" and not re.search(r"[.:]", first) and first == first.lower():
        return HUB, name
    return first, f"library/{rest}" if first == HUB and "/" not in rest else rest


def _check_path(text: str, host: str, path: str) -> None:
    if len(f"{host}/{path}") > LONGEST_NAME:
        raise BadReference(f"{_shown(text)} has more than {LONGEST_NAME} characters.")
    if path != path.lower():
        raise BadReference(
            f"{_shown(text)} has capital letters.", f"write {_shown(path.lower().removeprefix('library/'))}"
        )
    if re.fullmatch(r"(?:library/)?[0-9a-f]{64}", path) and host == HUB:
        raise BadReference(f"{_shown(text)} is an image's id, not its name.")
    for part in path.split("/"):
        if not _PART.fullmatch(part):
            raise BadReference(f"{_shown(part) or 'Nothing'} in {_shown(text)} is not part of an image's name.")


def _shown(text: str) -> str:
    short = text if len(text) <= 80 else f"{text[:79]}…"
    return short if short.isprintable() else ascii(short)
