"""A tar stream read strictly, one header at a time.

Python's tarfile reads an extended header into memory whatever its size, and follows a chain of them by recursion. This
reader gives up first: it counts before it reads, knows the kinds of entry that a commit has, and refuses the others.

Format: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html (ustar and pax) with GNU's long names.
"""

import gzip
import io
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import IO

from commands.base.errors import Unavailable, UsageError

BLOCK = 512
CHUNK = 256 * 1024
EXTENSION_BYTES = 64 * 1024
EXTENSIONS_IN_A_ROW = 8
SMALLER = "make the repository smaller, or have the limit of the build context raised"


@dataclass(frozen=True)
class Limits:
    """What an archive may have: entries (folders included), bytes unpacked, and characters in one path."""

    entries: int = 100_000
    size: int = 2 * 1024**3
    path: int = 1024


class Kind(Enum):
    FILE = "file"
    FOLDER = "folder"
    LINK = "symbolic link"
    HARD_LINK = "hard link"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `path` is relative, without `.` and `..`; `target` is what a link names; `modified` is Unix time."""

    path: str
    kind: Kind
    size: int = 0
    executable: bool = False
    modified: int = 0
    target: str = ""


_KINDS = {
    tarfile.REGTYPE: Kind.FILE,
    tarfile.AREGTYPE: Kind.FILE,
    tarfile.CONTTYPE: Kind.FILE,
    tarfile.DIRTYPE: Kind.FOLDER,
    tarfile.SYMTYPE: Kind.LINK,
    tarfile.LNKTYPE: Kind.HARD_LINK,
}
_ODD = {
    tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device",
    tarfile.FIFOTYPE: "a named pipe",
    tarfile.GNUTYPE_SPARSE: "a sparse file",
}


def refused(what: str, hint: str = "") -> UsageError:
    """The error of an archive that is not one of a commit, or too much of one."""
    return UsageError(f"The source cannot be used: {what}.", hint or "correct it in the repository, then build again")


class Archive:
    """The entries of a tar stream, plain or gzip. Iterate once; `content` belongs to the entry that came last.

    Raises UsageError for what a commit's archive never has, Unavailable when the stream ends too early.
    """

    def __init__(self, stream: IO[bytes], limits: Limits) -> None:
        self._limits = limits
        self._stream = _unpacked(stream)
        self._read = 0
        self._left = 0

    def __iter__(self) -> Iterator[Entry]:
        count = 0
        while (header := self._next()) is not None:
            count += 1
            if count > self._limits.entries:
                raise refused(f"it has more than {self._limits.entries:,} files", SMALLER)
            yield self._entry(*header)
            for _ in self.content():
                pass

    def content(self) -> Iterator[bytes]:
        """The bytes of the last entry, in pieces."""
        padding = -self._left % BLOCK
        while self._left:
            piece = self._take(min(self._left, CHUNK))
            self._left -= len(piece)
            yield piece
        self._take(padding)
        self._left = 0

    def _next(self) -> tuple[tarfile.TarInfo, dict[str, str]] | None:
        """The next header of an entry, and what the extended headers before it say; None at the end."""
        said: dict[str, str] = {}
        for _ in range(EXTENSIONS_IN_A_ROW):
            block = self._take(BLOCK)
            if not block.strip(b"\0"):
                self._finish()
                return None
            try:
                header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
            except tarfile.HeaderError as error:
                raise refused("its archive is damaged") from error
            match header.type:
                case tarfile.XHDTYPE | tarfile.SOLARIS_XHDTYPE:
                    said |= _records(self._extension(header.size))
                case tarfile.XGLTYPE:
                    self._extension(header.size)
                case tarfile.GNUTYPE_LONGNAME:
                    said["path"] = _name(self._extension(header.size))
                case tarfile.GNUTYPE_LONGLINK:
                    said["linkpath"] = _name(self._extension(header.size))
                case _:
                    return header, said
        raise refused("its archive has extended headers without end")

    def _entry(self, header: tarfile.TarInfo, said: dict[str, str]) -> Entry:
        name = said.get("path", header.name)
        odd = "a sparse file" if any(key.startswith("GNU.sparse") for key in said) else _ODD.get(header.type, "")
        if odd or header.type not in _KINDS:
            raise refused(f"{show(name)} is {odd or 'of an unknown kind'}")
        kind = _KINDS[header.type]
        size = said.get("size", str(header.size))
        if not size.isdecimal() or len(size) > 20:
            raise refused("its archive is damaged")
        self._left = int(size) if kind is Kind.FILE else 0
        self._fits(self._left)
        return Entry(
            path=self._path(name),
            kind=kind,
            size=self._left,
            executable=bool(header.mode & 0o111),
            modified=min(max(int(header.mtime), 0), 2**33 - 1),
            target=self._short(said.get("linkpath", header.linkname)) if kind in (Kind.LINK, Kind.HARD_LINK) else "",
        )

    def _path(self, name: str) -> str:
        parts = [part for part in self._short(name).split("/") if part not in ("", ".")]
        if name.startswith("/") or ".." in parts or "\0" in name or not parts:
            raise refused(f"the path {show(name)} leaves the source folder")
        return "/".join(parts)

    def _short(self, name: str) -> str:
        if len(name) > self._limits.path:
            raise refused(f"the path {show(name)} has more than {self._limits.path} characters")
        return name

    def _extension(self, size: int) -> bytes:
        if not 0 <= size <= EXTENSION_BYTES:
            raise refused("its archive has an extended header of absurd size")
        return self._take(size + -size % BLOCK)[:size]

    def _take(self, size: int) -> bytes:
        """Exactly `size` bytes."""
        self._fits(size)
        pieces = []
        while size:
            piece = self._piece(size)
            if not piece:
                raise Unavailable("The source archive ended too early.", "try again")
            size -= len(piece)
            pieces.append(piece)
        return b"".join(pieces)

    def _piece(self, size: int) -> bytes:
        try:
            piece = self._stream.read(size)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise Unavailable("The source archive arrived damaged.", "try again") from error
        self._read += len(piece)
        return piece

    def _fits(self, more: int) -> None:
        if self._read + more > self._limits.size:
            raise refused(f"it has more than {_bytes(self._limits.size)}", SMALLER)

    def _finish(self) -> None:
        """Read on to the end, so that the sender can finish."""
        while self._piece(CHUNK):
            self._fits(0)


class _Rejoined(io.RawIOBase):
    """A stream whose first bytes were read already."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if not self._head:
            return self._rest.read(size)
        piece, self._head = (self._head[:size], self._head[size:]) if size >= 0 else (self._head, b"")
        return piece


def _unpacked(stream: IO[bytes]) -> gzip.GzipFile | _Rejoined:
    """The tar inside: gzip is recognised by its first two bytes."""
    head = b""
    while len(head) < 2 and (piece := stream.read(2 - len(head))):
        head += piece
    whole = _Rejoined(head, stream)
    return gzip.GzipFile(fileobj=whole) if head == b"\x1f\x8b" else whole


def _records(data: bytes) -> dict[str, str]:
    """The records of a pax header: `LENGTH KEY=VALUE` and a line feed each."""
    found: dict[str, str] = {}
    while data:
        digits = data[:8].partition(b" ")[0]
        length = int(digits) if digits.isdigit() else 0
        key, equals, value = data[len(digits) + 1 : max(length - 1, 0)].partition(b"=")
        if not equals or data[length - 1 : length] != b"\n":
            raise refused("its archive is damaged")
        found[_text(key)] = _text(value)
        data = data[length:]
    return found


def _name(data: bytes) -> str:
    return _text(data.split(b"\0", 1)[0])


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def show(name: str) -> str:
    """A path as it can be printed, cut where it is long."""
    printable = name.encode("utf-8", "backslashreplace").decode()
    return ascii(printable) if not printable.isprintable() else printable if len(name) <= 120 else f"{printable[:119]}…"


def _bytes(size: int) -> str:
    for unit, factor in (("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024)):
        if size >= factor:
            return f"{size / factor:g} {unit}"
    return f"{size} bytes"
