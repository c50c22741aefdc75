"""The shapes of a build: the commit, the order to an engine, and what the engine says while it works."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum


@dataclass(frozen=True)
class Commit:
    """One commit. `sha` has 40 hexadecimal digits; `ref` is the branch, tag or pull request that it was found by,
    empty when it was named by its digits. `url` is its page at the code host, where there is one."""

    sha: str
    message: str = ""
    author: str = ""
    when: datetime | None = None
    ref: str = ""
    url: str = ""

    @property
    def short(self) -> str:
        return self.sha[:7]

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.strip().split("\n", 1)[0]


@dataclass(frozen=True)
class Credentials:
    """A login; never printed."""

    username: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True)
class Order:
    """What an engine is to build and push. `image` is the full reference with tag that is pushed.

    `dockerfile` is its path inside the context; `labels` are written into the image
    (https://github.com/opencontainers/image-spec/blob/main/annotations.md).
    """

    image: str
    dockerfile: str = "Dockerfile"
    labels: Mapping[str, str] = field(default_factory=dict)
    arguments: Mapping[str, str] = field(default_factory=dict)
    target: str = ""


class Phase(Enum):
    """What an engine does; the names of the stages people see."""

    BUILD = "build"
    PUSH = "push"


@dataclass(frozen=True)
class BuildEvent:
    """One thing that an engine says, in order.

    `text` is output as it came, one line or several. `step` is set where an instruction begins, such as `3/7`.
    `error` is the engine's own statement that it failed (then it is the last event), `code` the exit code of the
    instruction if there is one. The last event of a success has `digest`: `sha256:…` of what the registry stored.
    """

    phase: Phase
    text: str = ""
    step: str = ""
    error: str = ""
    code: int = 0
    digest: str = ""
