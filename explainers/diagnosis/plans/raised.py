"""Back to another program, where more of what it uses up has been given already, in vain.

A program that was killed at its limit, and again at a higher one, may leak: what it does then came with the revision in
which more changed than its limits.
"""

from explainers.diagnosis.case import Case
from explainers.diagnosis.views.differences import of_limits
from explainers.diagnosis.views.pods import Json, dicts, table, text
from explainers.diagnosis.views.revisions import RECENT, recent_change, revisions
from explainers.kinds import Ref
from explainers.operations.rollouts import undo
from explainers.plan import Step
from explainers.quantities import amount


def back_to_other_program(case: Case, blame: Ref) -> tuple[Step, ...]:
    """The way back to the last revision that differs in more than its limits; none where that is not known, or ended
    more than a day ago."""
    if case.workload_ref != blame:
        return ()
    now = _program(case.template)
    found = revisions(case, lambda template: _program(template) != now)
    if found is None or found.made is None or case.now - found.made >= RECENT:
        return ()
    changed = "; ".join(one for one in found.changes if not of_limits(one))
    why = f"back to revision {found.previous}, before this change: {changed}" if changed else (
        f"back to revision {found.previous}, before its template changed in more than its limits"
    )  # fmt: skip
    operation = undo(blame.type, case.workload, found.holder_before, found.holder)
    return (Step(operation, why, "the pods of that revision become ready, and stay"),)


def room_before(case: Case, volume: str) -> str:
    """The smaller limit that an emptyDir had before the last change, if that did nothing else; else empty."""
    change = recent_change(case)
    if change and not all(map(of_limits, change.changes)):
        return ""
    was, now = (_size(each, volume) for each in (change.before, change.template)) if change else ("", "")
    less, more = amount(was), amount(now)
    return was if less is not None and more is not None and less < more else ""


def _size(template: Json, volume: str) -> str:
    found = (one for one in dicts(table(template, "spec"), "volumes") if one.get("name") == volume)
    return text(next(found, {}), "emptyDir", "sizeLimit")


def _program(template: Json) -> Json:
    """A pod spec without what limits it."""
    spec = table(template, "spec")
    without = {
        side: [{key: value for key, value in one.items() if key != "resources"} for one in dicts(spec, side)]
        for side in ("initContainers", "containers")
    }
    volumes = [
        {**one, "emptyDir": {**table(one, "emptyDir"), "sizeLimit": None}} if "emptyDir" in one else one
        for one in dicts(spec, "volumes")
    ]
    return {**spec, **without, "volumes": volumes}
