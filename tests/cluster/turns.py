"""Tests share one cluster; a test that breaks it for others waits until it is alone, and is alone.

Whoever comes waits at the gate; one that must be alone keeps the gate shut until its turn has come.
"""

import fcntl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_held = 0
"""How often this process has its turn now: within one, the gate is not met again."""


@contextmanager
def turn(alone: bool = False) -> Iterator[None]:
    """A turn at the cluster, across all processes of a test run."""
    global _held
    if _held and not alone:
        yield
        return
    folder = Path(tempfile.gettempdir())
    with (folder / "tessera-cluster-turn").open("w") as lock:
        with (folder / "tessera-cluster-gate").open("w") as gate:
            fcntl.flock(gate, fcntl.LOCK_EX)
            fcntl.flock(lock, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        _held += 1
        try:
            yield
        finally:
            _held -= 1
