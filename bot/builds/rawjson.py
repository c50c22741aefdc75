"""What `buildctl build --progress=rawjson` says, as events.

A line is one SolveStatus of BuildKit as JSON: vertexes (instructions and the engine's own work, sent again with each
change), statuses (progress bars) and logs. What is not JSON is buildctl's own: the lines of the Dockerfile around a
failure, and `error: …` last. Source: `client.SolveStatus` of github.com/moby/buildkit.
"""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.builds.watch import Lines
from explainers.builds.model import BuildEvent, Phase

_STEP = re.compile(r"\[(?:\S+ )?(\d+/\d+)\] ")
_CODE = re.compile(r"exit code: (\d+)")
_FAILED = "error: "


@dataclass
class Heard:
    """What the lines of one build have told so far; `error` is buildctl's statement of failure."""

    error: str = ""
    phase: Phase = Phase.BUILD
    _begun: set[str] = field(default_factory=set)
    _said: set[str] = field(default_factory=set)
    _lines: dict[str, Lines] = field(default_factory=dict)

    def take(self, line: str) -> Iterator[BuildEvent]:
        """The events of one line, given without its line end."""
        status = _json(line)
        if status is None:
            yield from self._own(line)
            return
        for vertex in _dicts(status, "vertexes"):
            yield from self._vertex(vertex)
        for work in _dicts(status, "statuses"):
            yield from self._work(work)
        for log in _dicts(status, "logs"):
            yield from self._log(log)

    def failure(self, otherwise: str) -> BuildEvent:
        """The last event of a build that failed; `otherwise` is said where buildctl said nothing."""
        code = _CODE.search(self.error)
        phase = Phase.PUSH if self.error.startswith("failed to push ") else self.phase
        return BuildEvent(phase, error=self.error.strip() or otherwise, code=int(code.group(1)) if code else 0)

    def rest(self) -> Iterator[BuildEvent]:
        """Lines of output without an end. Not before: output still comes after its vertex is said to be complete."""
        for lines in self._lines.values():
            if line := lines.flush():
                yield BuildEvent(self.phase, text=line)

    def _vertex(self, vertex: dict[str, Any]) -> Iterator[BuildEvent]:
        digest, name = str(vertex.get("digest", "")), str(vertex.get("name", ""))
        if vertex.get("started") and digest not in self._begun:
            self._begun.add(digest)
            step = _STEP.match(name)
            yield BuildEvent(self.phase, text=name, step=step.group(1) if step else "")
            if vertex.get("cached"):
                yield BuildEvent(self.phase, text="CACHED")

    def _work(self, work: dict[str, Any]) -> Iterator[BuildEvent]:
        what = str(work.get("id", ""))
        if what.startswith("pushing "):
            self.phase = Phase.PUSH
        if what.startswith(("pushing ", "exporting ", "resolve ")) and what not in self._said:
            self._said.add(what)
            yield BuildEvent(self.phase, text=what)

    def _log(self, log: dict[str, Any]) -> Iterator[BuildEvent]:
        try:
            data = base64.b64decode(str(log.get("data", "")))
        except ValueError:
            return
        lines = self._lines.setdefault(str(log.get("vertex", "")), Lines())
        for line in lines.take(data.decode(errors="replace")):
            yield BuildEvent(self.phase, text=line)

    def _own(self, line: str) -> Iterator[BuildEvent]:
        if self.error:
            self.error += f"\n{line}"
        elif line.startswith(_FAILED):
            self.error = line.removeprefix(_FAILED).removeprefix("failed to solve: ")
        elif line.strip():
            yield BuildEvent(self.phase, text=line)


def _json(line: str) -> dict[str, Any] | None:
    try:
        status = json.loads(line) if line.startswith("{") else None
    except ValueError:
        return None
    return status if isinstance(status, dict) else None


def _dicts(status: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = status.get(key)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
