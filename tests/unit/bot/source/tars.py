"""Archives as a code host sends them, and as only an attacker does."""

import gzip
import io
import tarfile
from collections.abc import Iterable

TOP = "shop-0123abc"


def file(path: str, data: bytes = b"x", mode: int = 0o664) -> tuple[tarfile.TarInfo, bytes]:
    header = tarfile.TarInfo(f"{TOP}/{path}")
    header.size, header.mode, header.mtime = len(data), mode, 1_700_000_000
    return header, data


def folder(path: str) -> tuple[tarfile.TarInfo, bytes]:
    return special(path, tarfile.DIRTYPE)


def special(path: str, kind: bytes, target: str = "") -> tuple[tarfile.TarInfo, bytes]:
    header = tarfile.TarInfo(f"{TOP}/{path}")
    header.type, header.linkname = kind, target
    return header, b""


def link(path: str, target: str) -> tuple[tarfile.TarInfo, bytes]:
    return special(path, tarfile.SYMTYPE, target)


def archive(
    *entries: tuple[tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT, zipped: bool = False
) -> io.BytesIO:
    """A tar with these entries below one top folder, a commit's name in a global header as git writes it."""
    out = io.BytesIO()
    headers = {"comment": "0" * 40} if form == tarfile.PAX_FORMAT else None
    with tarfile.open(fileobj=out, mode="w", format=form, pax_headers=headers) as tar:
        for header, data in entries:
            tar.addfile(header, io.BytesIO(data))
    return io.BytesIO(gzip.compress(out.getvalue()) if zipped else out.getvalue())


def simple(files: dict[str, str | bytes]) -> io.BytesIO:
    """An archive of regular files."""
    return archive(*(file(path, data.encode() if isinstance(data, str) else data) for path, data in files.items()))


def raw(blocks: Iterable[bytes]) -> io.BytesIO:
    """An archive of these bytes and its end."""
    return io.BytesIO(b"".join(blocks) + bytes(1024))


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 512)
