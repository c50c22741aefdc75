"""Corrections of a file that a ConfigMap gives to pods: written out where it is short, else by hand."""

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.plans.again import read_anew
from explainers.diagnosis.plans.made_again import NO_MORE_TRIES, made_again
from explainers.diagnosis.plans.mounted import LONGEST
from explainers.diagnosis.views.mounted_texts import Mounted
from explainers.operations.patches import Patch
from explainers.operations.reads import Get
from explainers.plan import Plan, Step
from explainers.redaction import HIDDEN, redact


def by_hand(case: Case, file: Mounted, line: int, what: str) -> Plan:
    """See the file where it stands; once it is corrected, new pods read it."""
    at = f", line {line}" if line else ""
    look = Step(Get(kinds.CONFIG_MAP, case.namespace, file.file.name), f"`{file.file.key}`{at}: {what}")
    return Plan((look,), once_corrected(case))


def once_corrected(case: Case) -> tuple[Step, ...]:
    """New pods, or the Job made again, which read a file that somebody has corrected."""
    again = read_anew(case, "once it is corrected: make new pods, which read it", "the new pods start and stay up")
    why = f"once it is corrected: make the Job again, unchanged; {NO_MORE_TRIES}"
    return again or made_again(case, {}, why, "it completes")


def corrected(case: Case, file: Mounted, number: int, line: str, why: str) -> Plan:
    """Another line in place of one (from 1), and new pods, which read it; by hand where the file is long, cannot be
    changed or may hold a credential. A Job is made again by `then_again`."""
    lines = file.lines
    new = "\n".join([*lines[: number - 1], line, *lines[number:]])
    unsure = any(HIDDEN in each or redact(each) != each for each in (file.text, new))
    if file.immutable or unsure or len(new) > LONGEST or new == file.text:
        return by_hand(case, file, number, why)
    body, back = ({"data": {file.file.key: each}} for each in (new, file.text))
    change = Patch(kinds.CONFIG_MAP, case.namespace, file.file.name, body, "merge", back)
    again = read_anew(case, "make new pods, which read the corrected file", "the new pods start and stay up")
    told = f"{why}, in line {number} of `{file.file.key}`, which is mounted"
    return Plan((Step(change, told, "" if again else "the next start reads it"), *again))
