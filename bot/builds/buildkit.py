"""The port `BuildEngine` over BuildKit: the program `buildctl` against a buildkitd.

buildctl sends the context file by file as buildkitd asks for it and takes no archive, so the archive is unpacked into
a folder of its own. Logins travel in a Docker configuration of their own, deleted as soon as buildctl has read it.
"""

import json
import tarfile
import tempfile
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from subprocess import TimeoutExpired  # nosec B404
from typing import IO

from bot.builds.address import Address
from bot.builds.buildctl import Running, ask, command, configuration
from bot.builds.rawjson import Heard
from bot.builds.unpack import Outside, unpack
from bot.builds.watch import Gone, Patience, Stopped, watched
from commands.base.errors import TesseraError, Unavailable
from commands.base.ports import Stop
from explainers.builds.model import BuildEvent, Credentials, Order, Phase
from explainers.builds.steps import BuildctlBuild, problem

SOURCES = "context"
_FAILURES: tuple[type[Exception], ...] = (OSError, ValueError, TesseraError, TimeoutExpired)


@contextmanager
def temporary(place: Path | None = None) -> Iterator[Path]:
    """A folder in `place`, by default the system's own; a process that is killed leaves it."""
    with tempfile.TemporaryDirectory(prefix="tessera-build-", dir=place, ignore_cleanup_errors=True) as name:
        yield Path(name)


class BuildKitEngine:
    """A buildkitd at `address`; implements commands.base.ports.BuildEngine. `program` is buildctl, found on the PATH.

    Any number of builds may run at once, each a process and a folder of its own from `folders`, which removes it.
    """

    buildkit = True

    def __init__(
        self,
        address: Address,
        patience: Patience | None = None,
        program: str = "buildctl",
        folders: Callable[[], AbstractContextManager[Path]] = temporary,
    ) -> None:
        self._folders = folders
        self._address = address
        self._patience = patience or Patience()
        self._program = program

    @property
    def name(self) -> str:
        return f"BuildKit at {self._address.shown}"

    def check(self) -> None:
        """Raises Unavailable, with what to do, when buildctl is missing or buildkitd does not answer it."""
        words = [*command(self._program, self._address), "debug", "workers"]
        if reason := ask(words, self._patience.answer):
            line = f"buildctl --addr {self._address.url} debug workers"
            raise Unavailable(
                f"{self.name} does not answer: {reason}.",
                f"start buildkitd, or set TESSERA_BUILDKIT_HOST to where one is; {line}",
            )

    def build(
        self, order: Order, context: IO[bytes], credentials: Sequence[tuple[str, Credentials]], stop: Stop
    ) -> Iterator[BuildEvent]:
        """Build and push; see the port. What was built stays in buildkitd's cache, which collects its own garbage."""
        if wrong := problem(order):
            yield BuildEvent(Phase.BUILD, error=wrong)
            return
        heard = Heard()
        try:
            with self._folders() as folder:
                unpack(context, folder / SOURCES, stop, self._patience.poll)
                last = yield from self._events(order, folder, dict(credentials), stop, heard)
        except Stopped:
            return
        except Gone:
            broken = f"{self.name} no longer answers: the {heard.phase.value} was broken off."
            last = BuildEvent(heard.phase, error=broken)
        except Outside as error:
            last = BuildEvent(heard.phase, error=f"The build context is refused: {error}.")
        except (tarfile.TarError, EOFError) as error:
            last = BuildEvent(heard.phase, error=f"The build context cannot be read: {error}.")
        except _FAILURES as error:
            last = BuildEvent(heard.phase, error=str(error))
        yield last

    def _events(
        self, order: Order, folder: Path, logins: Mapping[str, Credentials], stop: Stop, heard: Heard
    ) -> Generator[BuildEvent, None, BuildEvent]:
        """The events of buildctl on the sources in `folder`; returns the last one. Raises Stopped, Gone, _FAILURES."""
        told, secret = folder / "metadata.json", configuration(folder, logins)
        step = BuildctlBuild(order, self._address.url)
        words = [*command(self._program, self._address), "build", "--progress=rawjson", "--metadata-file", str(told)]
        running = Running([*words, *step.arguments(str(folder / SOURCES))], secret.parent)
        try:
            for line in watched(running.lines, _FAILURES, stop, self._lives, self._patience):
                secret.unlink(missing_ok=True)  # buildctl reads it before it says anything
                yield from heard.take(line)
            yield from heard.rest()
            code = running.wait()
        finally:
            running.end()
        if code or heard.error:
            return heard.failure(f"buildctl ended with exit code {code}")
        digest = json.loads(told.read_text(encoding="utf-8")).get("containerimage.digest", "")
        if not digest:
            return BuildEvent(Phase.PUSH, error="buildctl ended without saying what the registry stored")
        return BuildEvent(Phase.PUSH, digest=digest)

    def _lives(self) -> bool:
        try:
            self.check()
        except Unavailable:
            return False
        return True
