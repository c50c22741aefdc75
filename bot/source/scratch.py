"""Temporary folders that do not outlive their process, even when it is killed.

Each folder is held by a lock that the system releases with the process; whoever makes a folder removes those that
nobody holds. So several bots and workers may share one machine.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from commands.base.errors import Denied


@contextmanager
def scratch(parent: Path | None = None) -> Iterator[Path]:
    """An empty folder, removed at the end. `parent` is where such folders lie, by default in the system's own place."""
    home = parent or Path(tempfile.gettempdir()) / f"tessera-{os.getuid()}"
    _own(home)
    with (home / "lock").open("w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        _sweep(home)
        folder = Path(tempfile.mkdtemp(prefix="git-", dir=home))
        held = _lock_of(folder).open("w")
        fcntl.flock(held, fcntl.LOCK_EX)
    with held:
        try:
            yield folder
        finally:
            _remove(folder)


def _own(home: Path) -> None:
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if home.is_symlink() or home.stat().st_uid != os.getuid():
        raise Denied(f"{home} belongs to somebody else.", "remove it, or set TMPDIR to a folder of the bot's own")


def _sweep(home: Path) -> None:
    for folder in home.glob("git-*/"):
        with _lock_of(folder).open("w") as lock:
            if _free(lock):
                _remove(folder)


def _free(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lock_of(folder: Path) -> Path:
    return folder.with_name(f"lock-{folder.name}")


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    _lock_of(folder).unlink(missing_ok=True)
