"""Variables that are too long for the kernel to start a program with (class 52); used by rules/crashes.py.

One string of the arguments or the environment may have 128 KiB, with its name and its end; all together about 2 MiB.
Source: https://man7.org/linux/man-pages/man2/execve.2.html (Limits on size of arguments and environment)
"""

import re

from explainers import kinds
from explainers.diagnosis.classes import cases
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans.remedies import back_step, read_spec
from explainers.diagnosis.rules.programs import short
from explainers.diagnosis.views.endings import Ending
from explainers.diagnosis.views.environment import Variable, environment
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.operations.reads import Get, GetMetadata
from explainers.patterns import pattern
from explainers.plan import Plan, Step

LONGEST = 128 * 1024
_TOO_LONG = pattern(r"^exec:? .*\bargument list too long|\bexec\b.*: argument list too long|\bE2BIG\b", re.IGNORECASE)


def too_long(ending: Ending) -> Finding | None:
    """52: the kernel does not start the program, as what it is given is too long."""
    said = ending.start_error or (ending.told.line if ending.told else "")
    if not _TOO_LONG.search(said):
        return None
    container = ending.container
    known = environment(ending.case, container.spec).values()
    longest = max((one for one in known if one.value is not None), key=_size, default=None)
    unread = [one for one in known if one.value is None and one.origin]
    clause = f"container `{container.name}` cannot be started: what it gets as arguments and environment is too long"
    alone = longest is not None and _size(longest) > LONGEST
    seen: tuple[Evidence, ...] = ()
    if longest and alone:
        size = _size(longest) // 1024
        clause += f"; the variable `{longest.name}`{_from(longest)} alone has {size} KiB, and one may have 128"
    elif unread:
        clause += f"; perhaps the variable `{unread[0].name}`{_from(unread[0])}, whose value is not read"
    elif longest:
        clause += f"; its longest variable is `{longest.name}`{_from(longest)}"
    if longest:
        seen = (Evidence((longest.origin or str(ending.blame)).lower(), f"{longest.name} has {_size(longest)} bytes"),)
    meant = longest if alone else next(iter(unread), longest)
    rows = (Evidence(f"pod {container.pod.name}", short(said)),) if ending.start_error else ending.log_evidence
    subject = _holder(ending, meant) if meant else ending.blame
    plan = Plan((*back_step(ending.case, ending.blame), _look(ending, subject)))
    sure = Confidence.SURE if alone else Confidence.LIKELY
    evidence = (*ending.evidence, *rows, *seen)
    return Finding(52, subject, Layer.NEEDS, clause, evidence, plan, sure, ending.since, about=cases.LONG_VARIABLE)


def _size(one: Variable) -> int:
    """The bytes of the string that the kernel gets."""
    return len(f"{one.name}={one.value or ''}".encode()) + 1


def _from(one: Variable) -> str:
    kind, _, name = one.origin.partition(" ")
    return f" from the {kind} `{name}`" if name else ""


def _holder(ending: Ending, one: Variable) -> Ref:
    kind, _, name = one.origin.partition(" ")
    return Ref(kind, ending.case.namespace, name) if name else ending.blame


def _look(ending: Ending, subject: Ref) -> Step:
    why = "shorten it, or mount it as a file instead of a variable: a file may have 1 MiB"
    if subject == ending.blame:
        return Step(read_spec(subject).operation, why)
    read = GetMetadata if subject.kind == kinds.SECRET.name else Get
    return Step(read(subject.type, subject.namespace, subject.name), why)
