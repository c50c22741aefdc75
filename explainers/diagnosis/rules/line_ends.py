"""Values that end in a line break or a blank, which one hardly sees (class 52).

A file that was written on Windows, `echo` before `base64` and a block scalar leave one behind; a host, a number or a
path with it is another one. The log must complain, and show the value with what stands at its end.
"""

import re
from collections.abc import Iterator
from functools import partial

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.facts import at_once
from explainers.diagnosis.logs.lines import clean, loud
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.plans.line_ends import secret, trimmed
from explainers.diagnosis.views.calls import log_name
from explainers.diagnosis.views.endings import blame, in_trouble, last_log, source_of
from explainers.diagnosis.views.environment import Variable, environment
from explainers.diagnosis.views.pods import Container, Json, Pod, dicts
from explainers.diagnosis.views.servers import place
from explainers.document import Evidence
from explainers.plan import Plan

_FORMS = {
    "a carriage return": r"(?:\r(?!\n)|\\r(?!\\n)|%0D|\\x0d|\\u000d|\^M)",
    "a line break": r"(?:\r?\n(?=[\"'`:])|\\n(?='|\\\"|:)|%0A|\\x0a|\\u000a)",
    "a blank": r"(?:[ \t]+(?=[\"'`:/])|%20|\\t|%09)",
}
"""How a log shows what stands at the end of a value, by its name: as it is, or written out."""


def line_ends(case: Case) -> Iterator[Finding]:
    """52: the log shows a value with the line break or blank at its end."""
    restless = (pod for pod in case.pods if any(in_trouble(case, one) for one in pod.containers))
    running = (pod for pod in case.pods if pod.phase == "Running")
    pods = case.unready_pods[:1] or list(restless)[:1] or list(running)[:1]
    yield from at_once(partial(_of, case, one) for one in _ran(pods))


def _ran(pods: list[Pod]) -> list[Container]:
    return [one for pod in pods for one in pod.containers if one.ran]


def _of(case: Case, container: Container) -> Iterator[Finding]:
    ragged = [one for one in environment(case, _open(container.spec)).values() if ends_in(one.value)]
    if not ragged:
        return
    ended = bool(container.last_end) and in_trouble(case, container)
    log = last_log(case, container).text if ended else case.stamped_log(container).text
    for one in ragged:
        found = _shown(one, log)
        if found:
            hidden = found.replace((one.value or "").rstrip(), "…") if secret(one) else found
            line = clean(hidden.replace("\r", "\\r").replace("\n", "\\n"))
            source = source_of(case, container, line) if ended else log_name(container)
            yield _finding(case, container, one, Evidence(source, line))
            return


def _open(container: Json) -> Json:
    """What gives a container its variables, without the Secrets, whose values nobody reads."""
    return {
        "name": container.get("name"),
        "envFrom": [one for one in dicts(container, "envFrom") if "secretRef" not in one],
        "env": [
            one for one in dicts(container, "env")
            if "value" in one or "configMapKeyRef" in (one.get("valueFrom") or {})
        ],
    }  # fmt: skip


def ends_in(value: str | None) -> str:
    """What stands at the end of a value of one line and is not seen, in words; empty where nothing does."""
    kept = (value or "").rstrip()
    end = (value or "")[len(kept) :]
    if not kept or not end or "\n" in kept or "\r" in kept:
        return ""
    return "a carriage return" if "\r" in end else "a line break" if "\n" in end else "a blank"


def _shown(one: Variable, log: str) -> str | None:
    """The part of a log that complains and shows the value with its end."""
    value, end = one.value or "", _FORMS[ends_in(one.value)]
    for found in re.finditer(rf"(?<![\w.-]){re.escape(value.rstrip())}{end}", log, re.IGNORECASE):
        start, stop = log.rfind("\n", 0, found.start()) + 1, log.find("\n", found.end())
        part = log[start : stop if stop >= 0 else len(log)]
        if any(loud(part.replace("\r", " ").replace("\n", " "), 1)):
            return part
    return None


def _finding(case: Case, container: Container, one: Variable, said: Evidence) -> Finding:
    where = place(one) if one.origin else f"the variable `{one.name}`"
    clause = (
        f"the value of {where} ends in {ends_in(one.value)}, and container `{container.name}` takes that "
        f"for a part of it"
    )
    seen = Evidence(one.origin.lower() or str(blame(case, container.pod)), f"{one.name} ends in {ends_in(one.value)}")
    steps = trimmed(case, container, one)
    return Finding(52, blame(case, container.pod), Layer.DEPENDENCY, clause, (said, seen), Plan(steps))


RULES: tuple[Rule, ...] = (line_ends,)
