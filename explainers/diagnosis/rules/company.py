"""Pods that run and refuse the company of a new one (class 82); called by rules/no_room.py.

Required anti-affinity works both ways: the scheduler keeps a pod also away from those whose own rule names its labels.
So a corrected template does not help while pods of the earlier one hold the places, and a rollout that first wants new
pods ready never ends those.
Source: https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#inter-pod-affinity-and-anti-affinity
"""

from datetime import datetime

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans import placement as plans
from explainers.diagnosis.views.pods import Pod, dicts, table
from explainers.diagnosis.views.read_pods import whole_ones
from explainers.diagnosis.views.uniform import CONTROLLER_HASH
from explainers.diagnosis.views.unplaced import verdict_of
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.operations.reads import Get, List, continued
from explainers.operations.rollouts import HASH_LABEL
from explainers.plan import Plan, Step
from explainers.selectors import matches

REQUIRED = ("affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
_HASHES = (HASH_LABEL, CONTROLLER_HASH)
LOOKED_AT = 10
"""Pods of the namespace that are looked at for one that refuses the new one; of more, it may not be named."""


def of_existing(words: str) -> bool:
    """Whether the scheduler speaks of what others demand, and not of the pod's own rule."""
    return "existing pods" in words


def refused(case: Case, pod: Pod) -> Finding:
    """82: those that are there refuse it: pods of its own workload's earlier template, else of another one."""
    old = [one for one in _earlier(case, pod) if refuses(one, pod)]
    where = case.workload_ref or pod.ref
    since = moment(pod.condition("PodScheduled").get("lastTransitionTime"))
    seen = [Evidence(f"pod {pod.name}", verdict_of(pod), ago(case.now, since))]
    if old:
        clause = (
            f"`{old[0].name}` of its earlier template refuses the company of new ones (required pod "
            f"anti-affinity): the new pod `{pod.name}` waits for it to go, and it for that one to be ready"
        )
        plan = plans.make_way(case, pod, old)
    else:
        (page,) = case.ask(List(kinds.POD, case.namespace, limit=LOOKED_AT))
        others = sorted(map(Pod, page.items), key=lambda one: one.name)
        old = [one for one in others if one.name != pod.name and one.node and not one.finished and refuses(one, pod)]
        if not old and page.ok and not continued(page):
            return _no_longer(pod, where, seen[0], since)
        by = f"`{old[0].name}`" if old else "pods that run"
        clause = f"the required pod anti-affinity of {by} keeps the pod `{pod.name}` away from every node"
        plan = Plan(tuple(_look(one) for one in old[:1]))
    seen += [Evidence(f"pod {one.name}", "its podAntiAffinity names the labels of the new pod") for one in old[:2]]
    return Finding(82, where, Layer.POD, clause, tuple(seen), plan, Confidence.SURE, since)


def _no_longer(pod: Pod, where: Ref, seen: Evidence, since: datetime | None) -> Finding:
    """82: what refused it has gone, at least in its namespace, and it has not been tried again."""
    clause = (
        f"the pod `{pod.name}` was kept away by the required pod anti-affinity of others; none of its namespace "
        "refuses it any more, and the scheduler has not tried it again"
    )
    plan = Plan((plans.anew(pod),)) if pod.owner else Plan()
    return Finding(82, where, Layer.POD, clause, (seen,), plan, Confidence.LIKELY, since)


def _look(pod: Pod) -> Step:
    why = "see whom its `podAntiAffinity` keeps away: narrow its rule, or give the new pod other labels"
    return Step(Get(kinds.POD, pod.namespace, pod.name), why)


def refuses(one: Pod, other: Pod) -> bool:
    """Whether a pod's required anti-affinity names the labels of another one."""
    return any(matches(table(term, "labelSelector"), other.labels) for term in dicts(one.spec, *REQUIRED))


def _earlier(case: Case, pod: Pod) -> list[Pod]:
    """The pods of other templates that have a node, of those that look alike one."""
    found = [one for one in case.pods if any(_differ(one, pod, key) for key in _HASHES)]
    return [one for one in whole_ones(case, found) if one.node]


def _differ(one: Pod, pod: Pod, key: str) -> bool:
    return key in pod.labels and key in one.labels and one.labels[key] != pod.labels[key]
