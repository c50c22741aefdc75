"""The CodeHost port over the `git` program: any repository by https or ssh, and folders below one root.

Nothing of a repository is trusted: no configuration of the machine, no hooks, no prompts, and only the protocols that
are needed. Each answer fetches just what it needs into a folder that is removed: https://git-scm.com/docs/partial-clone.
A commit of a folder on this machine is not fetched at all, but read where it lies.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import IO

from bot.source import process
from bot.source.address import Address, below, is_folder, parse_address
from bot.source.borrowed import borrow, make_bare
from bot.source.dockerfiles import dockerfiles
from bot.source.failures import explained
from bot.source.invocation import Trust, command, environment
from bot.source.refs import Ref, parse_ref, parse_sha, unknown_ref
from bot.source.remembered import Remembered
from bot.source.scratch import scratch
from commands.base.errors import Ambiguous, NotFound, TesseraError
from explainers.builds.model import Commit, Credentials

ONE_COMMIT = ("--depth=1", "--filter=tree:0")
NAMES_OF_FILES = ("--depth=1", "--filter=blob:none")
WITH_PARENTS = ("--depth=2", "--filter=blob:none")
ALL_FILES = ("--depth=1",)
HISTORY = ("--filter=tree:0",)
BRANCHES_AND_TAGS = ("refs/heads/*:refs/heads/*", "refs/tags/*:refs/tags/*")
_FIELDS = "%an%x00%cI%x00%B"


@dataclass(frozen=True)
class Limits:
    """Seconds for a list of refs and for a fetch, and bytes of one answer of git's."""

    listing: float = 30.0
    fetching: float = 300.0
    answer: int = 64 * 1024**2


def no_login(_host: str) -> Credentials | None:
    """The logins of a host that asks for none."""
    return None


class GitHost:
    """Git repositories. `root` is the folder below which repositories may be named by path; None forbids it.

    `login` gives the credentials for a host, for https; `place` is where temporary folders lie.
    """

    def __init__(
        self,
        root: Path | None = None,
        login: Callable[[str], Credentials | None] = no_login,
        limits: Limits | None = None,
        trust: Trust | None = None,
        place: Path | None = None,
    ) -> None:
        self._root = root
        self._login = login
        self._limits = limits or Limits()
        self._trust = trust or Trust()
        self._place = place
        self._remembered = Remembered()

    def has(self, repository: str) -> bool:
        """Whether this names a folder below the root."""
        return is_folder(repository, self._root)

    def commit(self, repository: str, ref: str) -> Commit:
        """See CodeHost."""
        address, wanted = parse_address(repository, self._root), parse_ref(ref)
        sha, name = self._resolve(address, wanted)
        if name:  # the host has just said that it is there
            return replace(self._remembered.get(address.url, sha, lambda: self._read(address, sha)), ref=name)
        return self._read(address, sha)

    def _read(self, address: Address, sha: str) -> Commit:
        show = ("log", "--no-walk", "--no-show-signature", f"--format={_FIELDS}", f"{sha}^{{commit}}", "--")
        with self._held(address, sha, *ONE_COMMIT) as folder:
            said = self._git(address, "-C", str(folder), *show)
        author, when, message = said.decode("utf-8", "replace").split("\0", 2)
        return Commit(sha, message.strip(), author, datetime.fromisoformat(when))

    @contextmanager
    def archive(self, repository: str, sha: str) -> Iterator[IO[bytes]]:
        """See CodeHost."""
        address = parse_address(repository, self._root)
        with self._held(address, parse_sha(sha), *ALL_FILES) as folder:
            pack = command("-C", str(folder), "archive", "--format=tar", "--prefix=source/", f"{sha}^{{commit}}")
            with (
                _in_words(address),
                process.stream(pack, environment(address, None, self._trust), self._limits.fetching) as output,
            ):
                yield output

    def dockerfiles(self, repository: str, sha: str) -> list[str]:
        """See CodeHost."""
        return dockerfiles(self.files(repository, sha))

    def files(self, repository: str, sha: str) -> list[str]:
        """See CodeHost."""
        address = parse_address(repository, self._root)
        with self._fetched(address, parse_sha(sha), *NAMES_OF_FILES) as folder:
            said = self._git(address, "-C", str(folder), "ls-tree", "-r", "-z", "--name-only", "--full-tree", sha)
        return [path for path in said.decode("utf-8", "surrogateescape").split("\0") if path]

    def changed(self, repository: str, sha: str) -> list[str]:
        """See CodeHost."""
        address, wanted = parse_address(repository, self._root), parse_sha(sha)
        with self._fetched(address, wanted, *WITH_PARENTS) as folder:
            against = ("--first-parent", "-m", "--no-renames", "--name-only", "-z", "--format=", "--no-show-signature")
            said = self._git(address, "-C", str(folder), "log", "-1", *against, wanted)
        return sorted(filter(None, said.decode("utf-8", "replace").split("\0")))

    def behind(self, repository: str, sha: str, ref: str) -> int | None:
        """See CodeHost."""
        address = parse_address(repository, self._root)
        tip, _ = self._resolve(address, parse_ref(ref))
        if tip == parse_sha(sha):
            return 0
        try:
            with self._fetched(address, sha, *HISTORY, also=tip) as folder:
                return int(self._git(address, "-C", str(folder), "rev-list", "--count", f"{sha}..{tip}"))
        except NotFound:
            return None

    def repositories(self) -> list[str]:
        """See CodeHost: those right below the root, and one folder deeper."""
        return below(self._root) if self._root else []

    def _resolve(self, address: Address, ref: Ref) -> tuple[str, str]:
        """The commit's digits, and the name that it was found by."""
        if ref.pull:
            return self._pull(address, ref.pull)
        if not ref.name:
            return self._default(address)
        found = self._list(address, *(each for full in ref.full for each in (full, f"{full}^{{}}")))
        for full in ref.full:
            if sha := found.get(f"{full}^{{}}") or found.get(full):
                return sha, full.removeprefix("refs/heads/").removeprefix("refs/tags/")
        if len(ref.digits) == 40:
            return ref.digits, ""
        return self._by_digits(address, ref), ""

    def _default(self, address: Address) -> tuple[str, str]:
        said = self._git(address, "ls-remote", "--symref", "--end-of-options", address.url, "HEAD").decode()
        heads = [line.removesuffix("\tHEAD") for line in said.splitlines() if line.endswith("\tHEAD")]
        sha = next((each for each in heads if not each.startswith("ref: ")), "")
        if not sha:
            raise NotFound(f"{address.shown} has no commit on its default branch.", "push one, or name a branch")
        branch = next((each for each in heads if each.startswith("ref: ")), "")
        return sha, branch.removeprefix("ref: refs/heads/")

    def _pull(self, address: Address, number: int) -> tuple[str, str]:
        forms = (f"refs/pull/{number}/head", f"refs/merge-requests/{number}/head")
        found = self._list(address, *forms)
        if sha := next((found[form] for form in forms if form in found), ""):
            return sha, f"#{number}"
        raise NotFound(f"{address.shown} has no pull request #{number}.", "write its number, or name its branch")

    def _by_digits(self, address: Address, ref: Ref) -> str:
        """A commit by its first digits: among the tips, else in the whole history (commits only, no files)."""
        tips = self._list(address, "--heads", "--tags")
        names = {full.removesuffix("^{}").removeprefix("refs/heads/").removeprefix("refs/tags/") for full in tips}
        unknown = unknown_ref(address.shown, ref.name, names)
        if not ref.digits:
            raise unknown
        peeled = {sha for full, sha in tips.items() if f"{full}^{{}}" not in tips}
        matching = sorted(sha for sha in peeled if sha.startswith(ref.digits))
        matching = matching or self._in_history(address, ref.digits)
        if not matching:
            raise unknown
        if len(matching) > 1:
            raise Ambiguous(
                f"{len(matching)} commits begin with {ref.digits}.", f"write more digits: {matching[0][:12]}"
            )
        return matching[0]

    def _in_history(self, address: Address, digits: str) -> list[str]:
        with scratch(self._place) as folder:
            self._fetch(address, folder, *HISTORY, names=BRANCHES_AND_TAGS)
            said = self._git(address, "-C", str(folder), "rev-parse", f"--disambiguate={digits}").decode().split()
            kinds = [(sha, self._git(address, "-C", str(folder), "cat-file", "-t", sha).strip()) for sha in said[:10]]
        return [sha for sha, kind in kinds if kind == b"commit"]

    def _list(self, address: Address, *patterns: str) -> dict[str, str]:
        """Full ref names with their digits; `NAME^{}` is the commit that an annotated tag names."""
        options = [each for each in patterns if each.startswith("--")]
        names = [each for each in patterns if not each.startswith("--")]
        said = self._git(address, "ls-remote", *options, "--end-of-options", address.url, *names)
        lines = (line.split("\t", 1) for line in said.decode("utf-8", "replace").splitlines())
        return {name: sha for sha, name in lines}

    @contextmanager
    def _held(self, address: Address, sha: str, *options: str) -> Iterator[Path]:
        """A bare repository that has that commit if there is one: of a folder its own objects, else what is fetched."""
        if not address.host:
            with scratch(self._place) as folder:
                if borrow(folder, Path(address.url)):
                    yield folder
                    return
        with self._fetched(address, sha, *options, surely=False) as folder:
            yield folder

    @contextmanager
    def _fetched(
        self, address: Address, sha: str, *options: str, also: str = "", surely: bool = True
    ) -> Iterator[Path]:
        """A bare repository with that commit. Raises NotFound when there is none; unless `surely`, what was given may
        be no commit."""
        with scratch(self._place) as folder:
            try:
                self._fetch(address, folder, *options, names=(sha, also) if also else (sha,))
            except NotFound:
                # Not every server gives a commit by its digits.
                self._fetch(
                    address, folder, *(each for each in options if "depth" not in each), names=BRANCHES_AND_TAGS
                )
                surely = True
            if surely and not self._has(address, folder, sha):
                raise NotFound(
                    f"{address.shown} has no commit {sha[:12]}.", "it may have been replaced by a forced push"
                )
            yield folder

    def _fetch(self, address: Address, folder: Path, *options: str, names: tuple[str, ...]) -> None:
        make_bare(folder)
        still = ("--quiet", "--no-tags", "--no-recurse-submodules", "--no-auto-maintenance", "--no-write-fetch-head")
        fetch = ("fetch", *still, *options, "--end-of-options", address.url, *names)
        self._git(address, "-C", str(folder), *fetch, seconds=self._limits.fetching)

    def _has(self, address: Address, folder: Path, sha: str) -> bool:
        try:
            return self._git(address, "-C", str(folder), "cat-file", "-t", sha).strip() == b"commit"
        except TesseraError:
            return False

    def _git(self, address: Address, *arguments: str, seconds: float = 0) -> bytes:
        settings = environment(address, self._login(address.host) if address.host else None, self._trust)
        with _in_words(address):
            return process.run(command(*arguments), settings, seconds or self._limits.listing, self._limits.answer)


@contextmanager
def _in_words(address: Address) -> Iterator[None]:
    try:
        yield
    except process.Failed as error:
        raise explained(address, error) from error
