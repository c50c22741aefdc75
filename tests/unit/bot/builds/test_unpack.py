"""What may be unpacked, beside Python's own filter for data where it is there (PEP 706)."""

import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.builds.unpack import Outside, inside

NAMES = st.lists(st.sampled_from(["..", ".", "a", "b", "link", "up", "", "é"]), min_size=1, max_size=4).map("/".join)
THEIRS = getattr(tarfile, "data_filter", inside)
"""Python has it since 3.11.4."""
KINDS = st.sampled_from([tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])


def entry(name: str, kind: bytes, to: str, mode: int = 0o644) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname, made.mode, made.uid = kind, to, mode, 4711
    return made


@given(NAMES, KINDS, NAMES, st.integers(0, 0o7777))
def test_as_python_itself_judges(name: str, kind: bytes, to: str, mode: int) -> None:
    member = entry(name, kind, to, mode)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "a").mkdir()
        (folder / "link").symlink_to("a")
        (folder / "up").symlink_to("..")
        ours, theirs = judged(inside, member, folder), judged(THEIRS, member, folder)
        assert (ours is None) == (theirs is None)
        if ours and theirs:
            assert ours.name == theirs.name
            assert theirs.mode in (None, ours.mode) or kind == tarfile.SYMTYPE


def judged(
    lets: Callable[[tarfile.TarInfo, Path], tarfile.TarInfo], member: tarfile.TarInfo, folder: Path
) -> tarfile.TarInfo | None:
    try:
        return lets(member, folder)
    except tarfile.TarError:
        return None


def test_the_owner_is_who_builds(tmp_path: Path) -> None:
    assert inside(entry("a", tarfile.REGTYPE, ""), tmp_path).uid != 4711


def test_links_in_a_circle_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    with pytest.raises(Outside, match="outside"):
        inside(entry("one/file", tarfile.REGTYPE, ""), tmp_path)
