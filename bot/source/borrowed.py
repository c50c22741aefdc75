"""A repository of a folder on this machine, read where it lies: its objects are borrowed, not fetched.

Nothing else of it is used, neither its configuration nor its hooks, so it is trusted no more than one that was fetched:
https://git-scm.com/docs/gitrepository-layout#Documentation/gitrepository-layout.txt-objectsinfoalternates.
"""

from pathlib import Path


def make_bare(folder: Path) -> None:
    """An empty bare repository, without starting a program for it; see gitrepository-layout(5)."""
    for name in ("objects", "refs"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")
    (folder / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n", encoding="utf-8")


def borrow(folder: Path, source: Path) -> bool:
    """Make `folder` a bare repository with the objects of the one in `source`.

    False, and nothing made, where its objects lie elsewhere, as those of a worktree do: that is for git to sort out.
    """
    objects = next((each for each in (source / ".git" / "objects", source / "objects") if each.is_dir()), None)
    if objects is None or "\n" in str(objects):
        return False
    make_bare(folder)
    (folder / "objects" / "info").mkdir()
    (folder / "objects" / "info" / "alternates").write_text(f"{objects.resolve()}\n", encoding="utf-8")
    return True
