"""A commit is read once, and a bounded number of them is kept."""

from bot.source.remembered import LONGEST, Remembered
from explainers.builds.model import Commit


def test_a_commit_is_read_once_for_each_repository() -> None:
    remembered, read = Remembered(), list[str]()

    def get(where: str) -> str:
        def reader() -> Commit:
            read.append(where)
            return Commit("a" * 40, f"of {where}")

        return remembered.get(where, "a" * 40, reader).message

    assert [get(where) for where in ("one", "two", "one")] == ["of one", "of two", "of one"]
    assert read == ["one", "two"]


def test_the_oldest_go_and_long_messages_are_not_kept() -> None:
    remembered, read = Remembered(most=2), list[str]()

    def get(sha: str, message: str = "m") -> None:
        def reader() -> Commit:
            read.append(sha)
            return Commit(sha, message)

        remembered.get("url", sha, reader)

    for sha in ("1", "2", "1", "3", "1", "2"):
        get(sha)
    get("long", "x" * (LONGEST + 1))
    get("long", "x" * (LONGEST + 1))
    assert read == ["1", "2", "3", "2", "long", "long"]
