"""Repositories in folders, however they came to be there: read where they lie, or fetched where that cannot be."""

import io
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.source.git import GitHost
from commands.base.errors import NotFound
from tests.contract.code_hosts import sample


def _git(*words: str | Path) -> None:
    subprocess.run(["git", *map(str, words)], check=True, capture_output=True)


def _plain(source: Path, made: Path) -> None:
    _git("clone", source, made)


def _bare(source: Path, made: Path) -> None:
    _git("clone", "--bare", source, made)


def _shallow(source: Path, made: Path) -> None:
    _git("clone", "--depth=1", f"file://{source}", made)


def _borrows(source: Path, made: Path) -> None:
    _git("clone", "--shared", source, made)


def _worktree(source: Path, made: Path) -> None:
    _git("-C", source, "worktree", "add", "--detach", made, "main")


def _hostile(source: Path, made: Path) -> None:
    """Its configuration would run programs."""
    _git("clone", source, made)
    for name in ("core.fsmonitor", "tar.tar.command", "core.sshCommand", "uploadpack.packObjectsHook"):
        _git("-C", made, "config", name, f"touch {made.parent}/ran; cat")


KINDS = [_plain, _bare, _shallow, _borrows, _worktree, _hostile]


@pytest.mark.parametrize("make", KINDS, ids=lambda make: make.__name__.strip("_"))
def test_a_folder_is_read_however_it_was_made(make: Callable[[Path, Path], None], tmp_path: Path) -> None:
    source = sample.make(tmp_path / "source")
    root = tmp_path / "root"
    root.mkdir()
    make(source, root / sample.NAME)
    host, held = GitHost(root, place=tmp_path / "scratch"), sample.read(source)
    found = host.commit(sample.NAME, "")
    assert found.sha == held.branches["main"]
    assert found.author == "Ana Ferreira"
    with host.archive(sample.NAME, found.sha) as archive, tarfile.open(fileobj=io.BytesIO(archive.read())) as tar:
        files = {one.name.partition("/")[2]: file.read() for one in tar if (file := tar.extractfile(one))}
    assert files == held.commits[found.sha].files
    with pytest.raises(NotFound, match=r"no (such )?commit"), host.archive(sample.NAME, "1" * 40):
        pass
    assert not (root / "ran").exists()
