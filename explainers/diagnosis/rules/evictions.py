"""Pods that the kubelet evicts again and again (classes 76 and 122).

One eviction is history: the pod was made anew elsewhere. When the pod that replaced an evicted one is evicted too,
the reason is still there, even while the next replacement is ready for a moment.
Source: https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.plans.remedies import CHANGEABLE, read_spec, twice
from explainers.diagnosis.views.endings import OUTLASTED, SETTLED, blame
from explainers.diagnosis.views.given_up import of_today, was_evicted
from explainers.diagnosis.views.pods import Pod, text
from explainers.diagnosis.when import ago, moment, span
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.operations.workloads import SetResources
from explainers.patterns import pattern
from explainers.plan import Plan, Step

_OWN_LIMIT = pattern(
    r"ephemeral local storage usage exceeds|exceeded its local ephemeral storage limit|Usage of EmptyDir"
)
_LIMIT = "ephemeral-storage"
TOGETHER = timedelta(seconds=5)
"""Pods that were made within this time may be of one wave."""


def evicted(case: Case) -> Iterable[Finding]:
    """76 for a pod's own limit, 122 for a node that runs short; only while it goes on, and for the pods of today."""
    gone = [pod for pod in of_today(case, [*case.all_pods, *case.given_up]) if was_evicted(pod)]
    if case.target.kind in ("Pod", "Job") and gone and all(pod.finished for pod in case.all_pods):
        yield _for_good(case, gone)
        return
    timed = sorted(((when, pod) for pod in gone if (when := _evicted(pod))), key=lambda one: one[0])
    if len(gone) < 2 or not timed:
        return
    last, pod = timed[-1]
    born, first = pod.created, timed[0][0] if len(timed) > 1 else _first_gone(pod, gone)
    if born is None or first is None or born < first or case.now - last > SETTLED:
        return
    if not case.unready_pods and case.now - last > max(OUTLASTED, 3 * (last - born)):
        return  # the one that replaced it has outlasted it
    yield _finding(case, pod, len(gone), first, last - born)


def _for_good(case: Case, gone: list[Pod]) -> Finding:
    """A pod, or those of a Job, that no other is made instead of."""
    pod = max(gone, key=lambda one: (str(one.created), one.name))
    it = "it was evicted" if case.target.kind == "Pod" else "its pod was evicted"
    times = f" {len(gone)} times" if len(gone) > 1 else ""
    said, own = _said(pod), _OWN_LIMIT.search(_said(pod)) is not None
    seen = (Evidence(f"pod {pod.name}", f"status.reason Evicted: {said}", ago(case.now, _evicted(pod))),)
    plan = Plan((read_spec(blame(case, pod)),))
    layer = Layer.CONTAINER if own else Layer.NEEDS
    return Finding(76 if own else 122, case.target, layer, f"{it}{times}: {said}", seen, plan, since=_evicted(pod))


def _said(pod: Pod) -> str:
    return " ".join(text(pod.object, "status", "message").split()).rstrip(". ")


def _first_gone(newest: Pod, gone: list[Pod]) -> datetime | None:
    """When the first of these was evicted, where only the newest was read because more are there than are wanted at
    once: about when the second was made. None where all may have been made together."""
    made = sorted(one.created for one in gone if one.created)
    apart = len(made) > 1 and newest.created and newest.created - made[0] > TOGETHER
    return made[1] if apart else None


def _evicted(pod: Pod) -> datetime | None:
    """When a pod was evicted, as far as that is known; None for any other."""
    if not was_evicted(pod):
        return None
    told = moment(pod.condition("DisruptionTarget").get("lastTransitionTime"))
    return told or pod.ready_since


def _finding(case: Case, pod: Pod, count: int, first: datetime, lived: timedelta) -> Finding:
    ref, said = blame(case, pod), _said(pod)
    own = _OWN_LIMIT.search(said) is not None
    clause = f"its pods are evicted again and again, {count} so far, the last after {span(lived)}: {said}"
    seen = (
        Evidence(f"pod {pod.name}", f"status.reason Evicted: {said}", ago(case.now, _evicted(pod))),
        Evidence(str(ref), f"{count} of its pods were evicted", f"since {span(case.now - first)}"),
    )
    plan = (_more_room(ref, pod) if own else None) or Plan((read_spec(ref),))
    return Finding(76 if own else 122, ref, Layer.CONTAINER if own else Layer.NEEDS, clause, seen, plan, since=first)


def _more_room(ref: Ref, pod: Pod) -> Plan | None:
    """Twice the local disk for the one container that has a limit of it."""
    limited = [(one.name, text(one.spec, "resources", "limits", _LIMIT)) for one in pod.main_containers]
    found = [(name, limit, twice(limit)) for name, limit in limited if twice(limit)]
    if len(found) != 1 or ref.kind not in CHANGEABLE:
        return None
    name, limit, doubled = found[0]
    change = SetResources(
        ref.type, ref.namespace, ref.name, name, limits=((_LIMIT, doubled),), was_limits=((_LIMIT, limit),)
    )
    why = f"give `{name}` twice the local disk; raise it further if it is evicted again, or write less"
    return Plan((Step(change, why, "the pods stay"), read_spec(ref)))


RULES: tuple[Rule, ...] = (evicted,)
