"""What a Docker Engine says while it builds and pushes, as events.

The stream is JSON messages: `stream` is output, `status` what a pull or push does, `aux` a result, `errorDetail` the
failure, with status 200. Source: https://docs.docker.com/reference/api/engine/version/v1.45/ (ImageBuild, ImagePush)
and the classic builder (builder/dockerfile of github.com/moby/moby).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.builds.watch import Lines
from explainers.builds.model import BuildEvent, Phase

_STEP = re.compile(r"Step (\d+/\d+) : (\S+)")
_RUNNING = re.compile(r" ---> Running in ([0-9a-f]+)$")
_LAYER = re.compile(r" ---> ([0-9a-f]+)$")
# The engine colours what a program writes to its standard error.
_RED, _PLAIN = "\x1b[91m", "\x1b[0m"
_NOISE = frozenset(
    {"Preparing", "Waiting", "Pulling fs layer", "Verifying Checksum", "Download complete", "Downloading", "Extracting"}
)


@dataclass
class Heard:
    """What the messages of one build have told so far.

    `image` is the id of the built image, `digest` what the registry stored, `failed` whether the engine gave up;
    `images` and `containers` are ids that this build made and did not find in the cache.
    """

    image: str = ""
    digest: str = ""
    failed: bool = False
    images: list[str] = field(default_factory=list)
    containers: list[str] = field(default_factory=list)
    _fresh: bool = False
    _lines: Lines = field(default_factory=Lines)

    def take(self, phase: Phase, message: dict[str, Any]) -> Iterator[BuildEvent]:
        """The events of one message."""
        if isinstance(text := message.get("stream"), str):
            for line in self._lines.take(text.removeprefix(_RED).removesuffix(_PLAIN)):
                yield from self._line(phase, line)
        if isinstance(aux := message.get("aux"), dict):
            self.image = str(aux.get("ID") or self.image)
            self.digest = str(aux.get("Digest") or self.digest)
        yield from _status(phase, message)
        if error := _error(message):
            yield from self.rest(phase)
            self.failed = True
            detail = message.get("errorDetail")
            code = detail.get("code") if isinstance(detail, dict) else 0
            yield BuildEvent(phase, error=error, code=code if isinstance(code, int) else 0)

    def rest(self, phase: Phase) -> Iterator[BuildEvent]:
        """The last line, if it has no end."""
        if line := self._lines.flush():
            yield from self._line(phase, line)

    def _line(self, phase: Phase, line: str) -> Iterator[BuildEvent]:
        step = _STEP.match(line)
        if step:
            self._fresh = step.group(2).upper() != "FROM"
        elif line == " ---> Using cache":
            self._fresh = False
        elif running := _RUNNING.match(line):
            self.containers.append(running.group(1))
        elif (layer := _LAYER.match(line)) and self._fresh:
            self.images.append(layer.group(1))
        yield BuildEvent(phase, text=line, step=step.group(1) if step else "")


def _status(phase: Phase, message: dict[str, Any]) -> Iterator[BuildEvent]:
    """What a pull or push says about itself, without its progress bars."""
    status = message.get("status")
    if not isinstance(status, str) or not status or message.get("progressDetail") or status in _NOISE:
        return
    layer = message.get("id")
    yield BuildEvent(phase, text=f"{layer}: {status}" if layer else status)


def _error(message: dict[str, Any]) -> str:
    """The engine's statement of failure; `message` alone is the body of an answer with an HTTP error."""
    detail = message.get("errorDetail")
    text = detail.get("message") if isinstance(detail, dict) else ""
    return str(text or message.get("error") or message.get("message") or "")
