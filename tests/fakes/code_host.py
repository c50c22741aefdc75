"""A CodeHost of plain data: branches and the files on them."""

import hashlib
import io
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO

from bot.source.dockerfiles import dockerfiles
from bot.source.refs import Ref, parse_ref, parse_sha, unknown_ref
from commands.base.errors import Ambiguous, NotFound, TesseraError, UsageError
from explainers.builds.model import Commit

WHEN = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class FakeCommit:
    """A commit with all its files, and the digits of its parents."""

    commit: Commit
    files: Mapping[str, bytes]
    parents: Sequence[str] = ()


@dataclass
class FakeRepository:
    """Commits by digits, and the names for them."""

    commits: dict[str, FakeCommit] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    pulls: dict[int, str] = field(default_factory=dict)
    default: str = "main"

    def push(self, branch: str, files: Mapping[str, str], message: str = "", author: str = "Ana") -> str:
        """A commit on top of a branch (of the default one, where the branch is new); returns its digits."""
        parent = self.branches.get(branch) or self.branches.get(self.default, "")
        sha = hashlib.sha1(repr((branch, parent, sorted(files.items()), message)).encode()).hexdigest()
        commit = Commit(sha, message or f"Change {branch}", author, WHEN)
        contents = {path: text.encode() for path, text in files.items()}
        self.commits[sha] = FakeCommit(commit, contents, (parent,) if parent else ())
        self.branches[branch] = sha
        return sha

    def ancestors(self, sha: str) -> set[str]:
        """The commit and all before it."""
        found: set[str] = set()
        todo = [sha]
        while todo:
            each = todo.pop()
            if each not in found:
                found.add(each)
                todo.extend(self.commits[each].parents)
        return found


class FakeCodeHost:
    """Implements CodeHost. `fails` raises an error for each question about a repository, `away` for
    the list of them."""

    def __init__(self, repositories: Mapping[str, FakeRepository] | None = None) -> None:
        self.held = dict(repositories or {})
        self.fails: dict[str, TesseraError] = {}
        self.away: TesseraError | None = None
        self.archives: list[tuple[str, str]] = []

    def commit(self, repository: str, ref: str) -> Commit:
        wanted, found = parse_ref(ref), self._repository(repository)
        sha, name = self._resolve(repository, found, wanted)
        if sha not in found.commits:
            raise NotFound(f"{repository} has no commit {sha[:12]}.")
        commit = found.commits[sha].commit
        return Commit(sha, commit.message, commit.author, commit.when, name, commit.url)

    @contextmanager
    def archive(self, repository: str, sha: str) -> Iterator[IO[bytes]]:
        files = self._files(repository, sha)
        self.archives.append((repository, sha))
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for path, data in sorted(files.items()):
                header = tarfile.TarInfo(f"source/{path}")
                header.size = len(data)
                tar.addfile(header, io.BytesIO(data))
        packed.seek(0)
        yield packed

    def files(self, repository: str, sha: str) -> list[str]:
        return list(self._files(repository, sha))

    def dockerfiles(self, repository: str, sha: str) -> list[str]:
        return dockerfiles(self._files(repository, sha))

    def changed(self, repository: str, sha: str) -> list[str]:
        now = self._files(repository, sha)
        held = self._repository(repository).commits
        parents = held[sha].parents
        before = held[parents[0]].files if parents else {}
        return sorted(path for path in {*now, *before} if now.get(path) != before.get(path))

    def behind(self, repository: str, sha: str, ref: str) -> int | None:
        found = self._repository(repository)
        tip, _ = self._resolve(repository, found, parse_ref(ref))
        if parse_sha(sha) not in found.commits:
            return None
        return len(found.ancestors(tip) - found.ancestors(sha))

    def repositories(self) -> list[str]:
        if self.away:
            raise self.away
        return list(self.held)

    def _repository(self, name: str) -> FakeRepository:
        if name in self.fails:
            raise self.fails[name]
        if name in self.held:
            return self.held[name]
        if any(sign in name for sign in (" ", "::", "..")) or name.startswith("-") or not name:
            raise UsageError(f"{name} is no repository that may be asked for.", "write it like org/repo")
        raise NotFound(f"There is no repository {name}.", f"there are: {', '.join(self.held)}")

    def _files(self, repository: str, sha: str) -> Mapping[str, bytes]:
        found = self._repository(repository)
        if parse_sha(sha) not in found.commits:
            raise NotFound(f"{repository} has no commit {sha[:12]}.")
        return found.commits[sha].files

    def _resolve(self, repository: str, found: FakeRepository, ref: Ref) -> tuple[str, str]:
        if ref.pull:
            if ref.pull not in found.pulls:
                raise NotFound(f"{repository} has no pull request #{ref.pull}.")
            return found.pulls[ref.pull], f"#{ref.pull}"
        name = ref.name or found.default
        for names in (found.branches, found.tags):
            if name in names:
                return names[name], name
        if len(ref.digits) == 40:
            return ref.digits, ""
        matching = [sha for sha in found.commits if ref.digits and sha.startswith(ref.digits)]
        if len(matching) > 1:
            raise Ambiguous(f"{len(matching)} commits begin with {ref.digits}.")
        if not matching:
            raise unknown_ref(repository, ref.name, {*found.branches, *found.tags})
        return matching[0], ""
