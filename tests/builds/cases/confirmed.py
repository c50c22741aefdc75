"""A registry that, asked after a push, has another image under the tag than the one that was pushed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from bot.builds.address import Address
from bot.builds.buildkit import BuildKitEngine
from bot.builds.docker import DockerEngine
from bot.logins import MountedLogins
from bot.registry.adapter import Registries
from bot.source.context import build_context
from bot.state.memory import MemoryState
from bot.wiring import SystemClock
from commands.base.building import STAGES, BuildFailed, build_image
from commands.base.checklist import Checklist
from commands.base.journal import Journal
from commands.base.ports import NOBODY, Audience, BuildEngine, Builds, Clock, Stop
from explainers.builds.binding import Binding
from explainers.builds.model import BuildEvent, Credentials, Order
from tests.builds.captured import Output
from tests.builds.cases.case import IMAGE, Case, Parts
from tests.builds.programs import NothingFailedError
from tests.contract.build_places import context
from tests.fakes.code_host import FakeCodeHost, FakeRepository

_REPOSITORY = IMAGE.rpartition(":")[0]


@dataclass(frozen=True)
class Overtaken:
    """A real engine; between its push and the question to the registry, somebody pushes something else to the tag."""

    engine: BuildEngine

    @property
    def name(self) -> str:
        return self.engine.name

    @property
    def buildkit(self) -> bool:
        return self.engine.buildkit

    def check(self) -> None:
        self.engine.check()

    def build(
        self, order: Order, archive: IO[bytes], credentials: Sequence[tuple[str, Credentials]], stop: Stop
    ) -> Iterator[BuildEvent]:
        for event in self.engine.build(order, archive, credentials, stop):
            if event.digest:
                other = context("FROM busybox\nENV OTHER=image\n")
                list(self.engine.build(Order(order.image), other, credentials, stop))
            yield event


class _Nobody:
    clock: Clock = SystemClock()
    audience: Audience = NOBODY


def overtaken(engine: BuildEngine) -> Output:
    """What a build says whose tag is taken by another image before the registry is asked."""
    repository, logins = FakeRepository(), MountedLogins(None)
    repository.push("main", {"Dockerfile": "FROM busybox\nENV WANTED=image\n"}, "Change")
    code = FakeCodeHost({"shop": repository})
    parts = Builds(code, build_context, Overtaken(engine), Registries(logins), logins)
    board, journal = Checklist(_Nobody(), "", STAGES), Journal(MemoryState(), "r-1")
    try:
        build_image(parts, Binding("shop", _REPOSITORY), code.commit("shop", "main"), journal, board, lambda: False)
    except BuildFailed as failure:
        return Output(failure.error, failure.tail, failure.code, failure.phase, failure.dockerfile)
    raise NothingFailedError("the registry has what was pushed")


def _docker(parts: Parts) -> tuple[Output, tuple[str, ...]]:
    return overtaken(DockerEngine(Address(parts.engine.address))), ()


def _buildkit(parts: Parts) -> tuple[Output, tuple[str, ...]]:
    return overtaken(BuildKitEngine(Address(parts.buildkit.address))), ()


_HOW = "a push, another push to the same tag, and then the question to the registry what it has there"
CASES: list[Case] = [
    Case("registry_disagrees", "overtaken-docker", "docker", _HOW, (_REPOSITORY,), _docker, retry=True),
    Case("registry_disagrees", "overtaken-buildkit", "buildkit", _HOW, (_REPOSITORY,), _buildkit, retry=True),
]
