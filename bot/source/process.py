"""One program run without a shell: arguments as a list, a deadline, and the end of all it started when that passes.

Callers check each argument; the environment is only what they give.
"""

import io
import os
import signal
import subprocess  # nosec B404
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import IO

SAID = 16 * 1024
"""Bytes of the error output that are kept, its end."""


class Failed(Exception):
    """The program did not end well. `said` is its error output; `late` that it was ended at its deadline."""

    def __init__(self, said: str, late: bool = False) -> None:
        super().__init__(said)
        self.said = said
        self.late = late


@contextmanager
def stream(command: Sequence[str], environment: Mapping[str, str], seconds: float) -> Iterator[IO[bytes]]:
    """The output of a program while it runs. Raises Failed unless the output was left before its end; at once when
    the program fails without any output."""
    with tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(  # noqa: S603 # nosec B603
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
        except OSError as error:
            raise Failed(f"{command[0]} cannot be run: {error.strerror}") from error
        late = threading.Event()
        timer = threading.Timer(seconds, _end, (process, late))
        timer.start()
        try:
            output = _output(process)
            if output.peek(1) or not process.wait():
                yield output
            if not output.read(1) and process.wait():
                raise Failed(_end_of(errors), late.is_set())
        finally:
            timer.cancel()
            _end(process, threading.Event())
            with process:
                pass


def run(command: Sequence[str], environment: Mapping[str, str], seconds: float, most: int) -> bytes:
    """The whole output of a program, at most `most` bytes. Raises Failed."""
    with stream(command, environment, seconds) as output:
        data = output.read(most + 1)
        if len(data) > most:
            raise Failed(f"the answer has more than {most:,} bytes")
    return data


def _output(process: subprocess.Popen[bytes]) -> io.BufferedReader:
    if not isinstance(process.stdout, io.BufferedReader):
        raise Failed("no output")
    return process.stdout


def _end(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    """End the program and what it started, if it still runs."""
    if process.poll() is None:
        late.set()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _end_of(errors: IO[bytes]) -> str:
    errors.seek(max(0, errors.seek(0, os.SEEK_END) - SAID))
    return errors.read().decode("utf-8", "replace").strip()
