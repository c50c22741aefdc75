"""`make lint`: every static check, all of them even when one fails."""

import subprocess
import sys
from pathlib import Path

PACKAGES = ("bot", "commands", "explainers")
CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy", *PACKAGES, "tests"),
    ("lint-imports",),
    ("bandit", "-q", "-r", *PACKAGES, "-c", "pyproject.toml"),
)


def main() -> int:
    """Run the checks with the programs beside this Python; 0 when all pass."""
    programs = Path(sys.executable).parent
    failed = [
        check for check in CHECKS if subprocess.run([str(programs / check[0]), *check[1:]], check=False).returncode
    ]
    for check in failed:
        print(f"failed: {' '.join(check)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
