"""Which code host a repository is at, by what its name looks like."""

from contextlib import AbstractContextManager
from typing import IO, Protocol

from commands.base.errors import NotFound, TesseraError, Unavailable
from commands.base.ports import CodeHost
from explainers.builds.model import Commit
from explainers.diagnosis.near import nearest_one


class Choosy(CodeHost, Protocol):
    """A code host that knows which repositories are its own."""

    def has(self, repository: str) -> bool:
        """Whether this repository is at this host. Asks nobody."""


class CodeHosts:
    """The CodeHost port over several: the first that says a repository is its own, else `other`."""

    def __init__(self, other: CodeHost, *hosts: Choosy) -> None:
        self._hosts = hosts
        self._other = other

    def commit(self, repository: str, ref: str) -> Commit:
        try:
            return self._of(repository).commit(repository, ref)
        except (NotFound, Unavailable) as error:
            near = self._near(repository)
            if not near:
                raise
            otherwise = f"; else {error.hint}" if error.hint else ""
            raise type(error)(error.message, f"`{near}` is here, if that was meant{otherwise}") from error

    def archive(self, repository: str, sha: str) -> AbstractContextManager[IO[bytes]]:
        return self._of(repository).archive(repository, sha)

    def files(self, repository: str, sha: str) -> list[str]:
        return self._of(repository).files(repository, sha)

    def dockerfiles(self, repository: str, sha: str) -> list[str]:
        return self._of(repository).dockerfiles(repository, sha)

    def changed(self, repository: str, sha: str) -> list[str]:
        return self._of(repository).changed(repository, sha)

    def behind(self, repository: str, sha: str, ref: str) -> int | None:
        return self._of(repository).behind(repository, sha, ref)

    def repositories(self) -> list[str]:
        """See CodeHost. A host that does not answer is left out, unless none does."""
        found: dict[str, None] = {}
        hosts = [self._other, *(host for host in self._hosts if host is not self._other)]
        failed: list[TesseraError] = []
        for host in hosts:
            try:
                found.update(dict.fromkeys(host.repositories()))
            except TesseraError as error:
                failed.append(error)
        if len(failed) == len(hosts):
            raise failed[0]
        return list(found)

    def _near(self, repository: str) -> str:
        """The repository of `other`, which may be a folder, that is called almost like one which could not be had."""
        known = self._other.repositories()
        return "" if repository in known else nearest_one(repository, known, least=0.8)

    def _of(self, repository: str) -> CodeHost:
        return next((host for host in self._hosts if host.has(repository)), self._other)
