"""Variables that are made of others and were not (class 52); used by rules/crashes.py.

`$(NAME)` in a variable's value is replaced only when NAME stands before it; else the program gets the text as written.
Source: https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
"""

from explainers.diagnosis.logs.connections import failed_connections
from explainers.diagnosis.logs.lines import clean, lines_of, telling
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.plans.expansions import moved_before, renamed
from explainers.diagnosis.views.endings import Ending, last_log, source_of
from explainers.diagnosis.views.pods import dicts, text
from explainers.document import Evidence
from explainers.patterns import pattern

_REFERENCE = pattern(r"(?<!\$)\$\(([A-Za-z_][\w.-]*)\)")
_LINK = pattern(r"_(?:SERVICE_HOST|SERVICE_PORT|PORT)(?:_|$)")
"""Variables that Kubernetes sets for Services, before those of the container."""


def unexpanded(ending: Ending) -> Finding | None:
    """A value kept its `$(NAME)`, and the log quotes it or complains of a connection."""
    entries = dicts(ending.container.spec, "env")
    names = [text(one, "name") for one in entries]
    for at, entry in enumerate(entries):
        for name in _REFERENCE.findall(text(entry, "value")):
            later = name in names[at + 1 :]
            unknown = not dicts(ending.container.spec, "envFrom") and not _LINK.search(name)
            if name not in names[:at] and (later or unknown) and (line := _said(ending, name)):
                return _finding(ending, text(entry, "name"), name, later, line)
    return None


def _said(ending: Ending, name: str) -> str:
    """The line that shows it: one with the text as written, else a connection that failed; empty when none does."""
    log = last_log(ending.case, ending.container).text
    quoting = next((clean(line) for line in reversed(lines_of(log)) if f"$({name})" in line), "")
    if quoting:
        return quoting
    told = telling(log)
    return told.line if told and failed_connections(log) else ""


def _finding(ending: Ending, variable: str, name: str, later: bool, line: str) -> Finding:
    container = ending.container
    have = [text(one, "name") for one in dicts(container.spec, "env") if text(one, "name") != variable]
    near = "" if later else nearest_one(name, have, 0.6) or ""
    why = (
        f"`{name}` stands behind it, and only what stands before is put in"
        if later
        else "there is no such variable" + (f"; nearest: `{near}`" if near else "")
    )
    clause = (
        f"container `{container.name}` ends with exit code {ending.code} because `{variable}` has `$({name})` in it as "
        f"written: {why}"
    )
    stands = "stands behind it" if later else "is not set"
    seen = Evidence(str(ending.blame), f"{variable} refers to $({name}), which {stands}")
    plan = moved_before(ending, variable, name) if later else renamed(ending, variable, name, near)
    rows = (*ending.evidence, Evidence(source_of(ending.case, container, line), line), seen)
    sure = Confidence.SURE if f"$({name})" in line or later else Confidence.LIKELY
    return Finding(52, ending.blame, Layer.NEEDS, clause, rows, plan, sure)
