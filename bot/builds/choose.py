"""Several engines as one: each Dockerfile goes to an engine that can build it."""

import posixpath
import shutil
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO

from commands.base.errors import Unavailable, UsageError
from commands.base.ports import BuildEngine, Stop
from explainers.builds.dockerfile import Need, needs_buildkit
from explainers.builds.model import BuildEvent, Credentials, Order, Phase

_READ = 4 * 1024 * 1024
"""Bytes of a Dockerfile that are looked at; what is longer is nobody's hand's work."""


class Engines:
    """The engines in order of preference; implements commands.base.ports.BuildEngine.

    A build goes to the first that can build its Dockerfile and answers. What needs BuildKit where there is none is
    refused before anything is sent, with the line that needs it.
    """

    def __init__(self, engines: Sequence[BuildEngine]) -> None:
        if not engines:
            raise UsageError("No build engine is set up.", "set TESSERA_DOCKER_HOST or TESSERA_BUILDKIT_HOST")
        self._engines = tuple(engines)

    @property
    def name(self) -> str:
        return ", ".join(engine.name for engine in self._engines)

    @property
    def buildkit(self) -> bool:
        return any(engine.buildkit for engine in self._engines)

    def check(self) -> None:
        """Raises the first engine's Unavailable when none of them answers."""
        self._answering(self._engines)

    def build(
        self, order: Order, context: IO[bytes], credentials: Sequence[tuple[str, Credentials]], stop: Stop
    ) -> Iterator[BuildEvent]:
        """Build with the engine that fits; see the port."""
        try:
            with _seekable(context) as archive:
                need = None if all(engine.buildkit for engine in self._engines) else _need(archive, order.dockerfile)
                fit = [engine for engine in self._engines if engine.buildkit or need is None]
                if not fit:
                    yield BuildEvent(Phase.BUILD, error=f"{order.dockerfile} {need}, and no BuildKit engine is set up.")
                    return
                yield from self._answering(fit).build(order, archive, credentials, stop)
        except Unavailable as error:
            yield BuildEvent(Phase.BUILD, error=error.message)
        except (tarfile.TarError, OSError, KeyError) as error:
            yield BuildEvent(Phase.BUILD, error=f"The build context cannot be read: {error}.")

    def _answering(self, engines: Sequence[BuildEngine]) -> BuildEngine:
        """The first that answers. Raises the first one's Unavailable when none does."""
        if len(engines) == 1 and engines is not self._engines:
            return engines[0]  # it will say by itself that it is away
        first: Unavailable | None = None
        for engine in engines:
            try:
                engine.check()
            except Unavailable as error:
                first = first or error
            else:
                return engine
        raise first or Unavailable("No build engine is set up.")


@contextmanager
def _seekable(context: IO[bytes]) -> Iterator[IO[bytes]]:
    """The archive as something that can be read twice."""
    if context.seekable():
        yield context
        return
    with tempfile.SpooledTemporaryFile(max_size=1024 * 1024) as copy:
        shutil.copyfileobj(context, copy)
        copy.seek(0)
        yield copy


def _need(archive: IO[bytes], path: str) -> Need | None:
    """Why this Dockerfile needs BuildKit; the archive is where it was afterwards."""
    start = archive.tell()
    try:
        with tarfile.open(fileobj=archive, mode="r:") as members:
            for member in members:
                same = posixpath.normpath(member.name) == posixpath.normpath(path)
                if same and (file := members.extractfile(member)):
                    return needs_buildkit(file.read(_READ).decode(errors="replace"))
    finally:
        archive.seek(start)
    return None
