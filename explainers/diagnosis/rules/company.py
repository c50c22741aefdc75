"""Pods that run and refuse the company of a new one (class 82); called by rules/no_room.py.

Required anti-affinity works both ways: the scheduler keeps a pod also away from those whose own rule names its labels.
So a corrected template does not help while pods of the earlier one hold the places, and a rollout that first wants new
pods ready never ends those.
Source: https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#inter-pod-affinity-and-anti-affinity
"""

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans import placement as plans
from explainers.diagnosis.views.pods import Pod, dicts, table
from explainers.diagnosis.views.uniform import CONTROLLER_HASH
from explainers.diagnosis.views.unplaced import verdict_of
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.operations.reads import Get
from explainers.operations.rollouts import HASH_LABEL
from explainers.plan import Plan, Step
from explainers.selectors import matches

REQUIRED = ("affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
_HASHES = (HASH_LABEL, CONTROLLER_HASH)


def of_existing(words: str) -> bool:
    """Whether the scheduler speaks of what others demand, and not of the pod's own rule."""
    return "existing pods" in words


def refused(case: Case, pod: Pod) -> Finding:
    """82: those that are there refuse it: pods of its own workload's earlier template, else of another one."""
    old = [one for one in case.pods if _earlier(one, pod) and refuses(one, pod)]
    where = case.workload_ref or pod.ref
    since = moment(pod.condition("PodScheduled").get("lastTransitionTime"))
    seen = [Evidence(f"pod {pod.name}", verdict_of(pod), ago(case.now, since))]
    if old:
        those, have = (f"`{old[0].name}`", "has") if len(old) == 1 else (f"{len(old)} of them", "have")
        clause = (
            f"pods of its earlier template refuse the company of new ones (required pod anti-affinity), and {those} "
            f"{have} the place: the new pod `{pod.name}` waits for them to go, and they for it to be ready"
        )
        plan = plans.make_way(case, old)
    else:
        others = sorted(map(Pod, case.find(kinds.POD).items), key=lambda one: one.name)
        old = [one for one in others if one.name != pod.name and one.node and not one.finished and refuses(one, pod)]
        by = f"`{old[0].name}`" if old else "pods that run"
        clause = f"the required pod anti-affinity of {by} keeps the pod `{pod.name}` away from every node"
        plan = Plan(tuple(_look(one) for one in old[:1]))
    seen += [Evidence(f"pod {one.name}", "its podAntiAffinity names the labels of the new pod") for one in old[:2]]
    return Finding(82, where, Layer.POD, clause, tuple(seen), plan, Confidence.SURE, since)


def _look(pod: Pod) -> Step:
    why = "see whom its `podAntiAffinity` keeps away: narrow its rule, or give the new pod other labels"
    return Step(Get(kinds.POD, pod.namespace, pod.name), why)


def refuses(one: Pod, other: Pod) -> bool:
    """Whether a pod's required anti-affinity names the labels of another one."""
    return any(matches(table(term, "labelSelector"), other.labels) for term in dicts(one.spec, *REQUIRED))


def _earlier(one: Pod, pod: Pod) -> bool:
    return bool(one.node) and any(key in pod.labels and one.labels.get(key) != pod.labels[key] for key in _HASHES)
