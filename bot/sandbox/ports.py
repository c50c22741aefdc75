"""What the API needs of the machines that run the pods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.sandbox.jsonish import Object


@dataclass(frozen=True)
class LogLine:
    """One line that a container wrote."""

    at: datetime
    text: str


@dataclass(frozen=True)
class ExecResult:
    """What a command in a container wrote, its exit code, and how many seconds it took."""

    stdout: str = ""
    stderr: str = ""
    code: int = 0
    seconds: float = 0.0


class Runtime(Protocol):
    """The containers' side of the API server: logs and exec."""

    def logs(self, pod: Object, container: str, previous: bool) -> list[LogLine]:
        """Give the lines of the running (or last) container, or of the one before it.

        Raises RefusalError 400 where there is no such container or no log yet.
        """
        ...

    def run(self, pod: Object, container: str, command: Sequence[str]) -> ExecResult:
        """Run a command in a container.

        Raises RefusalError 400 or 500 where the container does not run.
        """
        ...
