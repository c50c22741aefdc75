"""The CodeHost port over GitHub's REST API: https://docs.github.com/en/rest."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from typing import IO, TYPE_CHECKING

from bot.source.address import github_name, parse_address
from bot.source.dockerfiles import dockerfiles
from bot.source.github.access import PUBLIC, Access, Clients
from bot.source.github.download import download
from bot.source.github.failures import Patience, in_words
from bot.source.refs import Ref, parse_ref, parse_sha, unknown_ref
from commands.base.errors import Ambiguous, NotFound, UsageError
from explainers.builds.model import Commit

if TYPE_CHECKING:
    from github.Commit import Commit as Found
    from github.Repository import Repository

FILES = 300
"""Files in one answer: as many as GitHub gives."""
MOST = NAMES = 1000
"""Repositories in one list; branches, and as many tags, among which the nearest to an unknown one is looked for."""


class GitHubHost:
    """Repositories at one GitHub, written `org/repo` or by their address. `access` is asked anew each time."""

    def __init__(self, access: Callable[[], Access], base: str = PUBLIC, strangers: bool = True) -> None:
        """`base` is the API's address, such as `https://github.example.com/api/v3`; `strangers` says whether it is
        asked without a login, too: else its repositories are somebody else's as long as there is none.
        Raises UsageError."""
        self._clients = Clients(access, base)
        self._strangers = strangers
        self._patience = Patience(self._clients.host)

    def has(self, repository: str) -> bool:
        """Whether this repository is at this GitHub. Asks nobody."""
        return bool(github_name(repository, self._clients.host)) and (self._strangers or self._clients.known)

    def commit(self, repository: str, ref: str) -> Commit:
        """See CodeHost."""
        name, wanted = self._name(repository), parse_ref(ref)
        with self._in_words(name):
            return self._commit(self._repository(name), name, wanted)

    @contextmanager
    def archive(self, repository: str, sha: str) -> Iterator[IO[bytes]]:
        """See CodeHost."""
        name = self._name(repository)
        url = f"{self._clients.base}/repos/{name}/tarball/{parse_sha(sha)}"
        headers = {"Accept": "application/vnd.github+json", "User-Agent": "tessera"}
        with self._in_words(name):
            auth = self._clients.client(name).requester.auth
            if auth:
                auth.authentication(headers)
        with download(url, headers, name, self._patience) as stream:
            yield stream

    def dockerfiles(self, repository: str, sha: str) -> list[str]:
        """See CodeHost."""
        return dockerfiles(self.files(repository, sha))

    def files(self, repository: str, sha: str) -> list[str]:
        """See CodeHost. GitHub names the first 100,000 files."""
        name, wanted = self._name(repository), parse_sha(sha)
        with self._in_words(name):
            found = self._repository(name)
            try:
                tree = found.get_git_tree(self._one(found, name, wanted).commit.tree.sha, recursive=True).tree
            except _unknown() as error:
                raise NotFound(f"{name} has no commit {sha[:12]}.", "it may be of another repository") from error
            return [entry.path for entry in tree if entry.type == "blob"]

    def changed(self, repository: str, sha: str) -> list[str]:
        """See CodeHost. GitHub names the first 3,000 files."""
        name, wanted = self._name(repository), parse_sha(sha)
        with self._in_words(name):
            files = list(self._one(self._repository(name), name, wanted, FILES).files)
        before = (file.previous_filename for file in files if file.status == "renamed")
        return sorted({*(file.filename for file in files), *filter(None, before)})

    def behind(self, repository: str, sha: str, ref: str) -> int | None:
        """See CodeHost."""
        name, wanted, base = self._name(repository), parse_ref(ref), parse_sha(sha)
        with self._in_words(name):
            found = self._repository(name)
            tip = self._commit(found, name, wanted).sha
            if tip == base:
                return 0
            try:
                return found.compare(base, tip, comparison_commits_per_page=1).ahead_by
            except _unknown():
                return None

    def repositories(self) -> list[str]:
        """See CodeHost: those that the token's owner, or the App in all its installations, may read."""
        with self._in_words("its repositories"):
            return [each.full_name for each in islice(self._clients.repositories(), MOST)]

    def _name(self, repository: str) -> str:
        name = github_name(repository, self._clients.host)
        if not name:
            parse_address(repository)
            raise UsageError(f"{repository.strip()} is not at {self._clients.host}.", "write it like org/repo")
        return name

    def _repository(self, name: str) -> "Repository":
        return self._clients.client(name).get_repo(name)

    def _in_words(self, name: str) -> AbstractContextManager[None]:
        return in_words(self._clients.host, name, self._clients.known, self._patience)

    def _commit(self, found: "Repository", name: str, ref: Ref) -> Commit:
        if ref.pull:
            return _told(self._one(found, name, self._pull(found, name, ref.pull)), f"#{ref.pull}")
        if not ref.name:
            branch = found.default_branch
            return _told(self._one(found, name, f"heads/{branch}"), branch)
        for form in ("heads", "tags"):
            full = ref.name.removeprefix("refs/") if ref.name.startswith("refs/") else f"{form}/{ref.name}"
            if commit := self._maybe(found, full):
                return _told(commit, full.partition("/")[2])
        commit = self._maybe(found, ref.digits) if ref.digits else None
        if commit and commit.sha.startswith(ref.digits):
            return _told(commit, "")
        _exists(found)
        if len(ref.digits) == 40:
            raise NotFound(f"{name} has no commit {ref.digits[:12]}.", "it may be of another repository")
        raise unknown_ref(name, ref.name, _names(found))

    def _pull(self, found: "Repository", name: str, number: int) -> str:
        try:
            return found.get_pull(number).head.sha
        except _unknown() as error:
            _exists(found)
            raise NotFound(f"{name} has no pull request #{number}.", "write its number, or name its branch") from error

    def _one(self, found: "Repository", name: str, ref: str, files: int = 1) -> "Found":
        commit = self._maybe(found, ref, files)
        if not commit:
            _exists(found)
            raise NotFound(f"{name} has no commit {ref.removeprefix('heads/')[:40]}.", "push one, or name a branch")
        return commit

    def _maybe(self, found: "Repository", ref: str, files: int = 1) -> "Found | None":
        """The commit that GitHub means by `heads/…`, `tags/…` or digits, with so many of its files at a time."""
        from github import GithubException

        try:
            return found.get_commit(ref, commit_files_per_page=files).complete()
        except GithubException as error:
            if error.status == 422 and "ambiguous" in (error.message or "").lower():
                raise Ambiguous(f"Several commits begin with {ref}.", "write more digits") from error
            if error.status in (404, 422):
                return None
            raise


def _unknown() -> type[Exception]:
    from github import UnknownObjectException

    return UnknownObjectException


def _exists(found: "Repository") -> None:
    """Ask for the repository itself, so that a missing one is told from a missing commit."""
    found.complete()


def _names(found: "Repository") -> list[str]:
    """Branches and tags, so many as are looked through."""
    refs = (found.get_git_matching_refs(form) for form in ("heads/", "tags/"))
    full = [ref.ref for each in refs for ref in islice(each, NAMES)]
    return [name.removeprefix("refs/heads/").removeprefix("refs/tags/") for name in full]


def _told(found: "Found", ref: str) -> Commit:
    inner = found.commit
    return Commit(
        found.sha, inner.message.strip(), inner.author.name or "", inner.committer.date, ref, found.html_url or ""
    )
