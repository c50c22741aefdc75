"""A figure, its goal, and how a table of them is printed."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """`value` against `goal` (at most); `detail` says how it was measured."""

    name: str
    value: float
    goal: float
    unit: str
    detail: str = ""

    @property
    def met(self) -> bool:
        return self.value <= self.goal

    def line(self) -> str:
        mark = "ok  " if self.met else "OVER"
        return f"{mark}  {self.name:52} {self.value:9.2f} {self.unit:4} (goal ≤ {self.goal:g})  {self.detail}"


def median_seconds(work: Callable[[], object], runs: int) -> float:
    """The median wall time of `work`, after one run that does not count."""
    return statistics.median(seconds(work, runs))


def seconds(work: Callable[[], object], runs: int) -> list[float]:
    """Wall times of `runs` calls, after one run that does not count."""
    work()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return times


def paired_ratio(one: Callable[[], object], other: Callable[[], object], runs: int) -> tuple[float, float, float]:
    """The median of one/other over pairs run in turn, and both medians in seconds."""
    one(), other()
    pairs = [(seconds_of(one), seconds_of(other)) for _ in range(runs)]
    ratio = statistics.median(a / b for a, b in pairs)
    return ratio, statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def seconds_of(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
