"""Variables that stand in a command and were not put in (class 52); used by rules/crashes.py.

Kubernetes puts in `$(NAME)` where NAME is set, and nothing else; `$NAME` and `${NAME}` are for a shell, which reads a
command only where one is started.
Source: https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from explainers.diagnosis.logs.lines import clean, lines_of
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.plans import remedies
from explainers.diagnosis.views.endings import Ending, last_log, source_of
from explainers.diagnosis.views.environment import environment
from explainers.diagnosis.views.pods import words
from explainers.diagnosis.views.unset import by_shell
from explainers.document import Evidence
from explainers.patterns import pattern

_WRITTEN = pattern(
    r"(?<!\$)\$(?:\{(?P<braced>[A-Za-z_]\w*)(?::?-(?P<default>[^{}$]*))?\}|\((?P<kube>[A-Za-z_][\w.-]*)\)"
    r"|(?P<bare>[A-Za-z_]\w*))"
)
_LINK = pattern(r"_(?:SERVICE_HOST|SERVICE_PORT|PORT)(?:_|$)")
"""Variables that Kubernetes sets for Services."""


@dataclass(frozen=True)
class _Kept:
    """A variable that stands in a command `as_written`, by `name`; `default` is what it says to take else."""

    as_written: str
    name: str
    default: str


def unexpanded(ending: Ending) -> Finding | None:
    """52: the command kept a variable as it is written, and the log quotes it."""
    if not ending.code or by_shell(ending.container.spec):
        return None
    log = last_log(ending.case, ending.container).text
    for kept in _kept(ending):
        line = next((clean(one) for one in reversed(lines_of(log)) if _quotes(one, kept)), "")
        if line:
            return _finding(ending, kept, line)
    return None


def _kept(ending: Ending) -> Iterator[_Kept]:
    every = [*words(ending.container.spec, "command"), *words(ending.container.spec, "args")]
    for found in (found for word in every for found in _WRITTEN.finditer(word)):
        yield _Kept(found[0], found["braced"] or found["kube"] or found["bare"], found["default"] or "")


def _quotes(line: str, kept: _Kept) -> bool:
    """Whether a line has the text as written, and no longer name that begins with it."""
    return re.search(rf"{re.escape(kept.as_written)}(?!\w)", line) is not None


def _finding(ending: Ending, kept: _Kept, line: str) -> Finding | None:
    have = environment(ending.case, ending.container.spec)
    known = kept.name in have or _LINK.search(kept.name) is not None
    by_kubernetes = kept.as_written.startswith("$(")
    if by_kubernetes and known:
        return None
    near = "" if known else nearest_one(kept.name, have, 0.75)
    right = f"$({kept.name})" if known else f"$({near})" if near else kept.default
    why = [] if by_kubernetes else ["no shell reads it, and Kubernetes puts in only what is written `$(NAME)`"]
    why += [] if known else [f"no variable `{kept.name}` is set" + (f"; nearest: `{near}`" if near else "")]
    clause = (
        f"container `{ending.container.name}` ends with exit code {ending.code} because its command has "
        f"`{kept.as_written}` in it as written: {', and '.join(why)}"
    )
    state = f"{kept.name} is {'set' if known else 'not set'}"
    rows = (
        *ending.evidence,
        Evidence(source_of(ending.case, ending.container, line), line),
        Evidence(str(ending.blame), f"its command says {kept.as_written}; {state}"),
    )
    steps = remedies.in_command(ending, kept.as_written, right, f"write `{right}` instead of `{kept.as_written}`")
    plan = remedies.first_of(steps, (), remedies.read_spec(ending.blame))
    return Finding(52, ending.blame, Layer.NEEDS, clause, rows, plan)
