"""Variables that are read from a label or an annotation which the pod does not have (class 52): they are set to
nothing. Used by rules/crashes.py.

Source: https://kubernetes.io/docs/concepts/workloads/pods/downward-api/
"""

from collections.abc import Iterator
from dataclasses import dataclass

from explainers.diagnosis.logs.lines import clean, lines_of
from explainers.diagnosis.logs.variables import missing_name, says_unusable
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.plans.variables import from_field, told_origin, without_entry
from explainers.diagnosis.views.endings import Ending, last_log, source_of
from explainers.diagnosis.views.environment import environment
from explainers.diagnosis.views.pods import Json, dicts, table, text
from explainers.document import Evidence
from explainers.patterns import pattern

LAST = 30
"""Lines at the end of a log that are searched."""
_FIELD = pattern(r"^metadata\.(labels|annotations)\['([^']+)'\]$")
_NOTHING = pattern(r"(?<![\w\"'])(?:''|\"\"|``)(?![\w\"'])")


@dataclass(frozen=True)
class Empty:
    """A variable that is read from `key` of the pod's labels or annotations (`side`); `near` is one that it has."""

    variable: str
    side: str
    key: str
    near: str

    @property
    def kind(self) -> str:
        return self.side.removesuffix("s")


def set_to_nothing(ending: Ending) -> Finding | None:
    """52: the log complains of an empty value or names the variable, and no such label gives it one."""
    empty = list(_empty(ending)) if ending.code else []
    lines = lines_of(last_log(ending.case, ending.container).text)[-LAST:] if empty else []
    found = next(((one, line) for line in reversed(lines) for one in empty if _about(line, one, lines, empty)), None)
    return _finding(ending, found[0], clean(found[1])) if found else None


def _empty(ending: Ending) -> Iterator[Empty]:
    metadata = table(ending.container.pod.object, "metadata")
    for entry in dicts(ending.container.spec, "env"):
        found = _FIELD.match(text(entry, "valueFrom", "fieldRef", "fieldPath"))
        have: Json = table(metadata, found[1]) if found else {}
        if found and not have.get(found[2]):
            yield Empty(text(entry, "name"), found[1], found[2], nearest_one(found[2], have, 0.75))


def _about(line: str, one: Empty, lines: list[str], every: list[Empty]) -> bool:
    """Whether a line says that the variable is missing, or that nothing is no value: of the only such variable, or of
    one that the log names."""
    if missing_name(line) == one.variable:
        return True
    named = any(one.variable in other for other in lines)
    return says_unusable(line) and _NOTHING.search(line) is not None and (named or len(every) == 1)


def _finding(ending: Ending, one: Empty, line: str) -> Finding:
    container = ending.container
    near = f"; nearest: `{one.near}`" if one.near else ""
    clause = (
        f"container `{container.name}` ends with exit code {ending.code} because `{one.variable}` is set to nothing: "
        f"it is read from the {one.kind} `{one.key}`, which its pod does not have{near}"
    )
    others = [each for each in dicts(container.spec, "env") if text(each, "name") != one.variable]
    other = environment(ending.case, {**container.spec, "env": others}).get(one.variable)
    plan = from_field(ending, one.variable, f"metadata.{one.side}['{one.near}']" if one.near else "", one.kind, one.key)
    if other and other.origin and not one.near:
        clause += f"; the {told_origin(other)} would set it"
        plan = without_entry(ending, one.variable, other)
    seen = Evidence(f"pod {container.pod.name}", f"has no {one.kind} {one.key}, from which {one.variable} is read")
    rows = (*ending.evidence, Evidence(source_of(ending.case, container, line), line), seen)
    return Finding(52, ending.blame, Layer.NEEDS, clause, rows, plan, Confidence.SURE)
