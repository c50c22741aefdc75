"""The registry that the sandbox's node pulls from, and what the programs in its images do.

A scenario adds its own images; a name that no pattern matches is not in the registry.
"""

from __future__ import annotations

import fnmatch
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

_REFERENCE = re.compile(
    r"^(?P<repository>[a-z0-9]+([._:/-]+[a-z0-9]+)*?)(:(?P<tag>[\w][\w.-]{0,127}))?(@sha256:[0-9a-f]{64})?$"
)


@dataclass(frozen=True)
class Connection:
    """A server that the program connects to when it starts: the variable with its address, and the log if it cannot."""

    env: str
    unresolved: str = 'could not translate host name "{host}" to address: Name or service not known'
    refused: str = 'connection to server at "{host}" ({address}), port {port} failed: Connection refused'
    timeout: str = 'connection to server at "{host}" ({address}), port {port} failed: timeout expired'
    code: int = 1


@dataclass(frozen=True)
class Exit:
    """How a program ends by itself: after some seconds, with a code and last lines of log."""

    after: float = 1.0
    code: int = 1
    log: tuple[str, ...] = ()


@dataclass(frozen=True)
class Image:
    """One image, or all whose name matches the pattern: how it pulls and what its program does.

    Times are in seconds, `memory` is a quantity, `serves` maps paths to HTTP status codes ("*" for all others).
    """

    pattern: str
    pull: float = 1.0
    denied: bool = False
    user: int = 0
    entrypoint: str = ""
    programs: tuple[str, ...] = ()
    log: tuple[str, ...] = ()
    needs_env: tuple[str, ...] = ()
    connects: tuple[Connection, ...] = ()
    listens: tuple[int, ...] = ()
    listens_after: float = 0.5
    serves: Mapping[str, int] = field(default_factory=dict)
    slow: float = 0.0
    memory: str = "20Mi"
    exit: Exit | None = None
    writes: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    on_term: int = 143

    def matches(self, reference: str) -> bool:
        """Tell whether a full reference (`docker.io/shop/web:2`) is this image."""
        return fnmatch.fnmatchcase(reference, normalized(self.pattern))


class ImageNameError(ValueError):
    """The text is no image reference; the message is the container runtime's."""


def normalized(name: str) -> str:
    """Complete a reference as container runtimes do: `nginx` is `docker.io/library/nginx:latest`."""
    first, slash, _ = name.partition("/")
    if not slash:
        name = f"docker.io/library/{name}"
    elif not ("." in first or ":" in first or first == "localhost"):
        name = f"docker.io/{name}"
    return name if ":" in name.rpartition("/")[2] or "@" in name else f"{name}:latest"


def check_name(name: str) -> None:
    """Check a reference's form.

    Raises ImageNameError.
    """
    if _REFERENCE.match(name):
        return
    last = name.split(":")[0].rpartition("/")[2]
    if last != last.lower():
        raise ImageNameError(f"invalid reference format: repository name ({last}) must be lowercase")
    raise ImageNameError("invalid reference format")


def image_id(name: str) -> str:
    """Give a pulled image's name with its digest, as the runtime reports it."""
    full = normalized(name)
    return full if "@" in full else f"{full.rpartition(':')[0]}@{digest(name)}"


def digest(name: str) -> str:
    """Give an image's digest: the same for the same name."""
    return f"sha256:{hashlib.sha256(normalized(name).encode()).hexdigest()}"


Lookup = Callable[[str], Image | None]
"""From a full reference to the image, or None where there is none."""


def nowhere(_reference: str) -> Image | None:
    """The lookup that knows no image."""
    return None


@dataclass
class Registry:
    """All images that can be pulled: the newest added matching one, else what `pushed` finds."""

    pushed: Lookup = nowhere
    images: list[Image] = field(default_factory=list)

    def add(self, images: Iterable[Image]) -> None:
        """Put images before those that are there."""
        self.images[:0] = list(images)

    def find(self, name: str) -> Image | None:
        """Find the image of a reference, or None."""
        reference = normalized(name)
        return next((image for image in self.images if image.matches(reference)), None) or self.pushed(reference)


def image_from(pattern: str, values: Mapping[str, Any]) -> Image:
    """Build an image from a scenario's mapping.

    Raises ValueError for a key that no image has.
    """
    known = {item.name for item in fields(Image)}
    if unknown := set(values) - known:
        raise ValueError(f"image {pattern}: unknown keys {', '.join(sorted(unknown))}")
    made: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    made["connects"] = tuple(Connection(**item) for item in values.get("connects") or ())
    if ending := values.get("exit"):
        made["exit"] = Exit(**{**ending, "log": tuple(ending.get("log") or ())})
    return Image(pattern, **made)
