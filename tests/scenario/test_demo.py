"""The demo as a newcomer runs it: without a terminal it tells the verdict and ends; on one it keeps the console up."""

import os
import pty
import re
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

MINUTE = 60
COLOUR = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
URL = re.compile(r"http://127\.0\.0\.1:\d+/")
COMMAND = [sys.executable, "-m", "bot", "demo"]


@dataclass
class Terminal:
    """The demo on a terminal of its own, with what it has printed so far, colours left out."""

    process: int
    screen: int
    seen: str = ""

    def read_until(self, text: str) -> None:
        """Read what is printed until `text` appears."""
        end = time.monotonic() + MINUTE
        while text not in self.seen:
            assert time.monotonic() < end, self.seen
            assert self._read(), f"it ended early: {self.seen}"

    def press_ctrl_c(self) -> int:
        """Press Ctrl-C, read what is still printed, and give the exit code."""
        os.write(self.screen, b"\x03")
        while self._read():
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])

    def _read(self) -> bool:
        """Read for a second at most; False when the program has closed its terminal."""
        if not select.select([self.screen], [], [], 1)[0]:
            return True
        try:
            piece = os.read(self.screen, 4096)
        except OSError:  # Linux says EIO at the end of a terminal
            return False
        self.seen = COLOUR.sub("", self.seen + piece.decode(errors="replace"))
        return bool(piece)


@contextmanager
def demo_on_a_terminal(port: int, **settings: str) -> Iterator[Terminal]:
    process, screen = pty.fork()
    if process == 0:
        os.execve(sys.executable, [*COMMAND, "--port", str(port)], {**os.environ, **settings})
    try:
        yield Terminal(process, screen)
    finally:
        os.close(screen)  # hangs up: a program that still runs ends


def test_without_a_terminal_it_ends_after_the_verdict() -> None:
    done = subprocess.run(COMMAND, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=MINUTE)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("$ tessera diagnose checkout -n shop")
    assert "✗ checkout is down: DATABASE_URL points to pg-main" in done.stdout
    assert "kubectl -n shop set env deployment/checkout -c checkout DATABASE_URL=postgres://pg:5432/shop" in done.stdout
    assert "The whole bot" not in done.stdout


def test_the_readme_shows_what_it_prints() -> None:
    environment = {**os.environ, "COLUMNS": "120"}
    done = subprocess.run(
        COMMAND, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=MINUTE, env=environment
    )
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    shown = readme.partition("```\n$ tessera diagnose")[2].partition("```")[0]
    assert timeless("$ tessera diagnose" + shown) == timeless(done.stdout)


def timeless(text: str) -> str:
    """Without what differs from run to run: a pod's name, the clock, the restarts, blanks at the end of a line."""
    for pattern in (r"(?<=checkout-)\w+-\w{5}", r"\d\d:\d\d(?= UTC)", r"\d+(?= restarts)", r" +$"):
        text = re.sub(pattern, "", text, flags=re.MULTILINE)
    return text.strip()


def test_on_a_terminal_it_serves_the_console_until_ctrl_c() -> None:
    with demo_on_a_terminal(0) as terminal:
        terminal.read_until("Ctrl-C ends it.")
        assert "✗ checkout is down" in terminal.seen
        [url] = URL.findall(terminal.seen)
        assert "<title>Tessera console</title>" in httpx.get(url).text
        assert terminal.press_ctrl_c() == 0
        assert terminal.seen.partition("Ctrl-C ends it.")[2].strip() in ("", "^C")


def test_without_a_docker_engine_it_says_how_to_get_one() -> None:
    with demo_on_a_terminal(0, TESSERA_DOCKER_HOST="unix:///nowhere/docker.sock") as terminal:
        terminal.read_until("Ctrl-C ends it.")
        assert "/build storefront feature/login" in terminal.seen
        assert "/build cannot build here. Docker Engine at /nowhere/docker.sock does not answer" in terminal.seen
        assert "https://docs.docker.com/engine/install/" in terminal.seen
        assert terminal.press_ctrl_c() == 0


@pytest.mark.docker
def test_with_a_docker_engine_it_can_build() -> None:
    with demo_on_a_terminal(0) as terminal:
        terminal.read_until("Ctrl-C ends it.")
        assert "/build storefront broken/crash" in terminal.seen
        assert "cannot build" not in terminal.seen
        assert terminal.press_ctrl_c() == 0


def test_a_port_that_is_taken_is_said_and_replaced() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with demo_on_a_terminal(port) as terminal:
            terminal.read_until("Ctrl-C ends it.")
            assert f"Port {port} is taken" in terminal.seen
            [url] = URL.findall(terminal.seen)
            assert httpx.get(url).status_code == 200
            assert terminal.press_ctrl_c() == 0
