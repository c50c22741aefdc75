"""One small history, made by the real git, and the same as plain data."""

import os
import subprocess
from datetime import datetime
from pathlib import Path

from explainers.builds.model import Commit
from tests.fakes.code_host import FakeCommit, FakeRepository

NAME = "shop"
AT = "2026-03-01T12:00:00+00:00"


def git(folder: Path, *arguments: str) -> str:
    """What git says in that folder, with nobody's settings."""
    return _run(folder, *arguments).decode().strip()


def _run(folder: Path, *arguments: str) -> bytes:
    settings = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "PATH": os.environ["PATH"]}
    person = {
        f"GIT_{role}_{field}": value
        for role in ("AUTHOR", "COMMITTER")
        for field, value in (("NAME", "Ana Ferreira"), ("EMAIL", "ana@example.com"), ("DATE", AT))
    }
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, env=settings | person, check=True, capture_output=True, timeout=30).stdout


def make(folder: Path) -> Path:
    """A repository: two commits on `main`, two more on `feature/login`, tags, a pull request whose branch is gone,
    and `tidy`: one that moves, changes and removes a file, then merges the pull request."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder, {"Dockerfile": "FROM busybox\nCOPY . /app\n", "README.md": "shop"}, "First")
    git(folder, "tag", "v1")
    commit(folder, {"app/main.sh": "echo hello"}, "Say hello\n\nWith a reason.")
    git(folder, "tag", "--annotate", "--message=Second", "v2")
    git(folder, "checkout", "--quiet", "-b", "feature/login")
    commit(folder, {"services/pay/Dockerfile": "FROM busybox\n", "docker/dev.Dockerfile": "FROM busybox\n"}, "Pay")
    (folder / "latest").symlink_to("app")
    commit(folder, {"app/größe.txt": "7"}, "Zweiter Schritt ü")
    git(folder, "checkout", "--quiet", "-b", "gone", "main")
    git(folder, "update-ref", "refs/pull/12/head", commit(folder, {"pull": "x"}, "From a fork"))
    git(folder, "checkout", "--quiet", "-b", "tidy", "main")
    (folder / "docs").mkdir()
    git(folder, "mv", "README.md", "docs/README.md")
    git(folder, "rm", "--quiet", "app/main.sh")
    commit(folder, {"Dockerfile": "FROM busybox\n"}, "Tidy up")
    git(folder, "merge", "--quiet", "--no-ff", "--message=Take in", "refs/pull/12/head")
    git(folder, "checkout", "--quiet", "main")
    git(folder, "branch", "--quiet", "--delete", "--force", "gone")
    return folder


def commit(folder: Path, files: dict[str, str], message: str) -> str:
    """Write files, commit; returns the digits."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", f"--message={message}")
    return git(folder, "rev-parse", "HEAD")


def read(folder: Path) -> FakeRepository:
    """What that repository holds. Symbolic links are left out."""
    found = FakeRepository()
    for sha in git(folder, "rev-list", "--all").split():
        author, when, parents, message = git(folder, "log", "-1", "--format=%an%x00%cI%x00%P%x00%B", sha).split("\0")
        files = {path: _run(folder, "show", f"{sha}:{path}") for path in _regular(folder, sha)}
        made = Commit(sha, message.strip(), author, datetime.fromisoformat(when))
        found.commits[sha] = FakeCommit(made, files, tuple(parents.split()))
    for line in git(folder, "for-each-ref", "--format=%(refname) %(objectname) %(*objectname)").splitlines():
        full, first, *peeled = line.split()
        _, kind, name = full.split("/", 2)
        sha = peeled[0] if peeled else first
        match kind:
            case "heads":
                found.branches[name] = sha
            case "tags":
                found.tags[name] = sha
            case _:
                found.pulls[int(name.split("/")[0])] = sha
    return found


def _regular(folder: Path, sha: str) -> list[str]:
    lines = git(folder, "ls-tree", "-r", "-z", sha).strip("\0").split("\0")
    return [line.split("\t")[1] for line in lines if line.startswith("100")]
