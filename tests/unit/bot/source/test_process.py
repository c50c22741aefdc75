"""A program without a shell: its output, its end, and the end of what it started."""

import os
import sys
import time
from pathlib import Path

import pytest

from bot.source.process import Failed, run, stream

HERE = {"PATH": os.environ["PATH"]}


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_arguments_reach_the_program_as_they_are() -> None:
    said = run([*_python("import sys; print(sys.argv[1:])"), "$(id)", "; ls", "a b"], HERE, 10, 1000)
    assert said.decode().strip() == "['$(id)', '; ls', 'a b']"


def test_the_environment_is_only_what_was_given() -> None:
    said = run(_python("import os; print(sorted(set(os.environ) - {'LC_CTYPE'}))"), {"A": "1"}, 10, 1000)
    assert said.decode().strip() == "['A']"


def test_what_a_failing_program_said_is_kept() -> None:
    with pytest.raises(Failed) as error:
        run(_python("import sys; sys.exit('x' * 50_000 + 'the end')"), HERE, 10, 1000)
    assert error.value.said.endswith("the end")
    assert len(error.value.said) <= 16 * 1024
    assert not error.value.late


def test_the_deadline_ends_the_program_and_its_children(tmp_path: Path) -> None:
    note = tmp_path / "child"
    code = f"""
import os, pathlib, time
if child := os.fork():
    pathlib.Path({str(note)!r}).write_text(str(child))
time.sleep(3600)
"""
    with pytest.raises(Failed) as error:
        run(_python(code), HERE, 5, 1000)
    assert error.value.late
    assert _ended(int(note.read_text()))


def _ended(process: int) -> bool:
    """Whether a process ends within a minute; one that nobody has waited for yet has ended."""
    status, until = Path(f"/proc/{process}/status"), time.monotonic() + 60
    while time.monotonic() < until:
        try:
            if "State:\tZ" in status.read_text():
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.05)
    return False


def test_an_endless_answer_is_cut() -> None:
    with pytest.raises(Failed, match="more than 1,000 bytes"):
        run(_python("while True: print('x' * 1000)"), HERE, 10, 1000)


def test_a_reader_may_leave_early() -> None:
    with stream(_python("while True: print('x' * 1000)"), HERE, 10) as output:
        assert output.read(3) == b"xxx"


def test_a_missing_program_is_said() -> None:
    with pytest.raises(Failed, match="cannot be run: No such file"):
        run(["/no/such/program"], HERE, 10, 1000)
