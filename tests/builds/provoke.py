"""Provokes every kind of build failure on real parts and stores what they print.

    python -m tests.builds.provoke [KIND[/VARIANT] …]

It needs a Docker Engine, the registries of `tests/builds/cases`, and `buildkitd` and `buildctl` on the PATH, as root.
What it makes is gone at the end, except the files below `captured/` and the base images that the engine pulled.
"""

import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from docker.errors import DockerException

from tests.builds.captured import write
from tests.builds.cases import CASES
from tests.builds.cases.case import Case, Parts
from tests.builds.cases.quoted import QUOTED
from tests.builds.programs import Engine, NothingFailedError, buildkitd, clear


def bridge(engine: Engine) -> str:
    """The address of this machine on the network of the engine's containers."""
    return str(engine.client.inspect_network("bridge")["IPAM"]["Config"][0]["Gateway"])


FAILURES = (NothingFailedError, RuntimeError, OSError, subprocess.SubprocessError, DockerException)
"""What stops one provocation and not the others."""


@contextmanager
def parts() -> Iterator[Parts]:
    """The real parts."""
    engine = Engine()
    with tempfile.TemporaryDirectory() as folder, buildkitd() as buildkit:
        try:
            yield Parts(engine, buildkit, Path(folder), bridge(engine))
        finally:
            clear(engine)


def chosen(wanted: Sequence[str]) -> list[Case]:
    """The cases of these kinds or variants; all of them when nothing is named."""
    return [case for case in CASES if not wanted or case.kind in wanted or case.name in wanted]


def main(wanted: Sequence[str]) -> int:
    """Exit code 1 when a case fails, and for a word that is neither a kind nor a case."""
    failed = 0
    known = {name for one in CASES for name in (one.kind, one.name)}
    known |= {name for one in QUOTED for name in (one.kind, one.name)}
    if strange := [word for word in wanted if word not in known]:
        print(f"no case in tests/builds/cases is called {', '.join(strange)}; there are: {', '.join(sorted(known))}")
        return 1
    for quoted in QUOTED:
        if not wanted or quoted.kind in wanted or quoted.name in wanted:
            write(quoted)
    with parts() as real:
        for case in chosen(wanted):
            try:
                captured = case.provoke(real)
            except FAILURES:
                failed += 1
                print(f"\n✗ {case.name}\n{traceback.format_exc(limit=-3)}", file=sys.stderr)
                continue
            write(captured)
            print(f"\n✓ {captured.name}: {captured.output.error}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
