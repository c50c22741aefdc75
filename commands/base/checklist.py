"""The stages of long work, shown while it goes on: what is done, what runs, what it came to."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from commands.base.ports import Audience, Clock
from explainers.document import Button, Document, Stage, StageState, Tone

TAIL = 8
"""Lines of output that are shown while a stage runs."""


class Watched(Protocol):
    """Work that somebody watches, such as the services of a request."""

    @property
    def clock(self) -> Clock: ...

    @property
    def audience(self) -> Audience: ...


class Checklist:
    """Shows itself to the audience of `services` with every change."""

    def __init__(
        self,
        services: Watched,
        headline: str,
        names: tuple[str, ...],
        buttons: tuple[Button, ...] = (),
        facts: tuple[str, ...] = (),
    ) -> None:
        self._services = services
        self._facts = facts
        self._headline = headline
        self._buttons = buttons
        self._stages = {name: Stage(name) for name in names}
        self._tail: list[str] = []

    @contextmanager
    def stage(self, name: str, detail: str = "") -> Iterator[None]:
        """The stage runs inside the `with`; it failed when that ends with an exception, and is done otherwise."""
        began = self._services.clock.now()
        self._set(name, StageState.RUNNING, detail)
        state = StageState.FAILED
        try:
            yield
            state = StageState.DONE
        finally:
            self._tail.clear()
            self._set(name, state, took=span_of(self._services.clock.now() - began))

    def skip(self, name: str, why: str) -> None:
        self._set(name, StageState.SKIPPED, why)

    def fail(self, name: str, detail: str = "") -> None:
        """The stage did what it had to do, and it came out badly."""
        self._set(name, StageState.FAILED, detail)

    def failed(self, name: str) -> bool:
        return self._stages[name].state is StageState.FAILED

    def stop(self) -> None:
        """The stages that were broken off on purpose have not failed."""
        for name, stage in self._stages.items():
            if stage.state in (StageState.FAILED, StageState.RUNNING):
                self._set(name, StageState.SKIPPED, "stopped")

    def detail(self, name: str, detail: str) -> None:
        """What a stage came to, or how far it is."""
        if self._stages[name].detail != detail:
            self._set(name, self._stages[name].state, detail)

    def rename(self, headline: str) -> None:
        if headline != self._headline:
            self._headline = headline
            self._show()

    def output(self, line: str) -> None:
        """A line of output; the last ones are shown with the stage that runs."""
        self._tail = [*self._tail, line][-TAIL:]
        self._show()

    @property
    def stages(self) -> tuple[Stage, ...]:
        return tuple(self._stages.values())

    def _set(self, name: str, state: StageState, detail: str = "", took: str = "") -> None:
        old = self._stages[name]
        self._stages[name] = replace(old, state=state, detail=detail or old.detail, took=took or old.took)
        self._show()

    def _show(self) -> None:
        said = Document(
            Tone.WORKING,
            self._headline,
            facts=self._facts,
            code="\n".join(self._tail),
            buttons=self._buttons,
            stages=self.stages,
        )
        self._services.audience.show(said)


def span_of(took: timedelta) -> str:
    """`0.4 s`, `12 s`, `3 min 5 s`"""
    seconds = took.total_seconds()
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
