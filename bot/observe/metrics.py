"""Prometheus metrics: what was asked, how it ended, how long it took, what waits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class Metrics:
    """The metrics of one process, in a registry of their own so that tests can have several."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._commands = Counter(
            "tessera_commands", "Requests answered, by outcome.", ["command", "outcome"], registry=self.registry
        )
        self._durations = Histogram(
            "tessera_command_duration_seconds",
            "Time from the worker's start of a request to its posted answer.",
            ["command"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._failures = Counter(
            "tessera_failures", "What went wrong, by the part that failed.", ["part"], registry=self.registry
        )
        self._depth = Gauge(
            "tessera_queue_depth", "Requests waiting or running; NaN while Redis is away.", registry=self.registry
        )

    @contextmanager
    def timed(self, command: str) -> Iterator[None]:
        """Observe how long the block takes, however it ends."""
        start = monotonic()
        try:
            yield
        finally:
            self._durations.labels(command).observe(monotonic() - start)

    def answered(self, command: str, outcome: str) -> None:
        """Count an answer; `command` must be a registered name, or the labels grow with what people type."""
        self._commands.labels(command, outcome).inc()

    def failed(self, part: str) -> None:
        """Count a failure of a part: `slack`, `jobs`, `redis`, `answer`."""
        self._failures.labels(part).inc()

    def watch_queue(self, depth: Callable[[], float]) -> None:
        """Ask `depth` whenever the metrics are read."""
        self._depth.set_function(depth)

    def text(self) -> bytes:
        """The exposition text (version 0.0.4)."""
        return generate_latest(self.registry)
