"""The shape of a provocation, and the parts that provocations use."""

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.builds.address import Address
from bot.builds.buildkit import BuildKitEngine
from bot.builds.docker import DockerEngine
from tests.builds.captured import Captured, Output
from tests.builds.programs import BuildKit, Engine, Files, through

IMAGE = "localhost:5000/test-provoke:1"
"""Where builds that fail would be pushed to."""


@dataclass(frozen=True)
class Parts:
    """What is really there: an engine, a buildkitd of our own, and a folder for what git needs.

    `bridge` is an address of this machine that the engine does not take for a loopback one, so that it wants TLS.
    """

    engine: Engine
    buildkit: BuildKit
    folder: Path
    bridge: str

    def named(self, program: str) -> str:
        """The program with its version."""
        if program == "git":
            return subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.strip()
        return self.engine.name if program == "docker" else self.buildkit.name


Act = Callable[[Parts], tuple[Output, tuple[str, ...]]]
"""What provokes the failure; also the names known only then, such as the port of a stub."""


@dataclass(frozen=True)
class Case:
    """One way to provoke one kind of failure in one program (`docker`, `buildkit` or `git`)."""

    kind: str
    variant: str
    program: str
    how: str
    names: tuple[str, ...]
    act: Act
    retry: bool = False

    @property
    def name(self) -> str:
        return f"{self.kind}/{self.variant}"

    def provoke(self, parts: Parts) -> Captured:
        output, names = self.act(parts)
        return Captured(
            self.kind, self.variant, parts.named(self.program), self.how, (*self.names, *names), self.retry, output
        )


def docker(
    kind: str, variant: str, files: Files, *names: str, how: str = "", retry: bool = False, **options: Any
) -> Case:
    """A build of these files by the classic builder."""

    def act(parts: Parts) -> tuple[Output, tuple[str, ...]]:
        return parts.engine.build(files, **options), ()

    return Case(kind, f"{variant}-docker", "docker", how or _said(files), names, act, retry)


def buildkit(
    kind: str, variant: str, files: Files, *names: str, how: str = "", retry: bool = False, options: Sequence[str] = ()
) -> Case:
    """A build of these files by BuildKit."""

    def act(parts: Parts) -> tuple[Output, tuple[str, ...]]:
        return parts.buildkit.build(files, *options), ()

    return Case(kind, f"{variant}-buildkit", "buildkit", how or _said(files), names, act, retry)


def ours(kind: str, variant: str, files: Files, *names: str, image: str = IMAGE, retry: bool = False) -> list[Case]:
    """The same by both builders, as our own engines tell it."""

    def by_docker(parts: Parts) -> tuple[Output, tuple[str, ...]]:
        return through(DockerEngine(Address(parts.engine.address)), files, image), ()

    def by_buildkit(parts: Parts) -> tuple[Output, tuple[str, ...]]:
        return through(BuildKitEngine(Address(parts.buildkit.address)), files, image), ()

    return [
        Case(kind, f"{variant}-docker-ours", "docker", _said(files), names, by_docker, retry),
        Case(kind, f"{variant}-buildkit-ours", "buildkit", _said(files), names, by_buildkit, retry),
    ]


def both(kind: str, variant: str, files: Files, *names: str, how: str = "", retry: bool = False) -> list[Case]:
    """The same build by both builders, whose wording differs."""
    return [
        docker(kind, variant, files, *names, how=how, retry=retry),
        buildkit(kind, variant, files, *names, how=how, retry=retry),
    ]


def _said(files: Files) -> str:
    """What is built, in one line."""
    dockerfile = files.get("Dockerfile", "")
    text = dockerfile if isinstance(dockerfile, str) else dockerfile.decode(errors="replace")
    return f"build of: {text.strip()[:300]}" if text.strip() else "build of a context with an empty or no Dockerfile"
