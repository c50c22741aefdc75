"""What is left when no kind fits: the stage and the last lines, as they were printed."""

from explainers.builds.errors.model import Finding, Kind
from explainers.builds.errors.names import image_of, pushing
from explainers.builds.errors.output import Output, sentence, short, window

LINES = 15

UNKNOWN = Kind(
    "unknown",
    "",
    "Read the last lines: the cause usually stands in the first of them that speaks of an error. Then build the same "
    "commit by hand to see all of it.",
    "https://docs.docker.com/build/",
)


def last_lines(output: Output) -> list[str]:
    """The last lines that say something, the engine's own statement among them."""
    shown = list(output.said)
    before = [line for line in output.tail if line.strip()]
    return [window(line) for line in [*before, *shown][-LINES:]]


def finding(output: Output) -> Finding:
    """The stage, the statement of the engine, and the last lines."""
    lines = last_lines(output)
    stage = f"The {output.phase.value} stopped{_place(output)}"
    code = f" with exit code {output.code}" if output.code else ""
    if not lines:
        why = f"It stopped during the {output.phase.value}, and nothing was printed. So there is no line to judge by."
        return Finding(UNKNOWN, f"{stage}{code} and printed nothing.", "", "Build the commit by hand to see more.", why)
    line = window(output.said[0]) if output.said else lines[-1]
    why = f"The {output.phase.value} ended in a way that is not known to me. Its last lines:\n" + "\n".join(lines)
    return Finding(UNKNOWN, sentence(f"{stage}{code}: {short(line, 160)}"), line, explanation=why)


def _place(output: Output) -> str:
    """Where it stopped: the image that is pushed, or the instruction that is built."""
    if pushing(output):
        return f" at {image_of(output)}" if image_of(output) else ""
    return f" at {short(output.instruction)}" if output.instruction else ""
