"""From a commit to an image in a registry: the stages fetch, build and push."""

import json
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from typing import cast

from commands.base.checklist import Checklist
from commands.base.errors import UsageError
from commands.base.journal import Journal
from commands.base.long_log import LongLog
from commands.base.ports import Builds, Context, Services, Stop
from explainers.builds.binding import Binding, repository_of
from explainers.builds.dockerfile import read
from explainers.builds.model import BuildEvent, Commit, Credentials, Order, Phase
from explainers.builds.references import BadReference, branch_tag, parse_reference

FETCH = "fetch"
IMAGE = "image"
"""Under which the journal keeps the image."""
STAGES = (FETCH, Phase.BUILD.value, Phase.PUSH.value)
NO_ENGINE = (
    "get a Docker Engine (https://docs.docker.com/engine/install/) and start me with "
    "`TESSERA_DOCKER_HOST=unix:///var/run/docker.sock`, or set `TESSERA_BUILDKIT_HOST`"
)
TAIL = 200
"""Lines of an engine's output that a failure is explained by."""


@dataclass(frozen=True)
class Image:
    """A built image: `reference` with its tag, `digest` as the registry confirmed it."""

    reference: str
    digest: str

    @property
    def pinned(self) -> str:
        """`repository@sha256:…`, which no later push changes."""
        return f"{repository_of(self.reference)}@{self.digest}"

    @property
    def short(self) -> str:
        """The same for people: as much of the digest as tells images apart."""
        return self.pinned[: -len(self.digest)] + self.digest[:19]

    def to_json(self) -> str:
        return json.dumps(asdict(self))


class BuildFailed(Exception):
    """The engine, or the registry behind it, says that the build failed. `log` is what it printed, `tail` the end
    of that, `dockerfile` the Dockerfile's text."""

    def __init__(self, phase: Phase, error: str, log: LongLog | None = None, code: int = 0) -> None:
        super().__init__(error)
        self.phase, self.error, self.code = phase, error, code
        self.log = log or LongLog()
        self.dockerfile = ""

    @property
    def tail(self) -> tuple[str, ...]:
        return self.log.tail(TAIL)


class Stopped(Exception):  # not an error: somebody wanted it
    """The work was cancelled, or its time is over."""


def need_builds(services: Services) -> Builds:
    """What building needs. Raises UsageError, with how to get it, where no engine is set up."""
    if services.builds is None:
        raise UsageError("No build engine is set up here, so I cannot build.", NO_ENGINE)
    return services.builds


def same_commit(journal: Journal, find: Callable[[], Commit]) -> Commit:
    """The commit that this request is about: found once, and the same when the job runs again after a crash, because
    a branch may have moved on by then."""
    known = journal.noted("commit")
    if known:
        kept = json.loads(known)
        when = datetime.fromisoformat(kept.pop("when")) if kept["when"] else None
        return Commit(**{**kept, "when": when})
    found = find()
    journal.note("commit", json.dumps(asdict(found) | {"when": found.when.isoformat() if found.when else ""}))
    return found


def build_image(
    builds: Builds, binding: Binding, commit: Commit, journal: Journal, board: Checklist, stop: Stop
) -> Image:
    """Build and push exactly this commit, and let the registry confirm it.

    A job that runs again after a crash takes the image that it had pushed. Raises BuildFailed, Stopped, TesseraError.
    """
    known = journal.noted(IMAGE)
    if known:
        for name in STAGES:
            board.skip(name, "done before I was started again")
        return Image(**json.loads(known))
    with ExitStack() as held:
        with board.stage(FETCH, f"{commit.short} {commit.subject}"):
            archive = held.enter_context(builds.code.archive(binding.repository, commit.sha))
            context = held.enter_context(builds.pack(archive, binding.context, binding.dockerfile))
        order = order_for(binding, commit, context.dockerfile)
        if stop():
            raise Stopped
        try:
            image = Image(order.image, _built(builds, order, context, board, stop))
            _confirm(builds, image)
        except BuildFailed as failure:
            failure.dockerfile = context.text
            board.fail(failure.phase.value)
            raise
    journal.note(IMAGE, image.to_json())
    return image


def order_for(binding: Binding, commit: Commit, dockerfile: str) -> Order:
    """What the engine is asked for; the labels are those of the OCI image specification."""
    labels = {
        "org.opencontainers.image.revision": commit.sha,
        "org.opencontainers.image.source": binding.repository,
    }
    return Order(f"{binding.image}:{branch_tag(commit.ref, commit.sha)}", dockerfile, labels)


def _built(builds: Builds, order: Order, context: Context, board: Checklist, stop: Stop) -> str:
    """The digest that the engine pushed."""
    log = LongLog()
    phase = Phase.BUILD
    said = builds.engine.build(order, context.tar, _logins(builds, order, context.text), stop)
    with closing(cast("Generator[BuildEvent]", said)) as events:  # closed, the engine ends its work
        for phase, some in groupby(events, key=lambda event: event.phase):
            with board.stage(phase.value):
                for event in some:
                    if stop():
                        raise Stopped
                    log.add(event.text)
                    _tell(board, event)
                    if event.error:
                        raise BuildFailed(event.phase, event.error, log, event.code)
                    if event.digest:  # the last word: whatever the engine tidies up is not waited for
                        return event.digest
                if stop():  # then the engine ends its work without a word
                    raise Stopped
    if stop():
        raise Stopped
    raise BuildFailed(phase, "the engine's answer ended before it said what it had pushed", log)


def _tell(board: Checklist, event: BuildEvent) -> None:
    if event.step:
        board.detail(event.phase.value, f"step {event.step}")
    for line in event.text.splitlines():
        if line.strip():
            board.output(line)


def _logins(builds: Builds, order: Order, dockerfile: str) -> list[tuple[str, Credentials]]:
    """The logins for the registries that this build talks to: of the image, and of the base images."""
    hosts = dict.fromkeys([parse_reference(order.image).host, *_bases(dockerfile)])
    found = ((host, builds.secrets.registry(host)) for host in hosts)
    return [(host, login) for host, login in found if login]


def _bases(dockerfile: str) -> Iterator[str]:
    """The registry hosts of the images that a Dockerfile names; what a variable stands for is not known."""
    for instruction in read(dockerfile).instructions:
        words = instruction.text.split()
        image = words[:1] if instruction.name == "FROM" else [instruction.flag("from") or ""]
        for name in image:
            with suppress(BadReference):
                yield parse_reference(name).host


def _confirm(builds: Builds, image: Image) -> None:
    """Ask the registry what it stores under the tag. Raises BuildFailed when that is another image."""
    stored = builds.registry.digest(image.reference)
    if stored != image.digest:
        said = f"the registry has {stored or 'nothing'} under {image.reference}, but {image.digest} was pushed"
        raise BuildFailed(Phase.PUSH, said)
