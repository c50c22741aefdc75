"""Plans for configuration: refer to what is there, create what is not, go back, restart."""

from collections.abc import Sequence
from dataclasses import replace

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.plans.again import read_anew
from explainers.diagnosis.plans.made_again import UNCHANGEABLE, made_again
from explainers.diagnosis.views.pods import Json, dicts, dig, table
from explainers.diagnosis.views.references import Reference, Renaming, references
from explainers.diagnosis.views.revisions import revisions
from explainers.diagnosis.views.template import steps_after, template_patch
from explainers.kinds import Ref
from explainers.operations.base import Change
from explainers.operations.config import CreateConfigMap, CreateSecret
from explainers.operations.patches import Patch
from explainers.operations.reads import Get
from explainers.operations.rollouts import undo
from explainers.operations.workloads import workload
from explainers.plan import Plan, Step

PLACEHOLDER = "CHANGE-ME"
UNKNOWN_KEY = "KEY"
STARTS = "the containers start within half a minute"
MOUNTED = "the kubelet mounts it with its next try, which may take two minutes, and the containers start"
NEXT_TRY = "the next start of the container reads it; in a crash loop that may take five minutes"
NEW = "the new pods start and stay up"


def keys_of(thing: Json) -> set[str]:
    """The keys of a Secret or ConfigMap that its managed fields name: known without reading a value.

    Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
    """
    return {
        key.removeprefix("f:")
        for entry in dicts(thing, "metadata", "managedFields")
        for field in ("f:data", "f:stringData", "f:binaryData")
        for key in table(dig(entry, "fieldsV1"), field)
        if key.startswith("f:")
    }


def for_absent(case: Case, uses: Sequence[Reference], near: str, ran: bool = False) -> Plan:
    """Refer to the near name; else go back to a revision that did without; else create it. Pods that `ran` without it
    are made again then."""
    one = uses[0]
    make = create(case, one, sorted({use.key for use in uses} - {""}))
    if near:
        steps = _renamed(case, Renaming(one.kind, one.name, near), f"read `{near}`, if that is what was meant")
        if steps:
            return Plan(steps, (*_read(case, make, ran), *back(case, one)))
    return filled_in(case, _read(case, make, ran), back(case, one))


def for_key(case: Case, one: Reference, near: str, ran: bool = False) -> Plan:
    """Read the near key; else put the key into the ConfigMap; of a Secret nobody but its owner knows the value. Pods
    that `ran` without it are made again then."""
    steps: tuple[Step, ...] = ()
    if near:
        renaming = Renaming(one.kind, one.name, one.name, one.key, near)
        steps = _renamed(case, renaming, f"read the key `{near}`, if that is what was meant")
    put, before = _read(case, put_key(case, one), ran), back(case, one, there=True)
    return Plan(steps, (*put, *before)) if steps else filled_in(case, put, before)


def _renamed(case: Case, renaming: Renaming, why: str) -> tuple[Step, ...]:
    """Let the template refer to another thing. Where it cannot be changed, the Job is made again with it, and a pod of
    nobody has to be."""
    patch = renaming.patch(table(case.template, "spec"))
    ref = case.workload_ref or case.target
    if ref.kind == kinds.JOB.name:
        return made_again(case, patch, f"{why}: {UNCHANGEABLE}", STARTS)
    if ref.kind == kinds.POD.name:
        look = Get(ref.type, ref.namespace, ref.name)
        return (Step(look, f"{why}: a pod keeps the spec that it has, so make it again with that"),)
    return steps_after(case, template_patch(case, patch), why, STARTS)


def filled_in(case: Case, steps: tuple[Step, ...], before: tuple[Step, ...]) -> Plan:
    """A plan of steps in which a placeholder may stand, or else of those that go back to `before`. Where pods serve
    that new ones would replace, nobody has a placeholder put in by mistake: going back, or a look, comes first."""
    holes = any(PLACEHOLDER in step.operation.line() for step in steps)
    if not holes or case.workload_ref is None or not any(pod.ready for pod in case.pods):
        return Plan(steps, before)
    ref = case.workload_ref
    look = Step(Get(ref.type, ref.namespace, ref.name), "what it needs stands here; the pods that serve go on")
    return Plan(before or (look,), steps)


def _read(case: Case, made: Step, ran: bool) -> tuple[Step, ...]:
    """What is made, and how the pods come to read it. A container that waits for it is tried again all the time; one
    that `ran` without it is started again after a wait that grows with each end, up to five minutes.

    Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy
    """
    if not ran:
        return (made,)
    again = read_anew(case, "make new pods, instead of waiting up to five minutes for the next try", NEW)
    return (replace(made, expect="" if again else NEXT_TRY), *again)


def put_key(case: Case, one: Reference) -> Step:
    """Put the key into the ConfigMap or Secret."""
    ref = Ref(one.kind, case.namespace, one.name)
    body = {"data" if one.kind == "ConfigMap" else "stringData": {one.key: PLACEHOLDER}}
    add = Patch(ref.type, ref.namespace, ref.name, body, "merge", {"data": {one.key: None}})
    return Step(add, f"add the key, with its real value in place of {PLACEHOLDER}", _seen(one))


def back(case: Case, one: Reference, there: bool = False) -> tuple[Step, ...]:
    """Go back to the last revision that does without the thing or, where it is `there`, without this key of it."""

    def without(template: Json) -> bool:
        needed = [each for each in references(table(template, "spec")) if not each.optional]
        same = [each for each in needed if (each.kind, each.name) == (one.kind, one.name)]
        return not any(each.key == one.key for each in same) if there else not same

    ref, two = case.workload_ref, revisions(case, without)
    if ref is None or two is None:
        return ()
    change = undo(ref.type, case.workload, two.holder_before, two.holder)
    return steps_after(case, change, f"go back to revision {two.previous}, which did not need it", STARTS)


def create(case: Case, one: Reference, keys: Sequence[str]) -> Step:
    """Create the ConfigMap or Secret, with these keys."""
    values = tuple((key, PLACEHOLDER) for key in keys)
    said = f"create it, with the real values in place of {PLACEHOLDER}" if values else (
        "create it; empty it lets the pods start, fill in what the program reads"
    )  # fmt: skip
    if not values and not workload((case.workload_ref or case.target).type):
        values = ((UNKNOWN_KEY, PLACEHOLDER),)
        said = f"create it, with what the program reads in place of {UNKNOWN_KEY} and {PLACEHOLDER}; with an empty one "
        said += "it would run without"
    if one.kind == "ConfigMap":
        change: Change = CreateConfigMap(case.namespace, one.name, values)
        return Step(change, said, _seen(one))
    return Step(CreateSecret(case.namespace, one.name, literals=values), said, _seen(one))


def _seen(one: Reference) -> str:
    """What to expect once it is there: between two tries to mount a volume the kubelet waits longer each time.

    Source: k8s.io/kubernetes/pkg/util/goroutinemap/exponentialbackoff, maxDurationBeforeRetry
    """
    return STARTS if one.container else MOUNTED
