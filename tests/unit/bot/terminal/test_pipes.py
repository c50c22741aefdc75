"""A reader that has read enough and goes away is no fault, and no mistake."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
FAULTS = ROOT / "tests" / "faults"
HEALTHY, BROKEN = (FAULTS / name / "capture.json" for name in ("125-healthy-web", "002-selector-typo"))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("diagnose", "web", "--from", str(HEALTHY)), 0),
        (("diagnose", "web", "--from", str(HEALTHY), "-o", "json"), 0),
        (("diagnose", "api", "--from", str(BROKEN)), 1),
        (("--help",), 141),
    ],
)
def test_the_exit_code_is_that_of_the_answer(words: tuple[str, ...], code: int) -> None:
    command = [sys.executable, "-m", "bot", *words]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as started:
        assert started.stdout
        assert started.stderr
        started.stdout.close()
        said = started.stderr.read()
    assert (started.returncode, said) == (code, "")
