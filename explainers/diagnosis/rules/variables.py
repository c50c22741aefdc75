"""Environment variables that a program misses or cannot use (class 52); used by rules/crashes.py.

The log of the run that ended names the variable, or quotes its value; the container's environment must agree: a
variable that is set is not missing. Values of Secrets stay unread.
"""

from dataclasses import dataclass

from explainers.diagnosis.logs.connections import failed_connections
from explainers.diagnosis.logs.lines import clean, lines_of, telling
from explainers.diagnosis.logs.variables import mentions, missing_name, missing_setting, quotes_alike, says_unusable
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.near import nearest, nearest_one
from explainers.diagnosis.plans.config import for_absent, for_key, keys_of
from explainers.diagnosis.plans.job_indexes import lacks_indexes, with_indexes
from explainers.diagnosis.plans.prefixes import prefixed, under_its_name
from explainers.diagnosis.plans.variables import bring, former_entry, keepers, once_set, without_links
from explainers.diagnosis.views.configuration import configuration
from explainers.diagnosis.views.endings import Ending, last_log, source_of
from explainers.diagnosis.views.environment import Variable, environment
from explainers.diagnosis.views.pods import Json, dicts, dig, table, text
from explainers.diagnosis.views.references import Reference, references
from explainers.document import Evidence
from explainers.patterns import pattern
from explainers.plan import Plan

_LINK = pattern(r"\b(?:tcp|udp)://(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}\b")
_REFERENCE = pattern(r"\$(?:\([A-Za-z_]\w*\)|\{[A-Za-z_]\w*\}|[A-Za-z_]\w*)")
LAST = 30
"""Lines at the end of a log that are searched, beside its telling line."""


@dataclass(frozen=True)
class _Said:
    """A line of the log, and the variable that it names as missing (else empty)."""

    line: str
    name: str


def cause(ending: Ending) -> Finding | None:
    """52: the run ended with an error because of a variable."""
    return (_missing(ending) or _linked(ending) or _unusable(ending)) if ending.code else None


def _lines(ending: Ending) -> list[str]:
    """The lines to search: the telling one first, then the last ones from the end."""
    log = last_log(ending.case, ending.container).text
    told = telling(log)
    return [*([told.line] if told else []), *(clean(line) for line in reversed(lines_of(log)[-LAST:]))]


def _missing(ending: Ending) -> Finding | None:
    said = next((_Said(line, name) for line in _lines(ending) if (name := missing_name(line))), None) or _field(ending)
    if said is None:
        return None
    have = environment(ending.case, ending.container.spec)
    set_to = have.get(said.name)
    if set_to and set_to.value != "":
        return None
    if set_to is None and (declared := _declared(ending, said)):
        return declared
    if set_to is None and lacks_indexes(ending.case, said.name):
        return _unindexed(ending, said)
    state = "is set to nothing" if set_to else "is not set"
    near = next(iter(nearest(said.name, (one for one in have if have[one].value != ""), 0.75)), "")
    other = None if set_to else prefixed(ending, said.name, have)
    held = [] if set_to or near or other else keepers(ending.case, said.name)
    before, two = former_entry(ending, said.name)
    once = None if before else once_set(ending, said.name)
    hint = (
        other.hint if other
        else f"; revision {two.previous} set it" if two and before
        else f"; {once.told} set it" if once
        else f"; nearest that is set: `{near}`" if near
        else f"; the ConfigMap `{held[0]}` has it" if held
        else ""
    )  # fmt: skip
    clause = (
        f"container `{ending.container.name}` ends with exit code {ending.code} because the environment variable "
        f"`{said.name}` {state}{hint}"
    )
    plan = under_its_name(ending, other) if other else bring(ending, said.name, have.get(near), held)
    return _finding(ending, clause, said.line, Evidence(str(ending.blame), _seen(said.name, set_to)), plan)


def _unindexed(ending: Ending, said: _Said) -> Finding:
    """The variable is one that a Job of another mode would set."""
    clause = (
        f"container `{ending.container.name}` ends with exit code {ending.code} because the environment variable "
        f"`{said.name}` is not set: a Job sets it only with `completionMode: Indexed`, and this one is `NonIndexed`"
    )
    seen = Evidence(str(ending.blame), "spec.completionMode NonIndexed")
    return _finding(ending, clause, said.line, seen, with_indexes(ending.case))


def _declared(ending: Ending, said: _Said) -> Finding | None:
    """The spec reads the variable from an object or a key that is not there, and does not insist on it."""
    container, case = ending.container, ending.case
    entries = [one for one in dicts(container.spec, "env") if text(one, "name") == said.name]
    uses = references({"containers": [{"name": container.name, "env": entries[-1:]}]})
    if not uses:
        return None
    one = uses[0]
    every = references({"containers": [container.spec]})
    (answer,) = configuration(case, [each for each in every if _same(each, one)]).values()
    keys = {*table(answer.object, "data")} or keys_of(answer.object)
    near = nearest_one(one.key, keys)
    lacks = f"the {one.kind} `{one.name}`, which does not exist"
    if not answer.absent:
        lacks = f"the key `{one.key}` of the {one.kind} `{one.name}`, which has no such key"
    kept = "; it is marked `optional`, so that nobody says so" if one.optional else ""
    hint = f" (nearest: `{near}`)" if near else ""
    clause = (
        f"container `{container.name}` ends with exit code {ending.code} because the environment variable "
        f"`{said.name}` is not set: it is read from {lacks}{hint}{kept}"
    )
    plan = for_absent(case, [one], "", ran=True) if answer.absent else for_key(case, one, near, ran=True)
    row = Evidence(f"{one.kind.lower()} {one.name}", "does not exist" if answer.absent else f"has no key {one.key}")
    return _finding(ending, clause, said.line, row, plan)


def _same(one: Reference, other: Reference) -> bool:
    return (one.kind, one.name) == (other.kind, other.name)


def _field(ending: Ending) -> _Said | None:
    """A required field of the settings; pydantic does not say the prefix, so a variable that ends alike may be it."""
    name = missing_setting("\n".join(lines_of(last_log(ending.case, ending.container).text)[-LAST:]))
    have = environment(ending.case, ending.container.spec) if name else {}
    if not name or any(one.upper().endswith(name) for one in have):
        return None
    return _Said(f"{name.lower()}: Field required", name)


def _seen(name: str, have: Variable | None) -> str:
    return f"{name} {'is set to an empty value' if have else 'is not among the variables'}"


def _linked(ending: Ending) -> Finding | None:
    """A line quotes the address of a Service: Kubernetes gives every container `NAME_PORT=tcp://…` for each Service of
    the namespace, and the program takes that for a variable of its own.

    Source: https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
    """
    if dig(ending.container.pod.spec, "enableServiceLinks") is False:
        return None
    for line in _lines(ending)[:6]:
        quoted = _LINK.search(line)
        owner = quoted and next((s for s in ending.case.namespace_services if _at(s) == quoted[1]), None)
        if not quoted or not owner:
            continue
        name = text(owner, "metadata", "name")
        variable = f"{name.upper().replace('-', '_')}_PORT"
        if variable in environment(ending.case, ending.container.spec):
            return None
        clause = (
            f"container `{ending.container.name}` ends with exit code {ending.code} because it reads `{variable}`, "
            f"which Kubernetes sets to `{quoted[0]}` for the service `{name}`: {line}"
        )
        seen = Evidence(f"service {name}", f"sets {variable}={quoted[0]} in every pod that starts after it")
        return _finding(ending, clause, line, seen, without_links(ending))
    return None


def _at(service: Json) -> str:
    return text(service, "spec", "clusterIP")


def _unusable(ending: Ending) -> Finding | None:
    """A line complains about the form of a value, and a variable has exactly that value."""
    log = last_log(ending.case, ending.container).text
    calls = {one.line for one in failed_connections(log)}
    lines = [line for line in _lines(ending)[:6] if says_unusable(line) and line not in calls]
    if not lines:
        return None
    have = environment(ending.case, ending.container.spec)
    for line in lines:
        found = _meant(line, [one for one in have.values() if one.value])
        if len(found) == 1:
            return _bad(ending, line, found[0])
    return None


def _meant(line: str, have: list[Variable]) -> list[Variable]:
    """The variables whose value a line may complain of. One that it only refers to, as in `$PORT`, is none of them: the
    value has that text in it."""
    written = [found[0] for found in _REFERENCE.finditer(line)]
    if holding := [one for one in have if any(each in (one.value or "") for each in written)]:
        return holding
    quoted = [one for one in have if mentions(line, one.value or "")]
    before = _REFERENCE.sub("", line).split("=")[0]
    named = [one for one in have if len(one.name) > 3 and one.name in before]
    found = [one for one in quoted if one in named] or quoted or [one for one in named if "_" in one.name]
    return found or [one for one in have if quotes_alike(line, one.value or "")]


def _bad(ending: Ending, line: str, variable: Variable) -> Finding:
    before, two = former_entry(ending, variable.name)
    former = text(before, "value")
    hint = f"; revision {two.previous} had `{former}`" if two and former and former != variable.value else ""
    if variable.origin and _REFERENCE.search(variable.value or ""):
        hint = f"; in what comes from a {variable.origin.partition(' ')[0]} Kubernetes puts in nothing"
    origin = f" (from the {variable.origin})" if variable.origin else ""
    clause = (
        f"container `{ending.container.name}` ends with exit code {ending.code} because it cannot use "
        f"`{variable.name}={variable.value}`{origin}: {line}{hint}"
    )
    seen = Evidence(str(ending.blame), f"{variable.name}={variable.value}{origin}")
    return _finding(ending, clause, line, seen, bring(ending, variable.name, None, [], variable), Confidence.LIKELY)


def _finding(
    ending: Ending, clause: str, line: str, seen: Evidence, plan: Plan, confidence: Confidence = Confidence.SURE
) -> Finding:
    rows = (*ending.evidence, Evidence(source_of(ending.case, ending.container, line), line), seen)
    return Finding(52, ending.blame, Layer.NEEDS, clause, rows, plan, confidence)
