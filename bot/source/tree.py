"""The files of one commit on disk: contents one after another in a temporary file, names and kinds in memory."""

import posixpath
from dataclasses import dataclass
from typing import IO

from bot.source.tarball import Archive, Entry, Kind, Limits, refused, show

NAMES = 32 * 1024**2
"""Most characters in all names together, so that names alone cannot fill the memory."""
HOPS = 40
"""Most links that one path may go through; what Linux follows, see path_resolution(7)."""
STEPS = 10_000_000
"""Most steps over all links, so that links to links to links cannot keep a worker busy."""


@dataclass(frozen=True, slots=True)
class Node:
    """An entry and where its contents begin."""

    entry: Entry
    offset: int = 0


class Tree:
    """The source of one commit; paths are relative to its root, in the order of the archive."""

    def __init__(self, spool: IO[bytes], limits: Limits) -> None:
        self.nodes: dict[str, Node] = {}
        self._folders = {""}
        self._spool = spool
        self._limits = limits
        self._names = 0
        self._steps = 0

    def has_folder(self, path: str) -> bool:
        return path in self._folders

    def file(self, path: str) -> Node | None:
        """The regular file at a path, through links that stay inside; None when there is none."""
        real = self.real(path)
        node = self.nodes.get(real) if real is not None else None
        return node if node and node.entry.kind is Kind.FILE else None

    def text(self, node: Node, most: int) -> bytes:
        """At most `most` bytes of a file's contents."""
        self._spool.seek(node.offset)
        return self._spool.read(min(node.entry.size, most))

    def at(self, node: Node) -> IO[bytes]:
        """The contents of a file, and then those of others: read no more than its size."""
        self._spool.seek(node.offset)
        return self._spool

    def real(self, path: str) -> str | None:
        """Where a path leads, each link followed as the file system would; None when that is outside the tree."""
        todo = path.split("/")[::-1]
        here: list[str] = []
        hops = 0
        while todo:
            self._steps += 1
            if self._steps > STEPS:
                raise refused("its symbolic links lead to each other without end")
            part = todo.pop()
            if part == ".." and not here:
                return None
            if part == "..":
                here.pop()
            elif part not in ("", "."):
                here.append(part)
                node = self.nodes.get("/".join(here))
                if node and node.entry.kind is Kind.LINK:
                    hops += 1
                    if hops > HOPS:
                        break
                    if node.entry.target.startswith("/"):
                        return None
                    here.pop()
                    todo.extend(node.entry.target.split("/")[::-1])
        return "/".join(here)

    def add(self, entry: Entry, offset: int) -> None:
        """Take an entry. Raises UsageError where two entries cannot both be."""
        path, folder = entry.path, entry.kind is Kind.FOLDER
        if path in self.nodes or (not folder and path in self._folders):
            if folder and self.nodes[path].entry.kind is Kind.FOLDER:
                return
            raise refused(f"{show(path)} is there twice")
        self._above(path)
        if folder:
            self._folders.add(path)
        self.nodes[path] = Node(entry, offset)
        self._names += len(path) + len(entry.target)
        if len(self.nodes) + len(self._folders) > 2 * self._limits.entries or self._names > NAMES:
            raise refused(f"it has more than {self._limits.entries:,} files and folders, or names of absurd length")

    def _above(self, path: str) -> None:
        """Take the folders above a path as folders, named or not."""
        parent = posixpath.dirname(path)
        while parent not in self._folders:
            if parent in self.nodes:
                raise refused(
                    f"{show(path)} lies below {show(parent)}, which is a {self.nodes[parent].entry.kind.value}"
                )
            self._folders.add(parent)
            self._names += len(parent)
            parent = posixpath.dirname(parent)


def unpack(stream: IO[bytes], spool: IO[bytes], limits: Limits) -> Tree:
    """Read a commit's archive, each path below one top folder, into `spool`. Raises UsageError, Unavailable."""
    tree = Tree(spool, limits)
    archive = Archive(stream, limits)
    offset = 0
    top = ""
    for entry in archive:
        first, _, rest = entry.path.partition("/")
        top = top or first
        if first != top or not (rest or entry.kind is Kind.FOLDER):
            raise refused("its archive has not one top folder")
        if not rest:
            continue
        tree.add(Entry(rest, entry.kind, entry.size, entry.executable, entry.modified, entry.target), offset)
        for piece in archive.content():
            spool.write(piece)
            offset += len(piece)
    if not tree.nodes:
        raise refused("it is empty")
    return tree
