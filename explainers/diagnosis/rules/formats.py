"""Programs that the node cannot run (class 48), by the runtime's words or the log's; used by rules/crashes.py."""

import re

from explainers import kinds
from explainers.diagnosis.logs.lines import clean, lines_of
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.plans import remedies
from explainers.diagnosis.plans.processors import built_for, moved
from explainers.diagnosis.views.endings import Ending, last_log, source_of
from explainers.diagnosis.views.pods import Container, dicts, text
from explainers.diagnosis.views.processors import processors
from explainers.document import Evidence
from explainers.patterns import pattern
from explainers.plan import Plan

_WRONG = pattern(
    r"(?:\bexec:? \"?|: line \d+: |^\S*sh: )([^\s:\"]+)\"?: (?:cannot execute(?: binary file)?: )?exec format error",
    re.I,
)
_SAID = pattern(r"exec format error", re.I)
_LAST = 20
"""Lines at the end of a log that are looked at."""


def wrong_format(ending: Ending) -> Finding | None:
    """48: the kernel refuses to run the program: for another processor, or a script that names no interpreter."""
    runtime = ending.start_error
    lines = [runtime] if runtime else reversed(lines_of(last_log(ending.case, ending.container).text)[-_LAST:])
    line = next((one for one in lines if _SAID.search(one)), "")
    if not line or (not runtime and not _WRONG.search(line)):
        return None
    named, container = _WRONG.search(line), ending.container
    what = f"`{named[1]}`" if named else "its command"
    node = ending.case.get(kinds.NODE, container.pod.node) if container.pod.node else None
    architecture = text(node.object, "status", "nodeInfo", "architecture") if node else ""
    here = f"the node's ({architecture})" if architecture else "the node's"
    clause = (
        f"container `{container.name}` cannot run {what} (exec format error): it is built for another processor than "
        f"{here}, or a script whose first line does not begin with `#!`"
    )
    source = f"pod {container.pod.name}" if runtime else source_of(ending.case, container, clean(line))
    plan = remedies.go_back_or_look(ending, log=False)
    if not (named and _mounted(container, named[1])):
        there = processors(ending.case, container.pod.node)
        others = (built_for(ending.case, container, there), moved(ending.case, container, there))
        plan = Plan(plan.steps, (*plan.alternatives, *others[0], *others[1]))
    seen = (*ending.evidence, Evidence(source, clean(line)))
    return Finding(48, ending.blame, Layer.CONTAINER, clause, seen, plan, since=ending.since)


def _mounted(container: Container, path: str) -> bool:
    """Whether a file comes from a volume: then it is a script, and no image is to blame."""
    return any(
        path.startswith(f"{text(one, 'mountPath').rstrip('/')}/") for one in dicts(container.spec, "volumeMounts")
    )
