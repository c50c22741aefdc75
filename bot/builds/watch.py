"""Reading what an engine says while asking whether to stop, and noticing one that will never say anything again."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from commands.base.ports import Stop

T = TypeVar("T")


class Stopped(Exception):
    """The caller wants the work to end."""


class Gone(Exception):
    """The engine no longer answers."""


@dataclass(frozen=True)
class Patience:
    """In seconds: how often `stop` is asked, how long an engine may be silent before it is asked whether it lives, and
    how long it may take to answer that.

    A silent engine that lives is waited for, because a long instruction says nothing; one that did not answer
    `tries` times in a row is gone.
    """

    poll: float = 0.2
    silence: float = 15.0
    answer: float = 10.0
    tries: int = 3


@dataclass(frozen=True)
class _End:
    error: Exception | None = None


class _Feed(Generic[T]):
    """What a thread reads, a bounded number ahead: a slow listener slows the engine, and nothing piles up."""

    def __init__(self, source: Callable[[], Iterator[T]], failures: tuple[type[Exception], ...]) -> None:
        self._source = source
        self._failures = failures
        self._items: queue.Queue[T | _End] = queue.Queue(maxsize=256)
        self._over = threading.Event()
        threading.Thread(target=self._read, name="build-engine", daemon=True).start()

    def _read(self) -> None:
        failure: Exception | None = None
        try:
            for item in self._source():
                if not self._put(item):
                    return
        except self._failures as error:
            failure = error
        finally:
            self._put(_End(failure))

    def _put(self, item: T | _End) -> bool:
        while not self._over.is_set():
            try:
                self._items.put(item, timeout=0.2)
            except queue.Full:
                continue
            return True
        return False

    def take(self, seconds: float) -> T | _End | None:
        """The next item; None when there was none for so long."""
        try:
            return self._items.get(timeout=seconds)
        except queue.Empty:
            return None

    def close(self) -> None:
        self._over.set()


def watched(
    source: Callable[[], Iterator[T]],
    failures: tuple[type[Exception], ...],
    stop: Stop,
    lives: Callable[[], bool],
    patience: Patience,
) -> Iterator[T]:
    """The items of `source`, which is read in a thread.

    Raises Stopped when `stop` says so, Gone when the engine falls silent for good, and those `failures` that `source`
    raises. The caller ends what the source reads from, whichever way this ends.
    """
    feed = _Feed(source, failures)
    asked, heard, missed = -patience.poll, time.monotonic(), 0
    try:
        while True:
            now = time.monotonic()
            if now - asked >= patience.poll:
                asked = now
                if stop():
                    raise Stopped
            item = feed.take(patience.poll)
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            if item is not None:
                heard, missed = time.monotonic(), 0
                yield item
            elif time.monotonic() - heard >= patience.silence:
                heard, missed = time.monotonic(), 0 if lives() else missed + 1
                if missed >= patience.tries:
                    raise Gone
    finally:
        feed.close()


class Lines:
    """Puts output together to whole lines; a very long one is passed on in pieces."""

    LONGEST = 16_384

    def __init__(self) -> None:
        self._rest = ""

    def take(self, text: str) -> list[str]:
        """The lines that are complete now, without their line ends."""
        *lines, self._rest = (self._rest + text).split("\n")
        if len(self._rest) > self.LONGEST:
            lines.append(self.flush())
        return [line.removesuffix("\r") for line in lines]

    def flush(self) -> str:
        """What has no line end yet."""
        rest, self._rest = self._rest, ""
        return rest
