"""Files with a mistake in them that a ConfigMap or Secret gives to a program (class 57); used by rules/crashes.py."""

import re
from dataclasses import replace

from explainers.diagnosis.logs.connections import failed_connections
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.plans.mended_files import once_corrected
from explainers.diagnosis.views.configuration import KINDS
from explainers.diagnosis.views.endings import Ending
from explainers.diagnosis.views.mounted import file_at, text_of
from explainers.diagnosis.views.mounted_texts import shown_line
from explainers.document import Evidence
from explainers.operations.reads import Get, GetMetadata
from explainers.patterns import pattern
from explainers.plan import Plan, Step

_FILE = pattern(r"(?<![\w./-])(/[\w.@+/-]*[\w@+-])(?:(?::|\(|\W{0,3}\b(?:at |on )?line:? )(\d+))?", re.IGNORECASE)
_MISTAKE = pattern(
    r"\[emerg\]|\bsyntax|\bpars(?:e|ing|er)\b|\bunexpected\b|\bunknown\b|\binvalid\b|\bmalformed\b"
    r"|\bnot (?:allowed|valid)\b|\b(?:un)?marshal|\bdecod(?:e|ing)\b|\bduplicate\b|\bya?ml:",
    re.IGNORECASE,
)


def with_its_file(ending: Ending, found: Finding) -> Finding:
    """The crash of a program that complains of a mounted file: the key that holds it is where it can be corrected."""
    told = ending.told
    if told is None:
        return found
    mistaken = _MISTAKE.search(told.english)
    for path, line in _FILE.findall(told.line):
        if not mistaken and not (line and told.weight):
            continue
        file = file_at(ending.case, ending.container, path)
        if file is None:
            continue
        read = (GetMetadata if file.kind == "Secret" else Get)(KINDS[file.kind], ending.case.namespace, file.name)
        if any(step.operation == read for step in found.plan.steps):
            return found
        at = f", line {line}" if line else ""
        why = f"`{file.key}`{at}: correct there what its program complains of"
        where = f"{file.kind.lower()} {file.name}"
        seen = [Evidence(where, f"its key {file.key} is mounted at {path}")]
        if line and (shown := shown_line(text_of(ending.case, file), int(line))):
            seen.append(Evidence(where, f"{file.key}, line {line}: {shown}"))
        back = tuple(step for step in found.plan.steps if step.changes)
        return replace(
            found,
            clause=f"{found.clause}; `{path}` is the key `{file.key}` of the {file.kind} `{file.name}`",
            evidence=(*found.evidence, *seen),
            plan=Plan((*back, Step(read, why)), (*found.plan.alternatives, *once_corrected(ending.case))),
            layer=found.layer if failed_connections(told.line) else Layer.NEEDS,
        )
    return found
