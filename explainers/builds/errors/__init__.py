"""Recognises why a build failed, from what the builder, the registry or git printed.

Each family has its kinds and the wordings that give them away, `SIGNS`, the precise ones first. A failed RUN is judged
by what its program printed (`running`); everything else by the engine's own statement. Nothing is claimed without the
line that proves it.

Not every wording can be provoked on the parts that tests have; `tests/builds/cases/quoted.py` lists those, each with
the source file of the program that prints it.
"""

from collections.abc import Iterator, Sequence
from itertools import chain

from explainers.builds.errors import context, dockerfile, engine, images, network, running, source, unknown
from explainers.builds.errors.model import Finding, Kind, Sign, Trouble
from explainers.builds.errors.output import Output, ordered
from explainers.builds.model import Phase
from explainers.patterns import pattern

__all__ = ["KINDS", "Kind", "Trouble", "explain"]

FAMILIES = (dockerfile, context, source, engine, images, network)
SIGNS: tuple[Sign, ...] = tuple(chain.from_iterable(family.SIGNS for family in FAMILIES))
KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        *(sign.kind for sign in SIGNS),
        running.RUN_FAILED,
        running.NO_SHELL,
        running.OOM,
        running.EXEC_FORMAT,
        unknown.UNKNOWN,
    )
}
"""Every kind by its key."""

_NEAR = 60
"""Lines of the output in which a statement of failure is looked for when the engine gave none of its own."""
_EMPTY = pattern(
    r"(?i)^(?:(?:error|failed)[: ]*)?(?:failed to solve|exit (?:status|code):? \d+|unknown error|build failed)?[.:]?$"
)
_STATES = pattern(
    r"(?i)^(?:#\d+ )?(?:error|fatal|failed|denied|unauthorized|cannot|the command )\b|^error response from daemon"
)


def explain(phase: Phase, error: str, tail: Sequence[str], code: int = 0, dockerfile: str = "") -> Trouble:
    """Why it failed, in plain words. Any text gives an answer; what is not known is of the kind `unknown`.

    `error` is the engine's own statement, `tail` the lines that were printed before it, `code` the exit code of the
    instruction if there is one. `dockerfile` is the text of the Dockerfile where it is known: some failures can only
    be told apart with it.
    """
    output = ordered(phase, error, tail, code, dockerfile)
    if all(_EMPTY.match(line.strip()) for line in output.said):
        stated = tuple(line for line in output.tail[-_NEAR:] if _STATES.match(line))
        found = _judged(Output(phase, stated[::-1], output.tail, code, dockerfile)) if stated else None
        return (found or unknown.finding(output)).trouble()
    return (_judged(output) or unknown.finding(output)).trouble()


def _judged(output: Output) -> Finding | None:
    return running.find(output) or next(_signs(output, output.said), None)


def _signs(output: Output, lines: Sequence[str]) -> Iterator[Finding]:
    return (found for sign in SIGNS for line in lines if (found := sign.on(line, output)))
