"""Two requests for the same work: the second waits for the first, and takes what it came to."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from commands.base.building import Image, Stopped
from commands.base.ports import Clock, StateStore, Stop
from explainers.builds.errors import Trouble

LOOK_EVERY = 1.0
KEPT_SECONDS = 3600
"""How long it is known what work came to; longer than any build may take."""


@dataclass(frozen=True)
class Came:
    """What the work of `request` came to: an image, or a failure that doing it again would only repeat."""

    request: str
    image: Image | None = None
    trouble: Trouble | None = None


@dataclass(frozen=True)
class Joining:
    """The work named `key`, as the request `request` sees it."""

    state: StateStore
    key: str
    request: str

    @contextmanager
    def alone(self, clock: Clock, stop: Stop, waiting: Callable[[str], None]) -> Iterator[Came | None]:
        """Inside the `with` no other request does this work. Gives what the other came to, if there was one to wait
        for and it left something; `waiting` hears the other's id. Raises Stopped.

        A request that is run again after a crash goes on as the one that it was.
        """
        lease, waited = f"building:{self.key}", False
        while not (self.state.put_new(lease, self.request, KEPT_SECONDS) or self.state.get(lease) == self.request):
            waited = True
            waiting(self.state.get(lease) or "another")
            if stop():
                raise Stopped
            clock.wait(LOOK_EVERY)
        try:
            if not waited:
                self.state.delete(self._built)  # what was built before is nobody's who waits for this one
            yield self._came() if waited else None
        finally:
            self.state.delete(lease)

    def built(self, image: Image) -> None:
        """Leave the image to those who wait."""
        self._leave("image", asdict(image))

    def failed(self, trouble: Trouble) -> None:
        """Leave the failure to those who wait, unless trying again may help: then they try."""
        if not trouble.retry:
            self._leave("trouble", asdict(trouble))

    @property
    def _built(self) -> str:
        return f"built:{self.key}"

    def _leave(self, what: str, value: dict[str, object]) -> None:
        self.state.put(self._built, json.dumps({"request": self.request, what: value}), KEPT_SECONDS)

    def _came(self) -> Came | None:
        left = self.state.get(self._built)
        if not left:
            return None
        kept = json.loads(left)
        image, trouble = kept.get("image"), kept.get("trouble")
        return Came(kept["request"], Image(**image) if image else None, Trouble(**trouble) if trouble else None)
