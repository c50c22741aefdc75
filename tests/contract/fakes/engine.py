"""A build engine in memory: plays a script, or the Dockerfile as far as `RUN echo`, `RUN exit` and `RUN sleep` go."""

import hashlib
import re
import shlex
import tarfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO

from commands.base.errors import Unavailable
from commands.base.ports import Stop
from explainers.builds.dockerfile import Instruction, needs_buildkit, read
from explainers.builds.model import BuildEvent, Credentials, Order, Phase
from explainers.builds.references import parse_reference
from explainers.builds.steps import problem

Beat = BuildEvent | float
"""What an engine says, or for how many seconds it says nothing."""

Script = Callable[[Order, str], Iterable[Beat]]
"""From the order and its Dockerfile to what the engine does. A script that neither fails nor has a digest succeeds."""


@dataclass(frozen=True)
class FakeImage:
    """What was pushed."""

    digest: str
    labels: dict[str, str]
    arguments: dict[str, str]


@dataclass
class FakeEngine:
    """Implements commands.base.ports.BuildEngine.

    `images` is what it has pushed, by reference; `orders` what it was asked; `working` how many builds are under way.
    `private` are registries that want a login, `away` the reason why the engine does not answer, if it does not.
    """

    script: Script | None = None
    buildkit: bool = False
    away: str = ""
    private: frozenset[str] = frozenset({"localhost:5001"})
    images: dict[str, FakeImage] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)
    working: int = 0

    @property
    def name(self) -> str:
        return "Fake engine"

    def check(self) -> None:
        if self.away:
            raise Unavailable(f"{self.name} does not answer: {self.away}.", "start it")

    def build(
        self, order: Order, context: IO[bytes], credentials: Sequence[tuple[str, Credentials]], stop: Stop
    ) -> Iterator[BuildEvent]:
        if wrong := problem(order):
            yield BuildEvent(Phase.BUILD, error=wrong)
            return
        if self.away:
            yield BuildEvent(Phase.BUILD, error=f"{self.name} does not answer: {self.away}.")
            return
        self.orders.append(order)
        self.working += 1
        try:
            yield from self._events(order, _dockerfile(context, order.dockerfile), dict(credentials), stop)
        finally:
            self.working -= 1

    def _events(
        self, order: Order, dockerfile: str, logins: dict[str, Credentials], stop: Stop
    ) -> Iterator[BuildEvent]:
        for beat in (self.script or self._played)(order, dockerfile):
            if isinstance(beat, float) and not _waited(beat, stop):
                return
            if isinstance(beat, BuildEvent):
                if beat.digest:
                    self._store(order, beat.digest)
                yield beat
                if beat.digest or beat.error:
                    return
            if stop():
                return
        host = parse_reference(order.image).host
        if host in self.private and host not in logins:
            yield BuildEvent(Phase.PUSH, error="no basic auth credentials")
            return
        digest = "sha256:" + hashlib.sha256(repr((order, dockerfile)).encode()).hexdigest()
        self._store(order, digest)
        yield BuildEvent(Phase.PUSH, text=f"digest: {digest}")
        yield BuildEvent(Phase.PUSH, digest=digest)

    def _store(self, order: Order, digest: str) -> None:
        self.images[order.image] = FakeImage(digest, dict(order.labels), dict(order.arguments))

    def _played(self, order: Order, dockerfile: str) -> Iterator[Beat]:
        if (need := needs_buildkit(dockerfile)) and not self.buildkit:
            yield BuildEvent(Phase.BUILD, error=f"{order.dockerfile} {need}")
            return
        instructions = read(dockerfile).instructions
        if not instructions:
            yield BuildEvent(Phase.BUILD, error=f"the Dockerfile ({order.dockerfile}) cannot be empty")
            return
        for number, instruction in enumerate(instructions, 1):
            step = f"{number}/{len(instructions)}"
            said = f"Step {step} : {instruction.name} {instruction.text}"
            yield BuildEvent(Phase.BUILD, text=said, step=step)
            if instruction.name == "RUN":
                yield from _ran(instruction, {**order.arguments})


def _ran(instruction: Instruction, variables: dict[str, str]) -> Iterator[Beat]:
    for part in instruction.text.split(";"):
        words = shlex.split(re.sub(r"\$(\w+)", lambda found: variables.get(str(found[1]), ""), part), comments=True)
        match words:
            case ["echo", *rest]:
                yield BuildEvent(Phase.BUILD, text=" ".join(rest))
            case ["seq", last]:
                yield from (BuildEvent(Phase.BUILD, text=str(number)) for number in range(1, int(last) + 1))
            case ["sleep", seconds]:
                yield float(seconds)
            case ["exit", code] if code != "0":
                told = f"The command '/bin/sh -c {instruction.text}' returned a non-zero code: {code}"
                yield BuildEvent(Phase.BUILD, error=told, code=int(code))
                return


def _waited(seconds: float, stop: Stop) -> bool:
    """Whether all the time passed before somebody wanted an end."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if stop():
            return False
        time.sleep(min(0.01, seconds))
    return True


def _dockerfile(context: IO[bytes], path: str) -> str:
    with tarfile.open(fileobj=context, mode="r|") as archive:
        for member in archive:
            if member.name.removeprefix("./") == path and (file := archive.extractfile(member)):
                return file.read().decode(errors="replace")
    return ""
