"""A build context as files: what a tar archive holds, kept inside a folder.

The rules are those of the standard library's filter for data, which Python has since 3.11.4 only.
Source: https://peps.python.org/pep-0706/#filters
"""

import copy
import io
import os
import secrets
import stat
import tarfile
import time
from pathlib import Path
from typing import IO

from bot.builds.watch import Stopped
from commands.base.ports import Stop

_SECOND = 1_000_000_000
"""Nanoseconds."""
_EVERYBODY, _OWNER, _RUNS = 0o755, 0o600, 0o111


class Outside(tarfile.TarError):
    """An entry that is not of the folder: a path or a link that leads out of it, or a device."""


def unpack(context: IO[bytes], folder: Path, stop: Stop, poll: float) -> None:
    """Unpack a plain tar archive into a folder that is made. Raises Outside, tarfile.TarError and Stopped.

    buildkitd keeps the files of the last context and asks only for those whose size or age differs, to the nanosecond.
    But two commits may be of one second, and a buildkitd that was killed may not know what it had: then it would build
    another commit's files. So each build gives its files a fraction of a second of its own; images keep whole seconds.
    Source: sameFile of https://github.com/tonistiigi/fsutil, source/local of https://github.com/moby/buildkit
    """
    folder.mkdir(mode=0o700)
    mark = secrets.randbelow(_SECOND)
    with tarfile.open(fileobj=_Asking(context, stop, poll), mode="r|") as archive:
        archive.extraction_filter = lambda member, _: member  # newer Pythons ask for one; `inside` has judged already
        for one in archive:
            member = inside(one, folder)
            archive.extract(member, folder, numeric_owner=True)
            if member.isreg():
                age = int(member.mtime) * _SECOND + mark
                os.utime(folder / member.name, ns=(age, age))


def inside(member: tarfile.TarInfo, folder: Path) -> tarfile.TarInfo:
    """The entry as it may be unpacked: under a relative name, its owner and the rights of others left out. Raises
    Outside."""
    kept, root = copy.copy(member), folder.resolve()
    kept.name = member.name.lstrip("/")
    if not _within(root, root / kept.name):
        raise Outside(f"`{member.name}` is outside of it")
    if not (member.isreg() or member.isdir() or member.issym() or member.islnk()):
        raise Outside(f"`{member.name}` is no file, folder or link")
    if member.issym() or member.islnk():
        beside = root / kept.name.rpartition("/")[0] if member.issym() else root
        if Path(member.linkname).is_absolute() or not _within(root, beside / member.linkname):
            raise Outside(f"`{member.name}` is a link that leads out of it")
    kept.mode = _EVERYBODY if member.isdir() else (member.mode & _EVERYBODY) | _OWNER
    if not kept.mode & stat.S_IXUSR:
        kept.mode &= ~_RUNS
    kept.uid, kept.gid, kept.uname, kept.gname = os.getuid(), os.getgid(), "", ""
    return kept


def _within(root: Path, path: Path) -> bool:
    """Whether a path leads to a place inside, links that are already there followed."""
    try:
        return path.resolve().is_relative_to(root)
    except (OSError, RuntimeError, ValueError):  # links in a circle, a name that is none
        return False


class _Asking(io.RawIOBase):
    """A context that asks whether to stop while it is read. Raises Stopped."""

    def __init__(self, context: IO[bytes], stop: Stop, poll: float) -> None:
        self._context = context
        self._stop = stop
        self._poll = poll
        self._asked = -poll

    def read(self, size: int = -1) -> bytes:
        if (now := time.monotonic()) - self._asked >= self._poll:
            self._asked = now
            if self._stop():
                raise Stopped
        return self._context.read(size)
