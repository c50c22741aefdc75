"""Time: the controllers run until nothing changes, then until the next moment at which one of them asked to be woken.

A scenario's past is replayed with a clock that jumps from one such moment to the next, so a crash loop of
eighteen minutes has its true restarts, events and logs at once; from then on the same loop follows the real clock.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from bot.sandbox.refusals import RefusalError
from bot.sandbox.store import Change, Store, StoreError

_MOST_ROUNDS = 500
_INSTANT = timedelta(milliseconds=1)
_RETRY = timedelta(seconds=10)
_MISFITS = (RefusalError, StoreError, LookupError, TypeError, AttributeError, ValueError)
_log = logging.getLogger(__name__)


class Clock:
    """The sandbox's time: fixed while the past is replayed, then the real one."""

    def __init__(self) -> None:
        self._fixed: datetime | None = None
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        """Give the current moment of the sandbox, in UTC."""
        return self._fixed or datetime.now(UTC) + self._ahead

    def run_ahead(self, seconds: float) -> None:
        """Let the running clock be this much further ahead of the real one."""
        self._ahead += timedelta(seconds=seconds)

    @property
    def fixed(self) -> bool:
        """Whether the clock stands still."""
        return self._fixed is not None

    def fix(self, moment: datetime | None) -> None:
        """Stop at a moment; None lets the clock run."""
        self._fixed = moment


class Controller(Protocol):
    """One control loop."""

    def sync(self, namespace: str) -> datetime | None:
        """Bring a namespace one step nearer to what its objects ask for; give the moment to look again, if any."""
        ...


class Engine:
    """Runs controllers over the namespaces that changed or are due."""

    def __init__(self, store: Store, clock: Clock, controllers: Sequence[Controller]) -> None:
        self._store, self._clock, self._controllers = store, clock, controllers
        self._dirty: set[str] = set()
        self._due: dict[str, datetime] = {}
        self._woken = threading.Condition()
        self._stopping = False
        self._thread: threading.Thread | None = None
        store.subscribe(self._note)

    def replay(self, until: datetime) -> None:
        """Let the time from the clock's fixed moment to `until` pass at once."""
        self.settle()
        while self._due and (moment := min(self._due.values())) <= until:
            self._clock.fix(max(moment, self._clock.now() + _INSTANT))
            self._mark_due()
            self.settle()
        self._clock.fix(until)

    def settle(self) -> None:
        """Run the controllers until no namespace has changed."""
        for _ in range(_MOST_ROUNDS):
            with self._woken:
                namespaces, self._dirty = self._dirty, set()
            if not namespaces:
                return
            for namespace in sorted(self._expand(namespaces)):
                self._sync(namespace)

    def start(self) -> None:
        """Follow the real clock in a thread."""
        self._clock.fix(None)
        self._stopping = False
        self._thread = threading.Thread(target=self._follow, name="sandbox-engine", daemon=True)
        self._thread.start()

    def pass_time(self, seconds: float) -> None:
        """While it runs: let the next seconds pass at once, with all that happens in them."""
        self.stop()
        now = self._clock.now()
        self._clock.fix(now)
        self.replay(now + timedelta(seconds=seconds))
        self._clock.run_ahead(seconds)
        self.start()

    def stop(self) -> None:
        """End the thread."""
        with self._woken:
            self._stopping = True
            self._woken.notify_all()
        if self._thread:
            self._thread.join()

    def _follow(self) -> None:
        while True:
            with self._woken:
                if self._stopping:
                    return
                if not self._dirty:
                    self._woken.wait(self._pause())
            self._mark_due()
            self.settle()

    def _pause(self) -> float | None:
        if not self._due:
            return None
        return max((min(self._due.values()) - self._clock.now()).total_seconds(), 0.01)

    def _mark_due(self) -> None:
        now = self._clock.now()
        with self._woken:
            self._dirty |= {namespace for namespace, moment in self._due.items() if moment <= now}

    def _sync(self, namespace: str) -> None:
        with self._store.lock:
            wakes = [wake for controller in self._controllers if (wake := self._step(controller, namespace))]
        self._due.pop(namespace, None)
        if wakes:
            self._due[namespace] = min(wakes)

    def _step(self, controller: Controller, namespace: str) -> datetime | None:
        # An object that the API let in but one controller cannot work with must not stop the others.
        try:
            return controller.sync(namespace)
        except _MISFITS:
            _log.exception("%s could not sync namespace %s", type(controller).__name__, namespace)
            return self._clock.now() + _RETRY

    def _expand(self, namespaces: set[str]) -> set[str]:
        if "" in namespaces:
            return namespaces | {item["metadata"]["name"] for item in self._store.all("", "namespaces")}
        return namespaces

    def _note(self, change: Change) -> None:
        if change.key.resource == "events":
            return
        namespace = change.key.name if change.key.resource == "namespaces" else change.key.namespace
        with self._woken:
            self._dirty.add(namespace)
            self._woken.notify_all()
