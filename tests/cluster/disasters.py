"""What may die while builds go on, and somebody who kills at random what there is: bots, workers, Redis, engines.

What dies comes back after a moment, as in a cluster; of bots and workers there are two, and one at least stays.
"""

import random
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol


class Mortal(Protocol):
    """`kill` and `start` make it crash and come back as it was."""

    def kill(self) -> None: ...

    def start(self) -> None: ...


@dataclass
class Process:
    """A Python module that runs as a process of its own; one that ended by itself is started again, as by a kubelet."""

    words: tuple[str, ...]
    environment: Mapping[str, str]
    started: int = 0
    _process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        self.started += 1
        self._process = subprocess.Popen([sys.executable, "-m", *self.words], env=dict(self.environment))

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait(60)

    def revive(self) -> None:
        if self._process is None or self._process.poll() is not None:
            self.start()


@dataclass
class Disasters:
    """Kills one of `parts` (by name) every now and then, until `over` is set; `most` times at the most."""

    parts: Mapping[str, Mortal]
    moments: random.Random
    most: int
    story: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._run, name="disasters", daemon=True)
        self.failure: Exception | None = None

    def __enter__(self) -> "Disasters":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._thread.join(120)

    def killed(self, name: str) -> int:
        return sum(line.startswith(name) for line in self.story)

    def _run(self) -> None:
        try:
            names = self._names()
            while not self.over.wait(self.moments.uniform(1.0, 4.0)) and len(self.story) < self.most:
                self._strike(next(names))
        except Exception as error:  # a part that does not come back: the test tells it
            self.failure = error
            raise

    def _names(self) -> Iterator[str]:
        """Every part once in an order by chance, then again."""
        while True:
            yield from self.moments.sample(sorted(self.parts), len(self.parts))

    def _strike(self, name: str) -> None:
        away = self.moments.uniform(0.1, 3.0)
        self.story.append(f"{name} for {away:.1f} s")
        self.parts[name].kill()
        self.over.wait(away)
        self.parts[name].start()
        for part in self.parts.values():
            if isinstance(part, Process):
                part.revive()
