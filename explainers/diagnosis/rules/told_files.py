"""What a program that crashes says of a setting, found in the files that ConfigMaps give to it (class 57).

Used by rules/crashes.py, where the log names no file: a text that is not valid, a value or a key that it quotes, or a
host name that cannot be one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from explainers.diagnosis.logs.connections import failed_connections
from explainers.diagnosis.logs.lines import Telling
from explainers.diagnosis.logs.settings import (
    finds_no_host,
    line_told,
    missed_key,
    refused_values,
    speaks_of_syntax,
)
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.plans.mended_files import by_hand, corrected
from explainers.diagnosis.views.addresses import service_of
from explainers.diagnosis.views.endings import Ending
from explainers.diagnosis.views.mounted_texts import Mounted, mounted_texts, settings
from explainers.diagnosis.views.pods import dicts, text
from explainers.diagnosis.views.syntax import Mistake, mistake
from explainers.document import Evidence
from explainers.patterns import pattern
from explainers.plan import Plan

_COMMENTED = pattern(r"(?P<host>[A-Za-z0-9][\w.-]*)[ \t]+[;#].*")
_FOR_HOSTS = pattern(r"(?:^|[_.-])(?:hosts?|hostname|server|addr(?:ess)?|endpoint|broker|url)$", re.IGNORECASE)
_WITH_COMMENTS = (".ini", ".cfg", ".conf", ".properties", ".env")
"""Files in which many readers take what follows a value for a part of it."""
_NEAR = 1
"""Parsers find the same mistake one line apart: where a comma is missing, and where it is missed."""


def with_its_setting(ending: Ending, found: Finding) -> Finding:
    """The crash of a program that complains of a setting, with where that stands."""
    told = ending.told
    if told is None or not told.weight or ending.last_word:
        return found
    for look in (_not_valid, _refused, _misnamed, _no_host):
        if made := look(ending, told, found):
            return made
    return found


def _files(ending: Ending) -> list[Mounted]:
    """The mounted files that hold settings. Raises Missing until their ConfigMaps are read."""
    return [one for one in mounted_texts(ending.case, ending.container) if one.holds_settings]


def _not_valid(ending: Ending, told: Telling, found: Finding) -> Finding | None:
    """The one file that is no valid text of its language: JSON, TOML, INI or YAML."""
    if not speaks_of_syntax(told.english):
        return None
    wrong = [(one, each) for one in _files(ending) if (each := mistake(one.file.key, one.text))]
    named = [(one, each) for one, each in wrong if PurePosixPath(one.path).name in told.line]
    if len(named or wrong) != 1:
        return None
    ((file, fault),) = named or wrong
    at = line_told(told.line)
    fits = bool(named) or (at > 0 and abs(at - fault.line) <= _NEAR)
    line = fault.line or at
    where = f" at line {line}" if line else ""
    said = "" if fault.said in told.line else f": {fault.said}"  # the program may use the same parser
    clause = f"{file.place} is no valid {fault.language}{where}{said}"
    plan = by_hand(ending.case, file, line, f"correct the {fault.language} there: {fault.said}")
    return _placed(found, file, _around(fault, at if fits else 0), clause, plan, surely=fits)


def _around(fault: Mistake, at: int) -> range:
    """The lines to show, with the one before: there the comma is missing that is missed."""
    known = [one for one in (fault.line, at) if one]
    return range(max(1, min(known) - 1), max(known) + 1) if known else range(0)


def _refused(ending: Ending, told: Telling, found: Finding) -> Finding | None:
    """A value that cannot be used, which stands once in the files that are mounted, and in no variable."""
    values = [one for one in refused_values(told.line) if not _in_spec(ending, one)]
    every = mounted_texts(ending.case, ending.container) if values else []
    for value in values:
        places = [(file, number) for file in every for number in _lines_with(file, value)]
        if len(places) == 1 and places[0][0].holds_settings and _is_value(places[0], value):
            file, number = places[0]
            clause = f"`{value}` stands in line {number} of {file.place}"
            plan = by_hand(ending.case, file, number, f"write there what the program takes in place of `{value}`")
            return _placed(found, file, [number], clause, plan, surely=True)
    return None


def _in_spec(ending: Ending, value: str) -> bool:
    """Whether a variable or an argument has it as well, so that nobody knows where it was read."""
    spec = ending.container.spec
    written = [text(one, "value") for one in dicts(spec, "env")]
    said = [*written, *map(str, (*(spec.get("command") or ()), *(spec.get("args") or ())))]
    return any(value in one for one in said)


def _lines_with(file: Mounted, value: str) -> Iterator[int]:
    whole = re.compile(rf"(?<![\w.-]){re.escape(value)}(?![\w-]|\.\w)")
    for number, line in enumerate(file.lines, 1):
        yield from (number for _ in whole.finditer(line))


def _is_value(place: tuple[Mounted, int], value: str) -> bool:
    """Whether it stands behind the sign after a key, or as an entry of a list."""
    file, number = place
    return re.search(rf"(?:[=:,\[]|^\s*-)\s*[\"']?{re.escape(value)}[\"']?\s*(?:[,;#\]}}].*)?$",
                     file.lines[number - 1]) is not None  # fmt: skip


def _misnamed(ending: Ending, told: Telling, found: Finding) -> Finding | None:
    """A key that is missing, and one that is nearly called so."""
    key = missed_key(told.line)
    every = [one for file in _files(ending) for one in settings(file)] if key else []
    names = {one.key.rpartition(".")[2] for one in every}
    near = "" if key.casefold() in {one.casefold() for one in names} else nearest_one(key, names)
    same = [one for one in every if near and one.key.rpartition(".")[2] == near]
    if len(same) != 1:
        return None
    one = same[0]
    line = one.file.lines[one.number - 1]
    instead = re.sub(rf"(?<![\w-]){re.escape(near)}(?![\w-])", key, line, count=1)
    clause = f"line {one.number} of {one.file.place} sets `{near}`, and nothing there sets `{key}`"
    plan = corrected(ending.case, one.file, one.number, instead, f"call it `{key}`, if that is what is meant")
    return _placed(found, one.file, [one.number], clause, plan, surely=False)


def _no_host(ending: Ending, told: Telling, found: Finding) -> Finding | None:
    """A host with a comment behind it, which not every reader of such files takes away; without, it is a Service."""
    named = any(one.host for one in failed_connections(told.line)) and not _COMMENTED.search(told.line)
    if named or not finds_no_host(told.english):
        return None
    every = [one for file in _files(ending) if file.file.key.endswith(_WITH_COMMENTS) for one in settings(file)]
    hosts = [(one, match["host"]) for one in every if _FOR_HOSTS.search(one.key)
             and (match := _COMMENTED.fullmatch(one.value))]  # fmt: skip
    known = [(one, host) for one, host in hosts if (meant := service_of(host, ending.case.namespace))
             and ending.case.service(*meant).ok]  # fmt: skip
    if len(known) != 1 or not known[0][0].file.shown(known[0][0].number):
        return None
    one, host = known[0]
    line = one.file.lines[one.number - 1]
    clause = (
        f"line {one.number} of {one.file.place} says `{one.key}` is `{one.value}`: where the comment is read as a part "
        f"of the value, that is no host name; `{host}` is a service here"
    )
    kept = f"{line[: line.index(one.value)]}{host}"
    plan = corrected(ending.case, one.file, one.number, kept, f"let only `{host}` stand there")
    return _placed(found, one.file, [one.number], clause, plan, surely=False)


def _placed(
    found: Finding, file: Mounted, numbers: Sequence[int], clause: str, plan: Plan, *, surely: bool
) -> Finding:  # fmt: skip
    """The finding with the place of its cause in the cluster's data, which explains what else fails beside it."""
    rows = tuple(
        Evidence(f"configmap {file.file.name}", f"{file.file.key}, line {number}: {line}")
        for number in numbers if (line := file.shown(number))
    )  # fmt: skip
    rows = rows or (Evidence(f"configmap {file.file.name}", f"its key {file.file.key} is mounted at {file.path}"),)
    return replace(
        found,
        layer=Layer.NEEDS,
        clause=f"{found.clause}; {clause}",
        evidence=(*found.evidence, *rows),
        plan=_joined(found.plan, plan),
        confidence=found.confidence if surely else Confidence.LIKELY,
    )


def _joined(before: Plan, now: Plan) -> Plan:
    """A plan after the way back that another one begins with; what both read is read once, for the closer reason."""
    known = [step.operation for step in before.steps]
    if now.steps[0].operation in known:
        steps = tuple(now.steps[0] if step.operation == now.steps[0].operation else step for step in before.steps)
        return Plan(steps, before.alternatives)
    back = tuple(step for step in before.steps if step.changes)
    return Plan((*back, *now.steps), (*before.alternatives, *now.alternatives)) if back else now
