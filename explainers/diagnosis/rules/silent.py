"""Programs that end with an error and without a word (class 57): what their spec tells instead; used by
rules/crashes.py."""

from dataclasses import replace

from explainers.diagnosis.classes import cases
from explainers.diagnosis.model import Confidence, Finding
from explainers.diagnosis.plans import remedies
from explainers.diagnosis.rules.programs import words_of
from explainers.diagnosis.views.absent_services import absent_services, told_absent
from explainers.diagnosis.views.endings import Ending
from explainers.operations.reads import Get
from explainers.plan import Plan, Step

_HIDES = ("2>/dev/null", "2> /dev/null", "&>/dev/null", "> /dev/null 2>&1", ">/dev/null 2>&1", "2>&-")


def by_its_spec(ending: Ending, found: Finding) -> Finding:
    """The crash of a program that writes nothing: its log would not help, what it is told to do may."""
    case, commands = ending.case, words_of(ending.container.spec)
    hosts = absent_services(case, commands)
    hides = next((one for one in _HIDES if any(one in word for word in commands)), "")
    clause = found.clause
    if hosts:
        clause += f"; its command calls `{hosts[0]}`, and there is no service of that name"
    elif hides:
        clause += f"; its command throws the errors away (`{hides}`)"
    why = "what it is told to run: look there for what ends with that code"
    why = f"its command: let it call what there is, or make the service `{hosts[0]}`" if hosts else why
    why += f", and take `{hides}` out, so that it says what fails" if hides else ""
    look = Step(Get(ending.blame.type, ending.blame.namespace, ending.blame.name), why)
    back = remedies.back_step(case, ending.blame)
    more = remedies.another_pod(case, ending.blame, ending.container) if back else ()
    return replace(
        found,
        clause=clause,
        evidence=(*found.evidence, *told_absent(case, hosts[:1])),
        plan=Plan((*back, *more, look)),
        confidence=Confidence.LIKELY if hosts else found.confidence,
        about=cases.SILENT,
    )
