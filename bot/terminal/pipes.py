"""Readers that close the pipe when they have read enough, like `head -1`: neither a mistake nor a fault."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

CLOSED = 128 + 13
"""The exit code of a program that SIGPIPE ends."""


@contextmanager
def read_or_not() -> Iterator[None]:
    """What is printed inside goes nowhere from when on nobody reads any more; what comes after it goes on."""
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except (BrokenPipeError, SystemExit) as ended:  # Rich and Click turn the one into the other, with code 1
        if not isinstance(ended, BrokenPipeError) and not isinstance(ended.__context__, BrokenPipeError):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
