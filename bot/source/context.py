"""From a commit's archive to the build context: what an engine gets, and nothing that could leave it.

Like Docker's own client: `.dockerignore` (or `DOCKERFILE.dockerignore` beside the Dockerfile) decides what stays, the
Dockerfile and `.dockerignore` always do, owners are dropped, and modes are 755 and 644. So the same commit gives the
same bytes whichever host it came from. See https://docs.docker.com/build/concepts/context/.
"""

import hashlib
import io
import posixpath
import re
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from bot.source.dockerfiles import dockerfiles
from bot.source.ignore import Ignore
from bot.source.tarball import Kind, Limits, refused, show
from bot.source.tree import Node, Tree, unpack
from commands.base.errors import NotFound, UsageError
from explainers.diagnosis.near import nearest

DOCKERFILE_BYTES = 1024 * 1024
IGNORE = ".dockerignore"


@dataclass(frozen=True)
class Context:
    """A build context. `tar` is a plain tar archive at its beginning, `dockerfile` the path in it, `text` its text."""

    tar: IO[bytes]
    dockerfile: str
    text: str


@contextmanager
def build_context(
    archive: IO[bytes], folder: str = "", dockerfile: str = "Dockerfile", limits: Limits | None = None
) -> Iterator[Context]:
    """The context of a build; its file is removed at the end, and by the system when the process is killed.

    `archive` is what `CodeHost.archive` gives; `folder` and `dockerfile` are paths in the repository. Raises UsageError
    (what cannot be built), NotFound (no such folder or Dockerfile; says which there are), Unavailable (broken archive).
    """
    folder, dockerfile = _inside(folder), _inside(dockerfile)
    with tempfile.TemporaryFile() as packed:
        with tempfile.TemporaryFile() as spool:
            tree = unpack(archive, spool, limits or Limits())
            name, text = _pack(tree, folder, dockerfile, packed)
        packed.seek(0)
        yield Context(packed, name, text)


def _inside(path: str) -> str:
    """A path that a person wrote, relative to the root of the repository."""
    clean = posixpath.normpath(path.strip() or ".")
    if clean.startswith(("..", "/")) or "\0" in clean or len(clean) > Limits().path:
        raise UsageError(f"{show(path)} is not a path in the repository.", "write it from the root, like services/shop")
    return "" if clean == "." else clean


def _pack(tree: Tree, folder: str, dockerfile: str, packed: IO[bytes]) -> tuple[str, str]:
    """Write the context; returns the Dockerfile's path in it and its text."""
    base = _folder(tree, folder)
    found = _dockerfile(tree, dockerfile)
    text = _text(tree, found, dockerfile)
    ignore = Ignore(_ignore_text(tree, base, dockerfile))
    inner = _relative(found.entry.path, base)
    name = inner or f".dockerfile.{hashlib.sha256(text.encode()).hexdigest()[:20]}"
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT, errors="surrogateescape") as tar:
        kept: set[str] = set()
        for path, node in tree.nodes.items():
            relative = _relative(path, base)
            if relative and (relative in (inner, IGNORE) or not ignore.ignores(relative)):
                _write(tar, tree, node, relative, base, kept)
                kept.add(relative)
        if not inner:
            raw = text.encode()
            tar.addfile(_header(name, len(raw)), io.BytesIO(raw))
    return name, text


def _relative(path: str, base: str) -> str:
    """A path of the repository inside the context; empty when it lies outside."""
    if not base:
        return path
    return path.removeprefix(f"{base}/") if path.startswith(f"{base}/") else ""


def _folder(tree: Tree, folder: str) -> str:
    real = tree.real(folder)
    if real is not None and tree.has_folder(real):
        return real
    folders = {posixpath.dirname(path) for path in tree.nodes} - {""}
    near = nearest(folder, folders)
    raise NotFound(
        f"This commit has no folder {show(folder)} for the build context.",
        f"did you mean {' or '.join(map(show, near))}?" if near else "leave the folder out to build from the root",
    )


def _dockerfile(tree: Tree, path: str) -> Node:
    found = tree.file(path)
    if found:
        return found
    there = dockerfiles(tree.nodes)
    raise NotFound(
        f"This commit has no Dockerfile at {show(path)}.",
        f"it has {', '.join(map(show, there[:5]))}" if there else "add a file called Dockerfile, commit and push it",
    )


def _text(tree: Tree, node: Node, path: str) -> str:
    if not node.entry.size:
        raise UsageError(f"{show(path)} is empty.", "it needs at least a FROM line")
    if node.entry.size > DOCKERFILE_BYTES:
        raise UsageError(
            f"{show(path)} has {node.entry.size:,} bytes; a Dockerfile may have 1 MiB.", "name another file"
        )
    try:
        text = tree.text(node, DOCKERFILE_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{show(path)} is not UTF-8 text.", "save it as UTF-8, or name another file") from error
    if "\0" in text:
        raise UsageError(f"{show(path)} is not a text file.", "name another file")
    return text


def _ignore_text(tree: Tree, base: str, dockerfile: str) -> str:
    """The patterns that apply: those made for this Dockerfile, else those of the context."""
    for path in (f"{dockerfile}{IGNORE}", posixpath.join(base, IGNORE)):
        if node := tree.file(path):
            if node.entry.size > DOCKERFILE_BYTES:
                raise UsageError(f"{show(path)} has more than 1 MiB.", "shorten it")
            return tree.text(node, DOCKERFILE_BYTES).decode("utf-8", "surrogateescape")
    return ""


def _write(tar: tarfile.TarFile, tree: Tree, node: Node, name: str, base: str, kept: set[str]) -> None:
    entry = node.entry
    header = _header(name, entry.size, 0o755 if entry.executable else 0o644, entry.modified)
    match entry.kind:
        case Kind.FILE:
            tar.addfile(header, tree.at(node))
            return
        case Kind.FOLDER:
            header.type, header.mode = tarfile.DIRTYPE, 0o755
        case Kind.LINK:
            if tree.real(entry.path) is None:
                raise refused(
                    f"the symbolic link {show(entry.path)} leads out of the repository, to {show(entry.target)}",
                    "make it relative and inside, or name it in .dockerignore",
                )
            header.type, header.mode, header.linkname = tarfile.SYMTYPE, 0o777, entry.target
        case Kind.HARD_LINK:
            header.type, header.linkname = tarfile.LNKTYPE, _hard(entry.target, base)
            if header.linkname not in kept:
                raise refused(f"the hard link {show(entry.path)} names what is not in the context")
    tar.addfile(header)


def _hard(target: str, base: str) -> str:
    """A hard link names a path in the archive, with its top folder."""
    if not re.fullmatch(r"[^/]+/.+", target):
        return ""
    return _relative(target.partition("/")[2], base)


def _header(name: str, size: int, mode: int = 0o644, modified: int = 0) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.size, header.mode, header.mtime = size, mode, modified
    return header
