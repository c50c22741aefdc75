"""The port `BuildEngine` over a Docker Engine: its classic builder, and its push.

The Engine API reports failures of a build or push inside a stream with status 200, so nothing here takes silence for
success: a build ends with an image id, a push with a digest, or it has failed.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import IO

from docker import APIClient
from docker.errors import DockerException

from bot.builds.address import Address
from bot.builds.connection import FAILURES, OLDEST, Call, connect, header, negotiate, short
from bot.builds.leftovers import Left
from bot.builds.messages import Heard
from bot.builds.watch import Gone, Patience, Stopped, watched
from commands.base.errors import TesseraError, Unavailable
from commands.base.ports import Stop
from explainers.builds.model import BuildEvent, Credentials, Order, Phase
from explainers.builds.references import HUB, parse_reference
from explainers.builds.steps import DockerBuild, DockerPush, problem

_HUB = "https://index.docker.io/v1/"


class DockerEngine:
    """A Docker Engine at `address`; implements commands.base.ports.BuildEngine.

    Connects when first used. Any number of builds may run at once, each on a connection of its own.
    """

    buildkit = False

    def __init__(self, address: Address, patience: Patience | None = None) -> None:
        self._address = address
        self._patience = patience or Patience()
        self._lock = threading.Lock()
        self._api = ""
        self._version = ""
        self._owed: list[Left] = []
        self._tidying: dict[str, threading.Thread] = {}

    @property
    def name(self) -> str:
        """`Docker Engine 28.2 at build:2376`; without the number until it first answered."""
        return " ".join(word for word in ("Docker Engine", self._version, "at", self._address.shown) if word)

    def check(self) -> None:
        """Raises Unavailable, with what to do, when the engine does not answer or is too old or too new."""
        self._negotiate()
        with suppress(*FAILURES), self._client() as client:
            self._settle(client)

    def build(
        self, order: Order, context: IO[bytes], credentials: Sequence[tuple[str, Credentials]], stop: Stop
    ) -> Iterator[BuildEvent]:
        """Build and push; see the port. What was built stays in the engine as its cache, without a name.

        The name goes while the digest is on its way already: who leaves then does not wait for that.
        """
        if wrong := problem(order):
            yield BuildEvent(Phase.BUILD, error=wrong)
            return
        self._tidied(order.image)  # else the name that this build gives would be taken away
        run = _Run(order, dict(credentials), lambda source: self._watched(source, stop))
        last: BuildEvent | None = None
        try:
            with self._client() as client:
                try:
                    for event in run.events(client, context):
                        if event.error or event.digest:
                            last = event
                        else:
                            yield event
                except FAILURES as error:
                    last = self._broken(run, error)
                finally:
                    run.cut()
                    left = Left(order.image, run.heard, keep=last is not None)
                    if last and last.digest:
                        self._tidy(left)
                    else:
                        self._owe(left, client)
        except Stopped:
            return
        except Unavailable as error:
            last = BuildEvent(run.phase, error=error.message)
        if last:
            yield last
            self._tidied(order.image)

    def _broken(self, run: "_Run", error: Exception) -> BuildEvent:
        """The last event of a build whose engine, or whose context, went away."""
        if isinstance(error, TesseraError):
            return BuildEvent(run.phase, error=error.message)
        self._api = ""  # whatever comes back may be another engine
        if isinstance(error, Gone):
            return BuildEvent(run.phase, error=f"{self.name} no longer answers: the {run.phase.value} was broken off.")
        return BuildEvent(run.phase, error=f"{self.name} broke off the {run.phase.value}: {short(error)}.")

    def _watched(self, call: Callable[[], Iterator[dict[str, object]]], stop: Stop) -> Iterator[dict[str, object]]:
        return watched(call, FAILURES, stop, self._lives, self._patience)

    def _negotiate(self) -> None:
        try:
            with connect(self._address, OLDEST) as client:
                told = client.version(api_version=False)
        except (DockerException, OSError, ValueError) as error:
            raise self._away(error) from error
        self._api, self._version = negotiate(told), str(told.get("Version", ""))

    def _client(self) -> APIClient:
        """A client that speaks what the engine speaks. Raises Unavailable."""
        if not self._api:
            self._negotiate()
        try:
            return connect(self._address, self._api)
        except (DockerException, OSError) as error:
            raise self._away(error) from error

    def _away(self, error: Exception) -> Unavailable:
        return Unavailable(f"{self.name} does not answer: {short(error)}.", self._fix(error))

    def _fix(self, error: Exception) -> str:
        if "Permission denied" in str(error):
            return f"let this process use {self._address.shown}: add its user to the group docker"
        if self._address.certificates is not None and ("SSL" in str(error) or "certificate" in str(error)):
            return "the engine's certificate must be signed by ca.pem, and ours (cert.pem) by the authority it trusts"
        return f"start the engine, or set TESSERA_DOCKER_HOST to where one is; docker -H {self._address.url} version"

    def _lives(self) -> bool:
        with suppress(*FAILURES), connect(self._address, self._api or OLDEST, self._patience.answer) as client:
            return bool(client.ping())
        return False

    def _tidy(self, left: Left) -> None:
        """Remove what a build left in a thread, which this process does not end without."""

        def work() -> None:
            try:
                with self._client() as client:
                    left.remove(client)
            except FAILURES:
                with self._lock:
                    self._owed.append(left)

        thread = threading.Thread(target=work, name="build-tidying")
        with self._lock:
            self._tidying[left.image] = thread
        thread.start()

    def _tidied(self, image: str) -> None:
        """Wait until nothing is taken off this image any more."""
        with self._lock:
            thread = self._tidying.pop(image, None)
        if thread:
            thread.join()

    def _owe(self, left: Left, client: APIClient) -> None:
        """Remove what a build left; what cannot be removed now is removed when the engine answers again."""
        with self._lock:
            self._owed.append(left)
        self._settle(client)

    def _settle(self, client: APIClient) -> None:
        with self._lock:
            owed, self._owed = self._owed, []
        for left in owed:
            try:
                left.remove(client)
            except FAILURES:
                with self._lock:
                    self._owed.append(left)


class _Run:
    """One build: what is under way, and what was heard."""

    def __init__(
        self,
        order: Order,
        logins: dict[str, Credentials],
        watch: Callable[[Callable[[], Iterator[dict[str, object]]]], Iterator[dict[str, object]]],
    ) -> None:
        self.phase = Phase.BUILD
        self.heard = Heard()
        self._order = order
        self._logins = {_HUB if name.endswith("docker.io") else name: login for name, login in logins.items()}
        self._watch = watch
        self._call: Call | None = None

    def events(self, client: APIClient, context: IO[bytes]) -> Iterator[BuildEvent]:
        """Build, then push. Raises Stopped and FAILURES."""
        build, push = DockerBuild(self._order), DockerPush(self._order)
        logins = {name: _login(login) for name, login in self._logins.items()}
        headers = {"Content-Type": "application/tar", "X-Registry-Config": header(logins)}
        yield from self._stream(Call(client, "/build", build.query(), headers), context)
        if self.heard.failed:
            return
        if not self.heard.image:
            yield BuildEvent(self.phase, error="the engine ended the build without saying which image it made")
            return
        self.phase = Phase.PUSH
        name = parse_reference(self._order.image).host
        login = logins.get(_HUB if name == HUB else name, {})
        headers = {"X-Registry-Auth": header({**login, "serveraddress": name} if login else {})}
        yield from self._stream(Call(client, push.path(), push.query(), headers))
        if self.heard.failed:
            return
        if not self.heard.digest:
            yield BuildEvent(self.phase, error="the engine ended the push without saying what the registry stored")
            return
        yield BuildEvent(self.phase, digest=self.heard.digest)

    def _stream(self, call: Call, body: IO[bytes] | None = None) -> Iterator[BuildEvent]:
        self._call = call
        for message in self._watch(lambda: call.messages(body)):
            yield from self.heard.take(self.phase, message)
            if self.heard.failed:
                return
        yield from self.heard.rest(self.phase)

    def cut(self) -> None:
        """End what the engine does for this build."""
        if self._call is not None:
            self._call.cut()


def _login(credentials: Credentials) -> dict[str, str]:
    return {"username": credentials.username, "password": credentials.password}
