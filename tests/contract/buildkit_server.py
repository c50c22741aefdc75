"""A real buildkitd for tests: its own root and socket, gone at the end with all that it stored."""

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CONFIGURATION = """
[worker.containerd]
  enabled = false
[registry."docker.io"]
  mirrors = ["{registry}"]
[registry."{registry}"]
  http = true
"""
NO_LOG_LIMIT = {"BUILDKIT_STEP_LOG_MAX_SIZE": "-1", "BUILDKIT_STEP_LOG_MAX_SPEED": "-1"}


class BuildKitServer:
    """buildkitd with its state in `folder`; `kill` and `start` make it crash and come back as it was."""

    def __init__(self, folder: Path, registry: str, more: tuple[str, ...]) -> None:
        self.address = f"unix://{folder}/sock"
        self._log = folder / "log"
        (folder / "buildkitd.toml").write_text(CONFIGURATION.format(registry=registry), encoding="utf-8")
        where = ["--addr", self.address, "--root", f"{folder}/root", "--otel-socket-path", f"{folder}/otel"]
        self._command = ["buildkitd", "--config", f"{folder}/buildkitd.toml", *where, *more]
        self._launch()

    def start(self) -> None:
        """Start it again, and wait until it answers."""
        self._launch()
        self.wait()

    def _launch(self) -> None:
        with self._log.open("a") as log:
            environment = {**os.environ, **NO_LOG_LIMIT}
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, env=environment)

    def wait(self) -> None:
        _wait(self.address, self._process, self._log)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(30)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(30)


@contextmanager
def mortal_buildkitd(registry: str, *more: str) -> Iterator[BuildKitServer]:
    """Run buildkitd, which pulls Docker Hub's images from `registry`. `more` are its arguments."""
    folder = Path(tempfile.mkdtemp(prefix="buildkitd-"))
    server = BuildKitServer(folder, registry, more)
    try:
        server.wait()
        yield server
    finally:
        server.stop()
        _unmount(folder)
        shutil.rmtree(folder)


@contextmanager
def buildkitd(registry: str, *more: str) -> Iterator[str]:
    """The same for those who need its address alone."""
    with mortal_buildkitd(registry, *more) as server:
        yield server.address


def _unmount(folder: Path) -> None:
    """Take away what a killed buildkitd had mounted for its containers."""
    points = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()]
    for point in reversed([point for point in points if point.startswith(f"{folder}/")]):
        subprocess.run(["umount", "-l", point], check=False)


def _wait(address: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    pause = threading.Event()
    for _ in range(100):
        if not subprocess.run(["buildctl", "--addr", address, "debug", "workers"], capture_output=True).returncode:
            return
        if server.poll() is not None:
            break
        pause.wait(0.1)
    raise RuntimeError(f"buildkitd did not start: {log.read_text()[-2000:]}")
