"""Variables that are defined twice for a container (class 52): the later definition counts.

The API server lets both stand, with a warning that only the one who applies them sees.

Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ (EnvVar)
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.logs.connections import failed_connections
from explainers.diagnosis.logs.lines import clean, lines_of, telling
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans.expansions import STARTS, patched, path_of
from explainers.diagnosis.views.calls import log_name
from explainers.diagnosis.views.endings import Ending, blame, crashes, last_log, source_of
from explainers.diagnosis.views.pods import Container, Json, Pod, dicts, dig, text
from explainers.document import Evidence
from explainers.plan import Plan
from explainers.redaction import is_credential

LAST = 60
"""Lines at the end of a log that are searched."""
SHORTEST = 4
"""Characters of a value that a line does not have by chance."""
_FIELDS = {
    "metadata.name": "its pod's own name",
    "metadata.namespace": "its namespace",
    "spec.nodeName": "its node's name",
    "spec.serviceAccountName": "its account's name",
    "status.podIP": "its pod's own address",
    "status.hostIP": "its node's address",
}


@dataclass(frozen=True)
class Doubled:
    """A variable that stands at `at`, with what it is set to there and before: as text, and in words."""

    name: str
    at: int
    value: str
    told: str
    before: str
    entry: Json = field(repr=False)


def doubled(case: Case) -> Iterator[Finding]:
    """52: what does not work goes on about the value of the later one."""
    for pod in case.unready_pods[:1]:
        for container in pod.main_containers:
            twice = list(_twice(container)) if container.ran and not container.ready else []
            if found := _complained(case, container, twice) if twice else None:
                yield _finding(case, container, *found)


def _twice(container: Container) -> Iterator[Doubled]:
    entries = dicts(container.spec, "env")
    for at, entry in enumerate(entries):
        name = text(entry, "name")
        others = [one for one in entries[:at] if text(one, "name") == name]
        last = all(text(one, "name") != name for one in entries[at + 1 :])
        value, told = _value(container.pod, entry)
        if others and last and len(value) >= SHORTEST and value != _value(container.pod, others[-1])[0]:
            yield Doubled(name, at, value, told, _value(container.pod, others[-1])[1], entry)


def _value(pod: Pod, entry: Json) -> tuple[str, str]:
    """What an entry sets the variable to, as far as that is known, and how a sentence tells it."""
    path = text(entry, "valueFrom", "fieldRef", "fieldPath")
    if path:
        return text(pod.object, *path.split(".")), _FIELDS.get(path, f"the pod's `{path}`")
    if origin := next(iter(dig(entry, "valueFrom", default={})), ""):
        return "", f"what its `{origin}` names"
    value = text(entry, "value")
    hidden = is_credential(text(entry, "name"), value)
    return value, "another value" if hidden else f"`{value}`" if value else "nothing"


def _complained(case: Case, container: Container, twice: list[Doubled]) -> tuple[Doubled, Evidence, bool] | None:
    """The one whose value the log complains of, that line, and whether the container ends with it."""
    ends = crashes(case, container)
    log = (last_log(case, container) if ends or not container.running_since else case.log(container)).text
    recent = "\n".join(lines_of(log)[-LAST:])
    said = telling(recent)
    lines = [*([said.line] if said and said.weight else []), *(one.line for one in failed_connections(recent)[::-1])]
    for one in twice:
        whole = re.compile(rf"(?<![\w.-]){re.escape(one.value)}(?![\w-]|\.\w)", re.IGNORECASE)
        line = next((clean(each) for each in lines if whole.search(each)), "")
        if line:
            of_end = ends or not container.running_since
            source = source_of(case, container, line) if of_end else log_name(container)
            return one, Evidence(source, line), ends
    return None


def _finding(case: Case, container: Container, one: Doubled, said: Evidence, ends: bool) -> Finding:
    ending = Ending(case, container, blame(case, container.pod), 1)
    how = f"ends with exit code {ending.code}" if ends else "does not get ready"
    clause = (
        f"container `{container.name}` {how}, and its variable `{one.name}`, of which its log complains, is defined "
        f"twice: the later one counts, which sets it to {one.told} instead of {one.before}"
    )
    seen = Evidence(str(ending.blame), f"defines {one.name} twice")
    rows = (*(ending.evidence if ends else ()), said, seen)
    return Finding(52, ending.blame, Layer.NEEDS, clause, rows, _plan(ending, one, ends), Confidence.LIKELY)


def _plan(ending: Ending, one: Doubled, ends: bool) -> Plan:
    path = path_of(ending, "env")
    forth: list[Json] = [{"op": "remove", "path": f"{path}/{one.at}"}]
    back: list[Json] = [{"op": "add", "path": f"{path}/{one.at}", "value": one.entry}]
    why = f"take the later one away, so that `{one.name}` is {one.before}, if that is what is meant"
    hidden = not path or is_credential(one.name, text(one.entry, "value"))
    return patched(
        ending, ([], []) if hidden else (forth, back), why, STARTS if ends else "the container becomes ready"
    )


RULES: tuple[Rule, ...] = (doubled,)
