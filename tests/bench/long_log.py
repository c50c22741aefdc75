"""The memory of a worker while a build prints 100,000 lines: `python -m tests.bench.long_log` prints the peak in MB."""

import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from bot.registered import load_commands
from bot.slack.blocks import render
from bot.slack.live import LiveRoot
from bot.slack.pace import OwnPace
from bot.state.memory import MemoryState
from bot.wiring import SystemClock
from commands.base.building import STAGES, build_image
from commands.base.checklist import Checklist
from commands.base.journal import Journal
from commands.base.ports import Audience, Clock
from explainers.builds.binding import Binding
from explainers.document import Document
from tests.bench.builds import bench
from tests.bench.figures import Figure

LINES = 100_000
DOCKERFILE = f"FROM python:3.11\nRUN seq -f 'line %.0f of a log that nobody reads' {LINES}\n"


class _Watched:
    """Whom a checklist shows itself to: a live message, rendered and not sent."""

    clock: Clock = SystemClock()

    def __init__(self, live: LiveRoot) -> None:
        self.audience = Audience(live.tell, live.show)


def figures(_runs: int) -> Iterator[Figure]:
    done = subprocess.run([sys.executable, "-m", "tests.bench.long_log"], check=True, capture_output=True, text=True)
    yield Figure(f"worker's peak memory, a build of {LINES:,} lines", float(done.stdout), 150, "MB", "a real engine")


def main() -> None:
    import_module("bot.service")  # what a worker has loaded
    load_commands()
    with bench() as one, LiveRoot("Building", _rendered, OwnPace()) as live:
        (one.repository / "Dockerfile").write_text(DOCKERFILE)
        one.change("app.py")
        commit = one.builds.code.commit(str(one.repository), "")
        board = Checklist(_Watched(live), "Building", STAGES)
        binding = Binding(str(one.repository), one.image)
        build_image(one.builds, binding, commit, Journal(MemoryState(), "bench"), board, lambda: False)
    print(peak())


def _rendered(document: Document) -> None:
    render(document, "bench", ())


def peak() -> float:
    """The most memory that this process ever held, in MB, from /proc."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) / 1000 for line in status.splitlines() if line.startswith("VmHWM:"))


if __name__ == "__main__":
    main()
