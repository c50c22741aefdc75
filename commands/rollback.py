"""`/rollback`: back to an earlier revision."""

from dataclasses import dataclass, replace

from commands.base.change import settle, under_way
from commands.base.errors import Denied, NotFound, UsageError
from commands.base.parse import parse
from commands.base.ports import Services
from commands.base.registry import Group, command
from commands.base.request import Reply, Request
from commands.base.rollout import verified, watch_steps
from commands.base.targets import granted_by
from commands.base.workloads import Workload, find_workload, forgotten, proposal
from explainers.diagnosis.access import unchecked
from explainers.diagnosis.case import Case
from explainers.diagnosis.standing import paused
from explainers.diagnosis.views.differences import differences
from explainers.diagnosis.views.pods import Json, table, text
from explainers.diagnosis.views.revisions import Held, history
from explainers.diagnosis.views.template import steps_after
from explainers.diagnosis.when import ago, moment
from explainers.document import Document, Tone
from explainers.operations.rollouts import HASH_LABEL, Resume, undo
from explainers.plan import Plan, Step, plan

FORM = "/rollback TARGET [REVISION] [-n NAMESPACE], for example `/rollback web` or `/rollback web 3`"
MOST = 12
"""Differences, and revisions, that are named."""
CAUSE = "kubernetes.io/change-cause"


@dataclass(frozen=True)
class Back:
    """The way back: the revisions that are kept, newest first, the one whose template is in force (None while it is
    not rolled out), and the one to go to (None when there is none). `number` is what was asked for, 0 for the last."""

    workload: Workload
    kept: tuple[Held, ...]
    current: Held | None
    target: Held | None
    number: int


@command("rollback", "TARGET [REVISION] [-n NAMESPACE]", "/rollback web", slash=True, group=Group.CHANGE)
def rollback(request: Request, services: Services) -> Reply:
    """Go back to the revision before, or to the one that is named, after showing what differs.

    TARGET is a Deployment, StatefulSet or DaemonSet, or a service in front of one. REVISION is its number in the
    rollout history; going back makes it the newest, under a new number.
    """
    arguments = parse(request.text, FORM)
    if len(arguments.words) not in (1, 2):
        raise UsageError("Which one, and to which revision?", FORM)
    number = _number(arguments.words[1]) if len(arguments.words) == 2 else 0
    back = _back(find_workload(request, services, arguments, arguments.words[0]), number)
    target = back.target
    if target is None or target is back.current:
        if not under_way(request, services):
            return _nothing(back)
        target = back.current or back.kept[0]  # an earlier run of this job has gone back already
    ref, number = back.workload.ref, number or target.number
    steps = _plan(back, target)
    change = proposal(
        back.workload,
        f"Roll `{ref}` back to revision {number}?",
        steps,
        lambda: verified(
            services,
            ref,
            steps,
            f"`{ref.name}` runs what revision {number} was, all pods ready",
            f"`{ref.name}` is rolled back to revision {number} and its pods do not come up",
            f"`{ref.name}` has the template of revision {number} again, and its pods do not have it yet",
        ),
        f"back to revision {number}",
        _facts(back, target),
    )
    return settle(change, replace(request, text=f"{ref} {number} -n {ref.namespace}"), services)


def _number(word: str) -> int:
    if not word.isascii() or not word.isdecimal() or not 0 < int(word[:10]) < 2**31:
        raise UsageError(f"`{word[:20]}` is not the number of a revision.", FORM)
    return int(word)


def _back(workload: Workload, number: int) -> Back:
    kept = workload.scene.about(lambda facts: history(Case(facts, workload.ref)))
    now = _bare(table(workload.object, "spec", "template"))
    current = next((one for one in kept if _bare(one.template) == now), None)
    if number:
        target = next((one for one in kept if one.number == number), None)
    else:
        target = next((one for one in kept if one is not current), None)
    return Back(workload, tuple(kept), current, target, number)


def _bare(template: Json) -> tuple[Json, Json, Json]:
    """A pod template without what a controller adds where it keeps it."""
    labels = {key: value for key, value in table(template, "metadata", "labels").items() if key != HASH_LABEL}
    return labels, table(template, "metadata", "annotations"), table(template, "spec")


def _nothing(back: Back) -> Reply:
    """Why there is no way back. Raises NotFound, Denied."""
    ref, facts = back.workload.ref, back.workload.scene.facts
    held_by = ("replicasets", "controllerrevisions")
    hidden = [one for one in unchecked(facts) if any(kind in one.missing for kind in held_by)]
    if hidden:
        raise Denied(
            f"I cannot see the revisions of `{ref.name}`: it needs {hidden[0].missing}.",
            granted_by(hidden),
        )
    if back.number and back.target is None:
        there = ", ".join(str(one.number) for one in back.kept[:MOST])
        raise NotFound(
            f"`{ref.name}` has no revision {back.number}.", f"there are: {there}" if there else "none is kept"
        )
    head = f"`{ref.name}` has no earlier revision: the cluster keeps none but the one that runs."
    if back.target is not None:
        head = f"`{ref.name}` runs revision {back.target.number} already."
    return Reply(Document(Tone.INFO, head), str(ref), ref.namespace)


def _plan(back: Back, target: Held) -> Plan:
    workload, ref = back.workload, back.workload.ref
    first = []
    if paused(workload.object):
        why = "a paused Deployment cannot be rolled back; what was changed meanwhile begins to roll out"
        first.append(Step(Resume(ref.type, ref.namespace, ref.name), why))
    change = undo(ref.type, workload.object, target.holder, back.current.holder if back.current else None)
    why = f"the pod template of revision {target.number} again; it becomes the newest revision"
    after = workload.scene.about(lambda facts: steps_after(Case(facts, ref), change, why, "new pods become ready"))
    # A Deployment's revisions keep their own notes, which come back with them.
    notes = () if ref.kind == "Deployment" else forgotten(workload)
    return plan(*first, *after, *notes, *watch_steps(ref, workload.object))


def _facts(back: Back, target: Held) -> tuple[str, ...]:
    now = back.workload.scene.facts.now
    age = ago(now, moment(text(target.holder, "metadata", "creationTimestamp")))
    cause = text(target.holder, "metadata", "annotations", CAUSE)
    made = f"revision {target.number} was made {age}" if age else f"revision {target.number}"
    runs = f"revision {back.current.number} runs now" if back.current else "the newest change is not rolled out yet"
    changes = differences(table(back.workload.object, "spec", "template"), target.template)
    more = (f"and {len(changes) - MOST} more differences",) if len(changes) > MOST else ()
    same = () if changes else ("both revisions say the same about the pods; only labels or annotations differ",)
    return (runs, made + (f": {cause[:120]}" if cause else ""), *changes[:MOST], *more, *same)
