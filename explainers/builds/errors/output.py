"""What a builder printed, put in order: whole lines, without colours, without credentials, and where it failed."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile

from explainers.builds.errors.secrets import masked
from explainers.builds.model import Phase
from explainers.patterns import Pattern, pattern

WIDTH = 400
"""Characters of a line that are kept as evidence."""
SPAN = 2000
"""Characters of a line that are read at all."""
TAIL = 400
"""Lines before the failure that are read at all."""

_COLOUR = pattern(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b.?")
_CONTROL = pattern(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029]")
_STEP = pattern(r"^Step \d+(?:/\d+)? : (.+)")
_STAGE = pattern(r"^(?:#\d+ | > )?\[(?:\S+ )?\d+/\d+\] (.+?):?$")
_MARKED = pattern(r"^ *\d+ \| >>> (.*)")
_FAILED = pattern(r"^#(\d+) ERROR: ")
_EXCERPT = pattern(r"^\S*Dockerfile\S*:\d+$|^ *\d+ \| ")
_NOTHING = pattern(r"(?!)")
_RULE = pattern(r"^-{6,}$")
_STAMP = pattern(r"^(?:#\d+ )?\d+\.\d{2,3} ")
_HOUSEKEEPING = pattern(
    r"^(?: ---> |Removing intermediate container |\[Warning\]|#\d+ (?:ERROR|CANCELED|DONE|CACHED)\b|\s*$)"
)


def lines_of(text: str) -> list[str]:
    """Whole lines as a person reads them: what a carriage return overwrote and colours are gone, secrets masked."""
    found = []
    for raw in text.split("\n"):
        shown = _COLOUR.sub("", raw[: 2 * SPAN]).rstrip("\r").rpartition("\r")[2]
        found.append(masked(_CONTROL.sub("", shown))[:SPAN].rstrip())
    return found


def unstamped(line: str) -> str:
    """A line of a program without BuildKit's step number and seconds."""
    return _STAMP.sub("", line, count=1)


@dataclass(frozen=True)
class Output:
    """The failure as text. `said` is the engine's own statement, `tail` what was printed before, `code` an exit code.

    `dockerfile` is the text of the Dockerfile where it is known, empty otherwise.
    """

    phase: Phase
    said: tuple[str, ...]
    tail: tuple[str, ...]
    code: int = 0
    dockerfile: str = ""

    @cached_property
    def instruction(self) -> str:
        """The instruction that failed, in one line, such as `COPY app.py /`; empty when the output does not tell."""
        marked = [found[1].strip() for line in self.tail if (found := _MARKED.match(line))]
        if marked and any(marked):
            return " ".join(part.rstrip("\\").strip() for part in marked)
        for line in reversed(self.tail):
            if found := _STAGE.match(line) or _STEP.match(line):
                return found[1].strip()
        return ""

    @cached_property
    def printed(self) -> tuple[str, ...]:
        """What the program of the failed instruction printed, as far as it can be told apart."""
        return tuple(line for line in self._of_step() if not _HOUSEKEEPING.match(line) and not _RULE.match(line))

    def _of_step(self) -> Sequence[str]:
        failed = next((found[1] for line in reversed(self.tail) if (found := _FAILED.match(line))), "")
        if failed:
            return [line for line in self.tail if line.startswith(f"#{failed} ") and not _STAGE.match(line)]
        for begun, end in ((_STAGE, _EXCERPT), (_STEP, _NOTHING)):
            steps = {at: found[1] for at, line in enumerate(self.tail) if (found := begun.match(line))}
            if steps:
                meant = [at for at, step in steps.items() if step.split() == self.instruction.split()]
                return list(_until(end, self.tail[(meant or list(steps))[-1] + 1 :]))
        return self.tail


def _until(end: Pattern, lines: Iterable[str]) -> Iterator[str]:
    return takewhile(lambda line: not end.match(line), lines)


def ordered(phase: Phase, error: str, tail: Iterable[str], code: int, dockerfile: str = "") -> Output:
    """The output of a failure, its lines cleaned. Lines of `tail` may hold several lines each."""
    stated = error.split("\n")
    stated = stated if len(stated) <= TAIL else [*stated[: TAIL // 2], *stated[-TAIL // 2 :]]
    said = tuple(line for line in lines_of("\n".join(stated)) if line.strip())
    last = "\n".join(deque(tail, maxlen=TAIL)).split("\n")[-TAIL:]
    return Output(phase, said, tuple(lines_of("\n".join(last))), code, dockerfile)


def window(line: str, start: int = 0) -> str:
    """The part of a long line that is shown, around a place in it; a short line whole."""
    if len(line) <= WIDTH:
        return line.strip()
    begin = max(0, min(start - WIDTH // 4, len(line) - WIDTH))
    return line[begin : begin + WIDTH].strip()


def short(text: str, width: int = 70) -> str:
    """One line of at most that many characters."""
    said = " ".join(text.split())
    return said if len(said) <= width else said[: width - 1] + "…"


def sentence(text: str) -> str:
    """With one full stop at its end, unless it was cut off."""
    bare = text.rstrip(".")
    return bare if bare.endswith("…") else f"{bare}."
