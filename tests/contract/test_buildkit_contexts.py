"""Hostile build contexts on the way to BuildKit: refused before buildctl is started, and nothing is left."""

import io
import tarfile
from functools import partial
from pathlib import Path

import pytest

from bot.builds.address import Address
from bot.builds.buildkit import BuildKitEngine, temporary
from explainers.builds.model import BuildEvent, Order
from tests.contract.build_places import never


def archive(*entries: tarfile.TarInfo) -> io.BytesIO:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for entry in entries:
            tar.addfile(entry, io.BytesIO(b"x" * entry.size))
    packed.seek(0)
    return packed


def entry(name: str, kind: bytes = tarfile.REGTYPE, to: str = "", size: int = 0) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname, made.size = kind, to, size
    return made


def build(context: io.BytesIO, tmp_path: Path) -> list[BuildEvent]:
    """With a buildctl that must not be reached: were it started, the error would be another."""
    program = "buildctl-that-is-not-there"
    engine = BuildKitEngine(
        Address(f"unix://{tmp_path}/none.sock"), program=program, folders=partial(temporary, tmp_path)
    )
    events = list(engine.build(Order("localhost:5000/test:1"), context, [], never))
    assert list(tmp_path.iterdir()) == []
    return events


@pytest.mark.parametrize(
    "hostile",
    [
        entry("../outside", size=1),
        entry("a/../../outside", size=1),
        entry("link", tarfile.SYMTYPE, "../../etc/passwd"),
        entry("link", tarfile.SYMTYPE, "/etc/passwd"),
        entry("link", tarfile.LNKTYPE, "../outside"),
        entry("device", tarfile.CHRTYPE),
        entry("pipe", tarfile.FIFOTYPE),
    ],
    ids=lambda hostile: f"{hostile.name} {hostile.linkname} {hostile.type!r}",
)
def test_what_leads_out_of_the_context_is_refused(hostile: tarfile.TarInfo, tmp_path: Path) -> None:
    events = build(archive(entry("Dockerfile", size=1), hostile), tmp_path)
    assert len(events) == 1
    assert events[0].error.startswith("The build context is refused")
    assert hostile.name.rpartition("/")[2] in events[0].error


def test_a_link_that_was_unpacked_first_is_not_written_through(tmp_path: Path) -> None:
    events = build(archive(entry("a", tarfile.SYMTYPE, ".."), entry("a/b", size=1)), tmp_path)
    assert events[0].error.startswith("The build context is refused")


def test_what_is_no_archive_and_what_breaks_off_are_errors(tmp_path: Path) -> None:
    whole = archive(entry("Dockerfile", size=100_000)).getvalue()
    for broken in (b"", b"not a tar", whole[:5000]):
        events = build(io.BytesIO(broken), tmp_path)
        assert len(events) == 1
        assert events[0].error


def test_without_buildctl_it_is_said(tmp_path: Path) -> None:
    events = build(archive(entry("Dockerfile", size=1)), tmp_path)
    assert [event.error for event in events] == ["The program buildctl-that-is-not-there is not installed."]
