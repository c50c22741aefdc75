"""From an archive to a context: what an engine gets, and what it never does."""

import contextlib
import io
import os
import tarfile
import tempfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.builds.unpack import inside
from bot.source.context import build_context
from bot.source.tarball import Limits
from commands.base.errors import NotFound, TesseraError, Unavailable, UsageError
from tests.unit.bot.source.tars import TOP, archive, file, folder, link, padded, raw, simple, special

FROM = file("Dockerfile", b"FROM busybox\n")
SMALL = Limits(entries=50, size=1024 * 1024)


def contents(stream: io.BytesIO, **chosen: str) -> dict[str, str]:
    """Path to text, to `/` for a folder, to `-> TARGET` for a link."""
    with build_context(stream, limits=SMALL, **chosen) as context, tarfile.open(fileobj=context.tar) as tar:
        assert context.dockerfile in tar.getnames()
        return {member.name: _shown(tar, member) for member in tar}


def _shown(tar: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    found = tar.extractfile(member) if member.isfile() else None
    return found.read().decode() if found else "/" if member.isdir() else f"-> {member.linkname}"


def test_the_top_folder_is_stripped_and_modes_and_owners_are_made_the_same() -> None:
    shell = file("run.sh", b"#!/bin/sh", 0o775)
    shell[0].uid = shell[0].gid = 1000
    with build_context(archive(folder(""), FROM, folder("src"), file("src/a"), shell)) as context:
        assert (context.dockerfile, context.text) == ("Dockerfile", "FROM busybox\n")
        with tarfile.open(fileobj=context.tar) as tar:
            assert [(each.name, each.mode, each.uid, each.gid) for each in tar] == [
                ("Dockerfile", 0o644, 0, 0),
                ("src", 0o755, 0, 0),
                ("src/a", 0o644, 0, 0),
                ("run.sh", 0o755, 0, 0),
            ]


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
@pytest.mark.parametrize("zipped", [False, True])
def test_every_usual_format_is_read(form: int, zipped: bool) -> None:
    deep = "/".join(["folder"] * 15) + "/file"
    entries = [FROM, file(deep, b"y" * 3000), link("short", "Dockerfile")]
    if form != tarfile.USTAR_FORMAT:
        entries += [file("ü" * 120), link("long", deep * 2)]
    found = contents(archive(*entries, form=form, zipped=zipped))
    assert found[deep] == "y" * 3000
    assert len(found) == len(entries)


def test_names_that_are_not_utf8_arrive_as_they_were() -> None:
    odd = b"caf\xe9".decode("utf-8", "surrogateescape")
    with build_context(archive(FROM, file(odd), form=tarfile.GNU_FORMAT)) as context:
        assert b"caf\xe9\0" in context.tar.read()


def test_a_folder_is_the_context() -> None:
    stream = simple({"Dockerfile": "FROM a", "services/shop/Dockerfile": "FROM b", "services/shop/a": "1", "x": "2"})
    assert contents(stream, folder="services/shop/", dockerfile="services/shop/Dockerfile") == {
        "Dockerfile": "FROM b",
        "a": "1",
    }


def test_a_dockerfile_outside_of_the_context_comes_along_under_a_name_of_its_own() -> None:
    stream = simple({"docker/shop.Dockerfile": "FROM b", "shop/a": "1", "docker/shop.Dockerfile.dockerignore": "*.md"})
    with build_context(stream, "shop", "docker/shop.Dockerfile") as context, tarfile.open(fileobj=context.tar) as tar:
        assert context.text == "FROM b"
        assert sorted(tar.getnames()) == [context.dockerfile, "a"]
        assert context.dockerfile.startswith(".dockerfile.")


def test_a_dockerfile_that_is_a_link_is_followed() -> None:
    stream = archive(link("Dockerfile", "docker/prod"), file("docker/prod", b"FROM b"))
    with build_context(stream) as context:
        assert (context.dockerfile, context.text) == ("docker/prod", "FROM b")


def test_dockerignore_decides_but_keeps_the_dockerfile_and_itself() -> None:
    files = {
        "Dockerfile": "FROM a",
        ".dockerignore": "*\n!src\nsrc/*.md",
        "src/a": "",
        "src/b.md": "",
        "c": "",
        ".git/x": "",
    }
    assert set(contents(simple(dict(files)))) == {"Dockerfile", ".dockerignore", "src/a"}


def test_the_ignore_file_of_a_dockerfile_replaces_the_common_one() -> None:
    files = {"Dockerfile": "FROM a", "Dockerfile.dockerignore": "b", ".dockerignore": "a", "a": "", "b": ""}
    assert set(contents(simple(dict(files)))) == {"Dockerfile", "Dockerfile.dockerignore", ".dockerignore", "a"}


def test_a_missing_dockerfile_names_those_that_there_are() -> None:
    stream = simple({"services/shop/Dockerfile": "x", "Dockerfile.dev": "x", "Dockerfile.dockerignore": "", "a.go": ""})
    with pytest.raises(NotFound) as error, build_context(stream):
        pass
    assert error.value.message == "This commit has no Dockerfile at Dockerfile."
    assert error.value.hint == "it has Dockerfile.dev, services/shop/Dockerfile"


def test_a_missing_folder_names_the_nearest() -> None:
    with pytest.raises(NotFound) as error, build_context(simple({"services/shop/Dockerfile": "x"}), "services/shpo"):
        pass
    assert "services/shop" in error.value.hint


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"#" * 50_000_000, "50,000,000 bytes"),
        (b"FROM \xff\xfe", "not UTF-8"),
        (b"FROM a\0b", "not a text file"),
    ],
    ids=["empty", "huge", "not UTF-8", "binary"],
)
def test_a_dockerfile_that_cannot_be_one(data: bytes, said: str) -> None:
    with pytest.raises(UsageError, match=said), build_context(archive(file("Dockerfile", data))):
        pass


@pytest.mark.parametrize("path", ["../x", "/etc", "a/../../b", "a\0b", "x" * 2000])
def test_paths_that_people_write_stay_in_the_repository(path: str) -> None:
    with pytest.raises(UsageError, match="not a path in the repository"), build_context(simple({"a": "b"}), path):
        pass


def hostile() -> Iterator[tuple[str, io.BytesIO, str]]:
    absolute = file("x")
    absolute[0].name = "/etc/passwd"
    outside = file("x")
    outside[0].name = f"{TOP}/../../etc/cron.d/x"
    yield "zip-slip", archive(FROM, outside), "leaves the source folder"
    yield "absolute", archive(FROM, absolute), "leaves the source folder"
    yield "link up", archive(FROM, link("a/b", "../../x")), "leads out of the repository"
    yield "link to root", archive(FROM, link("a", "/etc/passwd")), "leads out of the repository"
    yield "link by a link", archive(FROM, link("a/b/up", "../.."), link("a/b/x", "up/../..")), "leads out"
    yield "file below a link", archive(FROM, link("a", "src"), file("a/x")), "lies below a, which is a symbolic link"
    yield "link over a folder", archive(FROM, file("a/x"), link("a", "/")), "a is there twice"
    yield "two of one name", archive(FROM, FROM), "Dockerfile is there twice"
    yield "hard link", archive(FROM, special("a", tarfile.LNKTYPE, "/etc/passwd")), "not in the context"
    yield "device", archive(FROM, special("sda", tarfile.BLKTYPE)), "sda is a device"
    yield "terminal", archive(FROM, special("tty", tarfile.CHRTYPE)), "is a device"
    yield "pipe", archive(FROM, special("p", tarfile.FIFOTYPE)), "is a named pipe"
    yield "sparse", archive(FROM, special("s", tarfile.GNUTYPE_SPARSE)), "is a sparse file"
    yield "unknown", archive(FROM, special("s", b"Z")), "of an unknown kind"
    yield "many files", archive(FROM, *(file(str(each)) for each in range(60))), "more than 50 files"
    yield "many folders", archive(FROM, file("/".join("d" * 200))), "more than 50 files and folders"
    yield "long path", archive(FROM, file("/".join(["d" * 200] * 6))), "more than 1024 characters"
    yield "empty", archive(), "empty"
    yield "two tops", raw([_plain("a/x"), _plain("b/x")]), "not one top folder"
    yield "no top", raw([_plain("x")]), "not one top folder"
    yield "not a tar", io.BytesIO(b"<html>" * 400), "damaged"
    sparse = file("s")
    sparse[0].pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.name": "x"}
    yield "sparse by pax", archive(FROM, sparse), "is a sparse file"
    sized = file("s")
    sized[0].pax_headers = {"size": "99999999999999"}
    yield "size by pax", archive(FROM, sized), "more than 1 MiB"
    yield "negative size", raw([_plain("a/x", size=-1)]), "damaged"
    yield "big header", raw([_extended(b"1 a=b\n" * 20_000)]), "extended header of absurd size"
    yield "many headers", raw([_extended(b"6 a=b\n")] * 100), "extended headers without end"
    yield "bad record", raw([_extended(b"99 a=b\n")]), "damaged"
    yield "no number", raw([_extended(b"x=y\n")]), "damaged"


def _plain(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE) -> bytes:
    header = tarfile.TarInfo(name)
    header.size, header.type = size, kind
    return header.tobuf(tarfile.GNU_FORMAT)


def _extended(records: bytes) -> bytes:
    return _plain("x", len(records), tarfile.XHDTYPE) + padded(records)


@pytest.mark.parametrize(("stream", "said"), [pytest.param(stream, said, id=name) for name, stream, said in hostile()])
def test_a_hostile_archive_is_refused(stream: io.BytesIO, said: str) -> None:
    with pytest.raises(UsageError, match=said), build_context(stream, limits=SMALL):
        pass


def test_a_link_that_is_ignored_or_stays_inside_is_no_danger() -> None:
    ignored = file(".dockerignore", b"bad")
    found = contents(archive(FROM, ignored, link("bad", "/etc"), link("a/up", "../x"), link("loop", "loop")))
    assert {name for name, shown in found.items() if shown.startswith("->")} == {"a/up", "loop"}


def test_a_million_files_are_refused_after_as_many_as_an_archive_may_have() -> None:
    allowed = 5_000

    class Endless(io.RawIOBase):
        """A million empty files, made while they are read."""

        read_blocks = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            self.read_blocks += 1
            memoryview(buffer)[:512] = _plain(f"{TOP}/{self.read_blocks}")
            return 512 if self.read_blocks < 1_000_000 else 0

    endless = Endless()
    whole = io.BufferedReader(endless, 512)
    with pytest.raises(UsageError, match="more than 5,000 files"), build_context(whole, limits=Limits(allowed)):
        pass
    assert endless.read_blocks < allowed + 100
    assert Limits().entries == 100_000


@pytest.mark.parametrize("zipped", [False, True])
def test_an_archive_that_ends_too_early_can_be_tried_again(zipped: bool) -> None:
    whole = archive(FROM, file("a", bytes(range(256)) * 16), zipped=zipped).getvalue()
    for cut in range(1, len(whole.rstrip(b"\0")) - 9, 97):
        with pytest.raises(Unavailable), build_context(io.BytesIO(whole[:cut])):
            pass


def test_a_file_is_never_in_memory_and_has_no_name_on_the_disk() -> None:
    stream = archive(FROM, file("big", bytes(64 * 1024**2)))
    tracemalloc.start()
    with build_context(stream) as context:
        size = context.tar.seek(0, io.SEEK_END)
        assert os.fstat(context.tar.fileno()).st_nlink == 0
        peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > 64 * 1024**2
    assert peak < 8 * 1024**2


WHOLE = archive(FROM, folder("d"), file("d/a", b"1" * 700), link("l", "d/a"), file("ü" * 110)).getvalue()


@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=12))
def test_any_change_to_an_archive_gives_a_context_or_a_clear_error(changes: list[tuple[int, int]]) -> None:
    changed = bytearray(WHOLE)
    for place, value in changes:
        changed[place] = value
    _judge(io.BytesIO(bytes(changed)))


_lets_through = getattr(tarfile, "data_filter", lambda member, place: inside(member, Path(place)))
"""Python's own filter since 3.11.4, before that ours, which is compared with it in tests/unit/bot/builds."""
NAMES = st.lists(st.sampled_from(["..", ".", "a", "b", "Dockerfile", "", "\0", "é"]), min_size=1, max_size=4).map(
    "/".join
)
KINDS = st.sampled_from([*b"0125LKSxg3467", 0, 90]).map(lambda each: bytes([each]))


@given(st.lists(st.tuples(NAMES, KINDS, NAMES, st.binary(max_size=60)), max_size=8))
def test_any_entries_give_a_context_inside_its_folder_or_a_clear_error(
    entries: list[tuple[str, bytes, str, bytes]],
) -> None:
    blocks = [_plain(f"{TOP}/Dockerfile", 4), padded(b"FROM")]
    for name, kind, target, data in entries:
        header = tarfile.TarInfo(f"{TOP}/{name}")
        header.type, header.linkname, header.size = kind, target, len(data)
        blocks += [header.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape"), padded(data)]
    _judge(raw(blocks))


def _judge(stream: io.BytesIO) -> None:
    """TesseraError and no other; a context that a filter for archives from strangers lets through."""
    with contextlib.suppress(TesseraError), build_context(stream, limits=SMALL) as context:
        assert context.text
        with tempfile.TemporaryDirectory() as place, tarfile.open(fileobj=context.tar) as tar:
            for member in tar:
                _lets_through(member, place)
