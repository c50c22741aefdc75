"""What real builders, registries and git said when they failed: one JSON file a variant, written by `provoke`.

A file whose `source` is not empty was not provoked: it holds the wording of that source file, verbatim, for failures
that no test can bring about.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from explainers.builds.model import Phase

FOLDER = Path(__file__).parent / "captured"
LINES = 60
"""Lines of output that are kept before the error."""


@dataclass(frozen=True)
class Output:
    """What a failing part left: `error` is its own statement, `tail` what it printed before, `code` an exit code,
    `dockerfile` the text of the Dockerfile."""

    error: str
    tail: Sequence[str] = ()
    code: int = 0
    phase: Phase = Phase.BUILD
    dockerfile: str = ""


@dataclass(frozen=True)
class Captured:
    """One failure as it was printed, and what an explanation of it must say.

    `names` are the real names that the headline has to contain, `retry` is whether trying again unchanged can help.
    `engine` is the program that spoke; `how` is what was done to provoke it.
    """

    kind: str
    variant: str
    engine: str
    how: str
    names: tuple[str, ...]
    retry: bool
    output: Output
    source: str = ""

    @property
    def name(self) -> str:
        return f"{self.kind}/{self.variant}"


def write(captured: Captured) -> Path:
    """Store one failure; the same again gives the same file."""
    path = FOLDER / captured.kind / f"{captured.variant}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    said = {**asdict(captured), "output": {**asdict(captured.output), "phase": captured.output.phase.value}}
    path.write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def read(path: Path) -> Captured:
    said = json.loads(path.read_text(encoding="utf-8"))
    output = said.pop("output")
    phase = Phase(output.pop("phase"))
    return Captured(**{**said, "names": tuple(said["names"])}, output=Output(**output, phase=phase))


def everything() -> list[Captured]:
    """All stored failures, by kind and variant."""
    return [read(path) for path in sorted(FOLDER.glob("*/*.json"))]
