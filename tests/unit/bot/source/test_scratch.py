"""Temporary folders: gone at the end, gone when the process was killed, and never another's."""

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bot.source.scratch import scratch
from commands.base.errors import Denied

HOLD = """
import sys, pathlib
from bot.source.scratch import scratch
with scratch(pathlib.Path(sys.argv[1])) as folder:
    (folder / "file").write_text("x")
    print(folder, flush=True)
    sys.stdin.read()
"""


def test_a_folder_is_gone_at_the_end_whatever_happens(tmp_path: Path) -> None:
    with pytest.raises(FileExistsError), scratch(tmp_path) as folder:
        folder.mkdir()
    assert [each.name for each in tmp_path.iterdir()] == ["lock"]


def test_what_a_killed_process_left_is_removed_by_the_next_and_what_lives_is_not(tmp_path: Path) -> None:
    holders = [
        subprocess.Popen(
            [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    folders = [Path(holder.stdout.readline().strip()) for holder in holders if holder.stdout]
    assert all((folder / "file").exists() for folder in folders)
    holders[0].send_signal(signal.SIGKILL)
    holders[0].wait(10)
    with scratch(tmp_path) as mine:
        assert [folder.exists() for folder in [*folders, mine]] == [False, True, True]
    holders[1].communicate("", 10)
    holders[0].communicate()
    assert [each.name for each in tmp_path.iterdir()] == ["lock"]


def test_many_at_once_have_one_each(tmp_path: Path) -> None:
    start, seen = threading.Barrier(8), set()

    def work() -> None:
        start.wait()
        for _ in range(5):
            with scratch(tmp_path) as folder:
                assert not list(folder.iterdir())
                (folder / "mine").touch()
                seen.add(folder)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 40
    assert [each.name for each in tmp_path.iterdir()] == ["lock"]


def test_a_place_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    with pytest.raises(Denied, match="belongs to somebody else"), scratch(tmp_path / "link"):
        pass
