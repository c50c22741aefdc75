"""Options in a container's command that its program does not take (class 57); used by rules/crashes.py."""

import re
from dataclasses import replace

from explainers.diagnosis.model import Finding
from explainers.diagnosis.rules.programs import words_of
from explainers.diagnosis.views.endings import Ending
from explainers.document import Evidence
from explainers.operations.reads import Get
from explainers.patterns import pattern
from explainers.plan import Plan, Step

_SETTING = r"(?:options?|flags?|arguments?|parameters?|directives?|settings?|switch(?:es)?|config\w*|variables?)"
_TAKES_NOT = pattern(
    rf"(?:unknown|unrecogni[sz]ed|unsupported|invalid|illegal|bad|no such|unexpected) (?:\w+ )?{_SETTING}\b"
    rf"|{_SETTING}\b.* not (?:defined|recogni[sz]ed|supported|known)|wrong number of arguments",
    re.IGNORECASE,
)


def with_refused_option(ending: Ending, found: Finding) -> Finding:
    """The crash of a program that refuses a setting which stands among its options: there it can be corrected."""
    told = ending.told
    word = _named_in(told.line, words_of(ending.container.spec)) if told and _TAKES_NOT.search(told.english) else ""
    if not word:
        return found
    seen = Evidence(str(ending.blame), f"the command of container {ending.container.name} has {word}")
    why = f"the command of `{ending.container.name}`: correct `{word}` there, or take it out"
    look = Step(Get(ending.blame.type, ending.blame.namespace, ending.blame.name), why)
    return replace(
        found,
        clause=f"{found.clause}; its command has `{word}`",
        evidence=(*found.evidence, seen),
        plan=Plan((*(step for step in found.plan.steps if step.changes), look), found.plan.alternatives),
    )


def _named_in(line: str, command: list[str]) -> str:
    """The first option of a command whose name a line has, with or without its dashes; else empty."""
    options = (word.partition("=")[0] for word in command if word.startswith("-") and " " not in word)
    return next((one for one in options if len(one.lstrip("-")) > 1 and _has(line, one.lstrip("-"))), "")


def _has(line: str, name: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(name)}(?![\w-])", line) is not None
