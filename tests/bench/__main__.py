"""`make bench`: every figure with its goal. What needs a real part that is not here is skipped."""

import argparse
from collections.abc import Callable, Iterable, Iterator

from tests.bench import broker, builds, chat, diagnosis, long_log, osb, rollouts, ten_builds
from tests.bench.figures import Figure
from tests.parts import missing


def main() -> None:
    """Run the groups that were asked for, all by default, and print a line a figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("groups", nargs="*", choices=[*GROUPS, []], help="groups to measure; all by default")
    parser.add_argument("--runs", type=int, default=15, help="runs of each timed thing")
    options = parser.parse_args()
    for name in options.groups or GROUPS:
        parts, measure = GROUPS[name]
        if reason := next(filter(None, map(missing, parts)), ""):
            print(f"skipped  {name}: {reason}")
            continue
        for figure in measure(options.runs):
            print(figure.line(), flush=True)


def _costs(_runs: int) -> Iterator[Figure]:
    for name in diagnosis.COSTS:
        yield from diagnosis.costs(name)


Measure = Callable[[int], Iterable[Figure]]
GROUPS: dict[str, tuple[tuple[str, ...], Measure]] = {
    "memory": ((), lambda _runs: chat.memory(1000)),
    "chat": ((), lambda _runs: chat.acknowledgements()),
    "osb": ((), osb.figures),
    "broker": ((), broker.figures),
    "costs": (("cluster",), _costs),
    "kubectl": (("cluster",), diagnosis.against_kubectl),
    "builds": (("docker", "registry"), builds.figures),
    "log": (("docker", "registry"), long_log.figures),
    "rollouts": (("cluster",), rollouts.figures),
    "pace": ((), ten_builds.figures),
    "crowd": (("cluster",), diagnosis.in_a_crowd),
}


if __name__ == "__main__":
    main()
