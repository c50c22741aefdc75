"""A process that is killed right before or right after any of its calls to the outside."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from explainers.operations.base import Answer, Operation
from tests.fakes.passing import Passing


class Killed(BaseException):
    """Nothing catches it, as nothing catches a SIGKILL."""


@dataclass
class Trap:
    """Kills at the call of that number, before it is made or after it was."""

    at: int = -1
    after: bool = False
    calls: int = 0

    def call(self, what: Callable[[], Any]) -> Any:
        number, self.calls = self.calls, self.calls + 1
        if number == self.at and not self.after:
            raise Killed
        result = what()
        if number == self.at:
            raise Killed
        return result

    @property
    def sprung(self) -> bool:
        return self.calls > self.at


@dataclass
class Trapped(Passing):
    """The port `Cluster`, with every call in a trap."""

    trap: Trap = field(default_factory=Trap)

    def run(self, operation: Operation) -> Answer:
        answer: Answer = self.trap.call(lambda: self.inner.run(operation))
        return answer


def kills(trap: Trap, work: Callable[[], object], when: tuple[bool, ...] = (False, True)) -> Iterator[Trap]:
    """Runs the work again and again, killed one step later each time (before the call, after it), until it ends alive;
    yields after each kill."""
    number = 0
    while True:
        for after in when:
            trap.at, trap.after, trap.calls = number, after, 0
            try:
                work()
            except Killed:
                trap.at = -1
                yield trap
            else:
                trap.at = -1
                return
        number += 1
