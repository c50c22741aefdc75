"""Pods that the kubelet evicts again and again (classes 76 and 122).

One eviction is history: the pod was made anew elsewhere. When the pod that replaced an evicted one is evicted too,
the reason is still there, even while the next replacement is ready for a moment.
Source: https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.plans.evictions import limit_told, more_disk
from explainers.diagnosis.plans.remedies import read_spec
from explainers.diagnosis.standing import wanted_pods
from explainers.diagnosis.views.endings import OUTLASTED, SETTLED, blame
from explainers.diagnosis.views.former import EVICTED, former_pods
from explainers.diagnosis.views.given_up import LEAVERS, last_given_up, of_today, was_evicted
from explainers.diagnosis.views.misspelt import unit_forgotten
from explainers.diagnosis.views.pods import Pod, number, table, text
from explainers.diagnosis.when import ago, moment, span
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.patterns import pattern
from explainers.plan import Plan

_OWN_LIMIT = pattern(
    r"ephemeral local storage usage exceeds|exceeded its local ephemeral storage limit|Usage of EmptyDir"
)
TOGETHER = timedelta(seconds=5)
"""Pods that were made within this time may be of one wave."""


def evicted(case: Case) -> Iterable[Finding]:
    """76 for a pod's own limit, 122 for a node that runs short; only while it goes on, and for the pods of today."""
    gone = [pod for pod in of_today(case, [*case.all_pods, *case.given_up]) if was_evicted(pod)]
    if case.target.kind in ("Pod", "Job") and gone and all(pod.finished for pod in case.all_pods):
        yield _for_good(case, gone)
        return
    if len(gone) < 2:
        yield from list(_told_by_events(case)) or list(_once(case, gone)) or _before(case)
        return
    timed = sorted(
        ((when, pod) for pod in gone if (when := _evicted(pod))), key=lambda one: (one[0], str(one[1].created))
    )
    if not timed:
        return
    seen_last, pod = timed[-1]
    last = last_given_up(case, seen_last)
    born, first = pod.created, timed[0][0] if len(timed) > 1 else _first_gone(pod, gone)
    if born is None or first is None or born < first or case.now - last > SETTLED:
        return
    lived = seen_last - born
    if not _outlasted(case, last, lived):
        said, ref = _said(text(pod.object, "status", "message")), blame(case, pod)
        seen = Evidence(f"pod {pod.name}", f"status.reason Evicted: {said}", ago(case.now, seen_last))
        count = f"{case.pile.at_least}{len(gone)} so far, {'one' if case.pile.more else 'the last'} after {span(lived)}"
        yield _finding(case, ref, said, seen, count, first)


def _once(case: Case, gone: list[Pod]) -> Iterable[Finding]:
    """A pod that was evicted for a limit of its own, which the one that was made instead has as well and has not yet
    outlasted: no fault so far, but it may come again."""
    pod = gone[0] if gone and not case.pile.more else None
    when, ref = (_evicted(pod), case.workload_ref) if pod else (None, None)
    if pod is None or when is None or ref is None or pod.created is None or case.unready_pods:
        return
    said = _said(text(pod.object, "status", "message"))
    if case.now - when > SETTLED or not _OWN_LIMIT.search(said) or _outlasted(case, when, when - pod.created):
        return
    clause = (
        f"one of its pods was evicted {ago(case.now, when)}, {span(when - pod.created)} after it was made: "
        f"{said}{_unit(said)}; the pod that was made instead has the same limit, and may be evicted too"
    )
    seen = Evidence(f"pod {pod.name}", f"status.reason Evicted: {said}", ago(case.now, when))
    plan = more_disk(case, ref, Pod({"spec": table(case.template, "spec")}), said)
    yield Finding(76, ref, Layer.CONTAINER, clause, (seen,), Plan((), plan.steps), since=when, benign=True)


def _before(case: Case) -> Iterable[Finding]:
    """Pods of the template before that were evicted for a limit of their own, where those of now are younger than the
    last of them became: no fault, but too early to call it mended."""
    old = [pod for pod in [*case.all_pods, *case.given_up] if pod.whole and was_evicted(pod)]
    timed = sorted(((when, pod.name, pod) for pod in old if (when := _evicted(pod))), reverse=True)
    pod, ref = (timed[0][2] if timed else None), case.workload_ref
    alive = [one.created for one in case.pods if one.created]
    if pod is None or ref is None or pod.created is None or pod in of_today(case, old) or not alive:
        return
    when, age, said = timed[0][0], case.now - max(alive), _said(text(pod.object, "status", "message"))
    if case.unready_pods or case.now - when > SETTLED or age > when - pod.created or not _OWN_LIMIT.search(said):
        return
    clause = (
        f"a pod of its template before was evicted {ago(case.now, when)}, {span(when - pod.created)} after it was "
        f"made: {said}; the newest of now is {span(age)} old, so it is too early to say that it stays"
    )
    seen = Evidence(f"pod {pod.name}", f"status.reason Evicted: {said}", ago(case.now, when))
    yield Finding(76, ref, Layer.CONTAINER, clause, (seen,), since=when, benign=True)


def _told_by_events(case: Case) -> Iterable[Finding]:
    """The same of pods that are gone: one after the other of the same name, or more of them than are wanted."""
    gone = former_pods(case).only(lambda one: one.reason == EVICTED)
    names = {one.name for one in gone.pods}
    again = gone.more or len(names) < len(gone.pods) or len(gone.pods) > max(1, wanted_pods(case.workload))
    last = gone.last
    if len(gone.pods) < 2 or not again or last is None or case.workload_ref is None:
        return
    newest = gone.pods[-1]
    before = next((one for one in reversed(gone.pods[:-1]) if one.name == newest.name), gone.pods[-2])
    lived = newest.when - before.when
    if case.now - last > SETTLED or _outlasted(case, last, lived):
        return
    seen = Evidence(f"event Evicted of pod {newest.name}", newest.said, ago(case.now, newest.when))
    ran = f"{gone.count}, {'one' if gone.more else 'the last'} after {span(lived)}"
    yield _finding(case, case.workload_ref, newest.said, seen, ran, gone.pods[0].when)


def _outlasted(case: Case, last: datetime, lived: timedelta) -> bool:
    """Whether the pod that was made instead of the last one has outlasted it."""
    return not case.unready_pods and case.now - last > max(OUTLASTED, 3 * lived)


def _for_good(case: Case, gone: list[Pod]) -> Finding:
    """A pod, or those of a Job, that no other is made instead of."""
    pod = max(gone, key=lambda one: (str(one.created), one.name))
    it = "it was evicted" if case.target.kind == "Pod" else "its pod was evicted"
    times = f" {len(gone)} times" if len(gone) > 1 else ""
    said = _said(text(pod.object, "status", "message"))
    own = _OWN_LIMIT.search(said) is not None
    seen = (Evidence(f"pod {pod.name}", f"status.reason Evicted: {said}", ago(case.now, _evicted(pod))),)
    plan = Plan((read_spec(blame(case, pod)),))
    layer, clause = Layer.CONTAINER if own else Layer.NEEDS, f"{it}{times}: {said}{_unit(said)}"
    well = _replaced(case)
    if well:
        clause, plan = f"{clause}; it has been replaced since, and {well}", Plan()
    return Finding(76 if own else 122, case.target, layer, clause, seen, plan, since=_evicted(pod), benign=bool(well))


def _replaced(case: Case) -> str:
    """How the Deployment or ReplicaSet of an evicted pod stands, where it has all pods that it wants; else empty."""
    owner = case.workload_ref
    if owner is None or owner.kind not in LEAVERS or case.target.kind != "Pod":
        return ""
    wanted, ready = number(case.workload, "spec", "replicas"), number(case.workload, "status", "readyReplicas")
    return f"{owner.kind} `{owner.name}` is well: {ready} of {wanted} pods ready" if ready >= wanted > 0 else ""


def _unit(said: str) -> str:
    """What is to be said of a limit in which nothing can be written."""
    return unit_forgotten(limit_told(said)) if _OWN_LIMIT.search(said) else ""


def _said(message: str) -> str:
    return " ".join(message.split()).rstrip(". ")


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


def _finding(case: Case, ref: Ref, said: str, seen: Evidence, times: str, first: datetime) -> Finding:
    own = _OWN_LIMIT.search(said) is not None
    clause = f"its pods are evicted again and again, {times}: {said}{_unit(said)}"
    rows = (seen, Evidence(str(ref), f"evicted pods: {times}", f"since {span(case.now - first)}"))
    plan = more_disk(case, ref, Pod({"spec": table(case.template, "spec")}), said) if own else Plan((read_spec(ref),))
    return Finding(76 if own else 122, ref, Layer.CONTAINER if own else Layer.NEEDS, clause, rows, plan, since=first)


RULES: tuple[Rule, ...] = (evicted,)
