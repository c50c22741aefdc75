"""`make test`: the static checks, then every test that the parts on this machine allow.

The list of parts says what is used and what is skipped and why; pytest's own summary comes last, before it the tests
that needed a second try and why.
With TESSERA_SKIP_NOTHING set (the checks' own machine) a missing part is a failure.
"""

import os
import subprocess
import sys

from tests.lint import main as lint
from tests.parts import PARTS, missing

WORKERS = "5"
"""Cluster tests mostly wait, so more workers than cores; with too many, what has to answer soon does not."""


def main() -> int:
    """0 when everything that could be checked is fine."""
    print("Real parts:")
    for name, part in PARTS.items():
        print(f"  {'skipped' if missing(name) else 'used   '}  {missing(name) or part.name}")
    absent = [name for name in PARTS if missing(name)]
    if absent and os.environ.get("TESSERA_SKIP_NOTHING"):
        print(f"nothing may be skipped here, but {', '.join(absent)} is missing", file=sys.stderr)
        return 1
    linted = lint()
    spread = ["-n", WORKERS, "--dist", "loadgroup"]
    told = ["-rsR", "--rerun-show-tracebacks", "--durations=8"]
    command = [sys.executable, "-m", "pytest", "tests", *spread, *told]
    tested = subprocess.run(command, check=False).returncode
    return linted or tested


if __name__ == "__main__":
    sys.exit(main())
