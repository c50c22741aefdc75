"""Variables that are made of others and were not (class 52); used by rules/crashes.py.

`$(NAME)` in a variable's value is replaced only when NAME stands before it; else the program gets the text as written.
Source: https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
"""

from collections.abc import Iterator, Sequence

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.logs.connections import failed_connections
from explainers.diagnosis.logs.lines import clean, lines_of, telling
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans.expansions import STARTS, put_in
from explainers.diagnosis.views.as_written import AsWritten, as_written
from explainers.diagnosis.views.calls import log_name
from explainers.diagnosis.views.endings import Ending, blame, crashes, last_log, source_of
from explainers.diagnosis.views.pods import Container, dicts
from explainers.document import Evidence

LAST = 60
"""Lines at the end of the log of what runs that are searched."""


def unexpanded(ending: Ending) -> Finding | None:
    """A value kept a reference, and the log quotes it or complains of a connection."""
    kept = as_written(ending.case, ending.container.spec)
    log = last_log(ending.case, ending.container).text if kept else ""
    for one in kept:
        line = _quoting(log, one) or _failing(ending, log, one)
        if line:
            how = f"ends with exit code {ending.code}"
            said = Evidence(source_of(ending.case, ending.container, line), line)
            return _finding(ending, how, kept, one, (*ending.evidence, said))
    return None


def not_ready(case: Case) -> Iterator[Finding]:
    """52: what runs and does not get ready goes on about a text that should have been replaced."""
    for pod in case.unready_pods[:1]:
        for container in pod.main_containers:
            if container.ran and not container.ready and not crashes(case, container):
                yield from _running(case, container)


def _running(case: Case, container: Container) -> Iterator[Finding]:
    kept = as_written(case, container.spec)
    running = container.running_since is not None
    log = (case.log(container) if running else last_log(case, container)).text if kept else ""
    recent = "\n".join(lines_of(log)[-LAST:])
    found = next(((one, line) for one in kept if (line := _quoting(recent, one))), None)
    if found:
        one, line = found
        ending = Ending(case, container, blame(case, container.pod), 1)
        said = Evidence(log_name(container) if running else source_of(case, container, line), line)
        yield _finding(ending, "does not get ready", kept, one, (said,), "the container becomes ready")


def _quoting(log: str, one: AsWritten) -> str:
    """The last line that has it as written; empty when none has."""
    return next((clean(line) for line in reversed(lines_of(log)) if one.quoted(line)), "")


def _failing(ending: Ending, log: str, one: AsWritten) -> str:
    """A connection that failed, where it is certain that the value is not what it should be; else empty."""
    unknown = not dicts(ending.container.spec, "envFrom") and (one.near or one.name.isupper())
    told = telling(log) if not one.by_shell and (one.later or unknown) else None
    return told.line if told and failed_connections(log) else ""


def _finding(
    ending: Ending, how: str, kept: Sequence[AsWritten], one: AsWritten, said: tuple[Evidence, ...],
    expect: str = STARTS,
) -> Finding:  # fmt: skip
    container, line = ending.container, said[-1].text
    same = [each for each in kept if each.variable == one.variable]
    alike = [each for each in same if (each.later, each.by_shell) == (one.later, one.by_shell)]
    shown = alike if one.later or one.by_shell else [one]
    written = " and ".join(f"`{each.written}`" for each in shown)
    clause = (
        f"container `{container.name}` {how} because `{one.variable}` has {written} in it as written: {_why(shown)}"
    )
    told = f"{one.variable} refers to {written.replace('`', '')}, which {_state(shown)}"
    rows = (*said, Evidence(str(ending.blame), told))
    sure = one.later or (one.quoted(line) and (not one.by_shell or line == (ending.told.line if ending.told else "")))
    confidence = Confidence.SURE if sure else Confidence.LIKELY
    return Finding(52, ending.blame, Layer.NEEDS, clause, rows, put_in(ending, same, expect), confidence)


def _state(shown: Sequence[AsWritten]) -> str:
    if shown[0].by_shell:
        return "only a shell would read"
    return _behind(shown) if shown[0].later else "is not set"


def _why(shown: Sequence[AsWritten]) -> str:
    one, names = shown[0], " and ".join(dict.fromkeys(f"`{each.name}`" for each in shown))
    if one.by_shell:
        right = " and ".join(dict.fromkeys(f"`{each.right}`" for each in shown))
        behind = f", and {names} {_behind(shown)}" if one.later else ""
        return f"Kubernetes puts in only what is written {right}{behind}"
    if one.later:
        return f"{names} {_behind(shown)}, and only what stands before is put in"
    return "there is no such variable" + (f"; nearest: `{one.near}`" if one.near else "")


def _behind(shown: Sequence[AsWritten]) -> str:
    return f"{'stands' if len({each.name for each in shown}) == 1 else 'stand'} behind it"


RULES: tuple[Rule, ...] = (not_ready,)
