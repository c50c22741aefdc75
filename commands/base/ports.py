"""The ports: what commands need from the outside world, as small Protocols named by purpose.

Adapters live in `bot/`; tests use fakes that pass the same contract tests.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Protocol

from commands.base.request import Identity
from explainers.builds.model import BuildEvent, Commit, Credentials, Order
from explainers.builds.notice import News, Notice
from explainers.diagnosis.facts import Question
from explainers.document import Document
from explainers.operations.base import Answer, Operation

Progress = Callable[[str], None]
Stop = Callable[[], bool]
"""Whether the work should end now: somebody pressed Cancel, or the deadline has passed. Cheap; asked often."""


def silent(_text: str) -> None:
    """The progress of callers who do not wait."""


def unseen(_document: Document) -> None:
    """The interim documents of callers who do not look."""


def nothing() -> None:
    """The `close` of services that made nothing."""


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, aware, in UTC."""

    def wait(self, seconds: float) -> None:
        """Let that much time pass."""


class Cluster(Protocol):
    """A Kubernetes cluster as one identity sees it."""

    @property
    def name(self) -> str:
        """What people call this cluster (the kubeconfig context)."""

    @property
    def default_namespace(self) -> str:
        """The namespace meant when nobody names one."""

    def run(self, operation: Operation) -> Answer:
        """Send one operation. Never raises for what the API answers; status 0 when nothing came back."""

    def read(self, operations: Sequence[Operation]) -> list[Answer]:
        """Send independent reads, overlapping; answers in the order of the operations."""

    def watch(self, operation: Operation, seconds: float) -> Iterable[dict[str, object]]:
        """The watch events of a list operation, until `seconds` have passed or the caller stops."""


class Clusters(Protocol):
    """Where a Cluster for one person comes from; the underlying connection is never mutated."""

    def as_identity(self, identity: Identity) -> Cluster:
        """The cluster as this identity sees it (the connection's own when the identity is empty)."""


class StateStore(Protocol):
    """Small shared state: threads, buttons, idempotency keys, bindings. Values are JSON text."""

    def put(self, key: str, value: str, seconds: int | None) -> None:
        """Keep a value for that long; for ever where `seconds` is None."""

    def put_new(self, key: str, value: str, seconds: int) -> bool:
        """Store only if the key is free; True when stored. How one of several wins."""

    def get(self, key: str) -> str | None: ...

    def take(self, key: str) -> str | None:
        """Read and remove in one step: single-use values."""

    def delete(self, key: str) -> None: ...


class CodeHost(Protocol):
    """Where source code is: GitHub, or any Git repository. `repository` is what people write in a binding.

    Every method raises NotFound (repository or ref; says the nearest), Denied (no access; says how to get it),
    Unavailable (did not answer), UsageError (not a repository or ref that may be asked for).
    """

    def commit(self, repository: str, ref: str) -> Commit:
        """The one commit that a branch, tag, commit or `#PULL` means; of the default branch where `ref` is empty."""

    def archive(self, repository: str, sha: str) -> AbstractContextManager[IO[bytes]]:
        """Exactly that commit as a tar stream (plain or gzip), each path below one top folder, as GitHub sends it."""

    def files(self, repository: str, sha: str) -> list[str]:
        """Paths of all files of a commit."""

    def dockerfiles(self, repository: str, sha: str) -> list[str]:
        """Paths of the files that look like Dockerfiles, shortest first."""

    def changed(self, repository: str, sha: str) -> list[str]:
        """Paths that differ from the commit's first parent, in the order of their characters; a renamed file has two.
        Of a commit without parents all its files."""

    def behind(self, repository: str, sha: str, ref: str) -> int | None:
        """How many commits `sha` is behind `ref`; None when the host cannot tell."""

    def repositories(self) -> Sequence[str]:
        """The repositories that the host knows of, as one writes them; the first thousand where there are more. Empty
        where it cannot list any. Raises Denied, Unavailable."""


class Noticeboard(Protocol):
    """Where a code host shows how the build of a commit goes, such as its deployments or its checks.

    `put_up` and `tell` raise Denied, NotFound, Unavailable.
    """

    @property
    def name(self) -> str:
        """What people call it, e.g. `deployments at github.com`."""

    def has(self, repository: str) -> bool:
        """Whether the builds of this repository are shown here. Asks nobody."""

    def put_up(self, notice: Notice, again: bool) -> str:
        """Show that a build begins; what was made, as `tell` wants it. With `again`, an earlier run may have made it:
        then that is looked for first."""

    def tell(self, notice: Notice, made: str, news: News) -> None:
        """Show how it goes from now on."""


class BuildEngine(Protocol):
    """What turns a context into an image in a registry."""

    @property
    def name(self) -> str:
        """What people call it, e.g. `Docker Engine 28.2 at build:2376`."""

    @property
    def buildkit(self) -> bool:
        """Whether Dockerfiles that need BuildKit can be built."""

    def check(self) -> None:
        """Raises Unavailable, with what to do, when the engine does not answer or is too old or too new."""

    def build(
        self, order: Order, context: IO[bytes], credentials: Sequence[tuple[str, Credentials]], stop: Stop
    ) -> Iterator[BuildEvent]:
        """Build and push; the events as they happen, with an `error` or a `digest` last. Never raises for a failure.

        `context` is a plain tar archive, its Dockerfile included. `credentials` are logins by registry host, for
        base images and for the push. When `stop` says so, or the iterator is closed, the engine's own work ends and
        the events with it. Whatever happens, no container and no local tag of this build stays behind.
        """


class ImageRegistry(Protocol):
    """Image registries, each addressed by the host in the image reference."""

    def digest(self, reference: str) -> str | None:
        """`sha256:…` of a reference; None when there is no such image. Raises Denied, Unavailable, UsageError."""

    def labels(self, reference: str) -> Mapping[str, str] | None:
        """The labels in an image's configuration; None when there is no such image. Of an image for several platforms
        those of the first. Raises Denied, Unavailable, UsageError."""

    def tags(self, repository: str) -> list[str]:
        """The tags of a repository, in the registry's order; empty when there is none."""

    def may_push(self, repository: str) -> None:
        """Raises Denied (says which login is missing), Unavailable or UsageError when a push would be refused."""


class Context(Protocol):
    """A build context made from a commit's archive."""

    @property
    def tar(self) -> IO[bytes]:
        """A plain tar archive, at its beginning."""

    @property
    def dockerfile(self) -> str:
        """The Dockerfile's path in it."""

    @property
    def text(self) -> str:
        """The Dockerfile's text."""


Packing = Callable[[IO[bytes], str, str], AbstractContextManager[Context]]
"""From a commit's archive, the context folder and the Dockerfile's path in the repository to the context. Raises
UsageError, NotFound (says which Dockerfiles there are), Unavailable."""


class SecretSource(Protocol):
    """Credentials by what they are for; how they are kept is the adapter's business."""

    def registry(self, host: str) -> Credentials | None:
        """The login for a registry host, such as `ghcr.io` or `localhost:5001`; None when there is none."""


@dataclass(frozen=True)
class Connection:
    """A way to something outside. `kind` is such as `registry`; `by` is who added it and `at` when (ISO 8601); both
    are empty for one from a mounted file, which only an administrator changes."""

    kind: str
    host: str
    by: str = ""
    at: str = ""


class Connections(Protocol):
    """The logins that people gave, and those of mounted files. A credential goes in and is never given out here.

    A login is for a host of a kind: a `registry`, with its user and password; or the `github` of this installation,
    with the number of an App and its private key, or no name and a token.
    """

    @property
    def github(self) -> str:
        """The host of the GitHub that can be connected, e.g. `github.com`."""

    def listed(self) -> list[Connection]:
        """Every connection, by kind and host."""

    def ready(self) -> None:
        """Raises UsageError, with what to do, where nothing can be stored."""

    def check(self, kind: str, host: str, login: Credentials | None = None) -> str:
        """Try a login, or the one that is known; what more there is to say of it. Raises Denied, Unavailable,
        UsageError."""

    def keep(self, kind: str, host: str, login: Credentials, by: str) -> None:
        """Store a login, in place of an older one. Raises UsageError, see `ready`."""

    def remove(self, kind: str, host: str) -> bool:
        """Forget a stored login; False when there was none."""


@dataclass(frozen=True)
class Audience:
    """Who waits for an answer: `progress` takes a line of what is done, `show` a whole interim document."""

    progress: Progress = silent
    show: Callable[[Document], None] = unseen


NOBODY = Audience()


@dataclass(frozen=True)
class Builds:
    """What building needs, together, because no part is of use without the others. `later` keeps what `boards` did not
    take, as `commands/base/owing.py` says; None where nothing outlives this process."""

    code: CodeHost
    pack: Packing
    engine: BuildEngine
    registry: ImageRegistry
    secrets: SecretSource
    connections: Connections | None = None
    boards: Sequence[Noticeboard] = ()
    later: Callable[[str], None] | None = None


@dataclass(frozen=True)
class Services:
    """What a handler is given: the ports, as this request's identity may use them.

    `ask` answers a live probe, from a one-time pod where that is allowed. `close` removes what was made for that;
    whoever connects calls it, whatever happens. `state` is `lasting` unless it ends with the answer. `audience` hears
    of what is done meanwhile. `builds` is None where no build engine is set up, `broker` where there is no catalog: it
    is a commands.broker.broker.Broker, which this layer does not know.
    """

    cluster: Cluster
    clock: Clock
    ask: Callable[[Question], Answer]
    state: StateStore
    audience: Audience = NOBODY
    close: Callable[[], None] = nothing
    probe_image: str = "busybox:1.36"
    builds: Builds | None = None
    lasting: bool = True
    broker: object | None = None

    @property
    def progress(self) -> Progress:
        return self.audience.progress
