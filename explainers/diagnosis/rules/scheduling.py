"""Scheduling (classes 78–90): why a pod gets no node.

The scheduler's own words stand in the pod's PodScheduled condition, but they mix the reasons of all
nodes: a cordoned node that the pod could never use counts there too. So the nodes that the pod may
use are looked at first, and only what keeps it from those is the cause.
"""

from collections import Counter
from collections.abc import Iterator

from explainers import kinds
from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans import placement as plans
from explainers.diagnosis.rules import machines, no_room
from explainers.diagnosis.rules.preemption import displaced
from explainers.diagnosis.rules.too_large import also_too_large
from explainers.diagnosis.views.nodes import MANY, OWN, Placement, cordoned, passing, taint_text
from explainers.diagnosis.views.outdated import COMING_UP
from explainers.diagnosis.views.pods import Json, Pod, dicts, number, table, text
from explainers.diagnosis.views.unplaced import many, mismatch, reasons, verdict_of
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.operations.reads import List, continued

ROLE = "node-role.kubernetes.io/"
BESIDE_OTHERS = (82, 83, 85, 86)
FRESH = 4  # seconds that the scheduler is given before its silence means something


def unplaced(case: Case) -> Iterator[Finding]:
    """78–86: the scheduler looked at every node and found none."""
    pod = _waiting(case, "Unschedulable")
    if pod is None or _about_volumes(verdict_of(pod)):
        return
    placement = Placement(pod.spec)
    if many(verdict_of(pod)) or _told_by_words(verdict_of(pod)):
        yield from _of_many(case, pod, placement)
        return
    (answer,) = case.ask(List(kinds.NODE, "", placement.narrowing, limit=MANY))
    if not answer.ok or continued(answer):
        yield from _of_many(case, pod, placement)
        return
    may_use = [node for node in answer.items if placement.wants(node)]
    if not may_use:
        yield _no_match(case, pod, placement)
        return
    free = [node for node in may_use if not cordoned(node) and not placement.untolerated(node)]
    if free:
        yield from no_room.findings(case, pod, free)
        yield from displaced(case, pod)
    else:
        yield _shut(case, pod, placement, may_use)


def _told_by_words(message: str) -> bool:
    """Whether what is in the way stands in other pods, so that no node has to be looked at."""
    others = [words for words in reasons(message) if "node affinity/selector" not in words]
    return bool(others) and all(no_room.class_of(words) in BESIDE_OTHERS for words in others)


def gated(case: Case) -> Iterator[Finding]:
    """87: a scheduling gate holds the pod back on purpose."""
    pod = _waiting(case, "SchedulingGated")
    if pod is None:
        return
    gates = [text(gate, "name") for gate in dicts(pod.spec, "schedulingGates")]
    named = ", ".join(f"`{gate}`" for gate in gates)
    yield Finding(
        87,
        owner(case, pod),
        Layer.POD,
        f"the scheduler does not look at its pods: the scheduling gate {named} is set, and nothing has removed it",
        (Evidence(f"pod {pod.name}", f"schedulingGates: {', '.join(gates)}", ago(case.now, pod.created)),),
        plans.without_gates(case),
        since=pod.created,
    )


def unknown_scheduler(case: Case) -> Iterator[Finding]:
    """88: the pod names a scheduler that does not run, so nobody even looks at it."""
    for pod in _nodeless(case)[:1]:
        name = text(pod.spec, "schedulerName") or "default-scheduler"
        silent = not pod.condition("PodScheduled") and pod.created is not None
        old = pod.created is not None and (case.now - pod.created).total_seconds() >= FRESH
        if name == "default-scheduler" or not silent or not old:
            continue
        seen = f"schedulerName: {name}; no PodScheduled condition"
        yield Finding(
            88,
            owner(case, pod),
            Layer.POD,
            f"no scheduler has looked at its pods: they ask for the scheduler `{name}`, which does not answer here",
            (Evidence(f"pod {pod.name}", seen, ago(case.now, pod.created)),),
            plans.default_scheduler(case),
            Confidence.LIKELY,
            pod.created,
        )


def missing_node(case: Case) -> Iterator[Finding]:
    """89: the pod is bound to a node that does not exist. The scheduler chooses only among those that do."""
    for pod in [pod for pod in case.unready_pods if pod.phase == "Pending" and pod.node][:1]:
        started = pod.condition("Initialized") or dicts(pod.object, "status", "containerStatuses")
        just = pod.condition("PodScheduled") and pod.created and case.now - pod.created < COMING_UP
        if started or just or not case.get(kinds.NODE, pod.node).absent:
            continue
        yield Finding(
            89,
            owner(case, pod),
            Layer.POD,
            f"its pods are bound to the node `{pod.node}`, which does not exist, so nothing starts them",
            (
                Evidence(f"pod {pod.name}", f"nodeName: {pod.node}, phase Pending", ago(case.now, pod.created)),
                Evidence(f"node {pod.node}", "does not exist"),
            ),
            plans.any_node(case),
            since=pod.created,
        )


def nowhere(case: Case) -> Iterator[Finding]:
    """80, for a DaemonSet: it fits no node, so there is no pod and no event to tell."""
    daemon = case.workload
    observed = number(daemon, "status", "observedGeneration") >= number(daemon, "metadata", "generation")
    if text(daemon, "kind") != "DaemonSet" or not observed or number(daemon, "status", "desiredNumberScheduled"):
        return
    placement = Placement(table(daemon, "spec", "template", "spec"))
    if not placement.selector and not placement.terms:
        return
    wrong = mismatch(case, placement)
    if wrong is None:
        return
    ref = case.workload_ref or case.target
    yield Finding(
        80,
        ref,
        Layer.POD,
        f"its pods fit no node: {wrong.sentence}",
        (Evidence(str(ref), "0 nodes fit, so no pod is wanted"), *wrong.evidence),
        plans.placement(case, placement, wrong),
        Confidence.SURE if wrong.near else Confidence.LIKELY,
        benign=not wrong.near,
    )


def _nodeless(case: Case) -> list[Pod]:
    return [pod for pod in case.unready_pods if pod.phase == "Pending" and not pod.node]


def _waiting(case: Case, reason: str) -> Pod | None:
    return next((pod for pod in _nodeless(case) if pod.condition("PodScheduled").get("reason") == reason), None)


def _about_volumes(message: str) -> bool:
    """Volumes are judged by rules/storage.py, from the claims themselves."""
    told = message.lower()
    return any(word in told for word in ("persistentvolumeclaim", "volume node affinity", "persistentvolume's"))


def owner(case: Case, pod: Pod) -> Ref:
    """The object whose template is to be changed: the workload, or the bare pod."""
    return case.workload_ref or pod.ref


def said(case: Case, pod: Pod) -> Evidence:
    """The scheduler's words about the pod."""
    since = moment(pod.condition("PodScheduled").get("lastTransitionTime"))
    return Evidence(f"pod {pod.name}", verdict_of(pod), ago(case.now, since))


def _no_match(case: Case, pod: Pod, placement: Placement) -> Finding:
    wrong = mismatch(case, placement)
    sentence = wrong.sentence if wrong else "no node satisfies its node selector and affinity together"
    found = Finding(
        80,
        owner(case, pod),
        Layer.POD,
        f"its pods fit on no node: {sentence}",
        (said(case, pod), *(wrong.evidence if wrong else ())),
        plans.placement(case, placement, wrong),
        since=pod.created,
    )
    return also_too_large(case, pod, found)


def _shut(case: Case, pod: Pod, placement: Placement, nodes: list[Json]) -> Finding:
    """Every node that the pod may use is cordoned or tainted."""
    closed = [
        node for node in nodes if cordoned(node) and all(passing(node, taint) for taint in placement.untolerated(node))
    ]
    if closed:
        return _cordoned(case, pod, closed, nodes)
    node, taint = _telling_taint(placement, nodes)
    return _tainted(case, pod, node, taint, placement)


def _telling_taint(placement: Placement, nodes: list[Json]) -> tuple[Json, Json]:
    """The taint to name, and its node: one set by hand rather than by the cluster, and the rarest of those.

    What keeps a pool or the control plane apart is on many nodes and meant to be there.
    """
    tainted = [(node, taint) for node in nodes for taint in placement.untolerated(node)]
    common = Counter(taint_text(taint) for _, taint in tainted)

    def order(row: tuple[Json, Json]) -> tuple[object, ...]:
        key, own = str(row[1].get("key")), len(placement.untolerated(row[0]))
        return (
            key.startswith(OWN),
            key.startswith(ROLE),
            common[taint_text(row[1])],
            own,
            text(row[0], "metadata", "name"),
        )

    return min(tainted, key=order)


def _cordoned(case: Case, pod: Pod, closed: list[Json], nodes: list[Json]) -> Finding:
    name = text(closed[0], "metadata", "name")
    others = len(nodes) - 1
    beside = "the other one that they may use is" if others == 1 else f"the {others} others that they may use are"
    among = f"{beside} cordoned or tainted too" if others else "the only node that they may use"
    return Finding(
        84,
        Ref("Node", "", name),
        Layer.CLUSTER,
        f"its pods wait for the node `{name}`, which is cordoned ({among})",
        (said(case, pod), Evidence(f"node {name}", "spec.unschedulable: true")),
        plans.uncordon(name),
        since=pod.created,
    )


def _tainted(case: Case, pod: Pod, node: Json, taint: Json, placement: Placement) -> Finding:
    name, shown = text(node, "metadata", "name"), taint_text(taint)
    evidence = (said(case, pod), Evidence(f"node {name}", f"taint {shown}"))
    if str(taint.get("key")).startswith(OWN):
        word = str(taint["key"]).removeprefix(OWN)
        clause = f"its pods may use only the node `{name}`, which is {word}"
        return Finding(121, Ref("Node", "", name), Layer.CLUSTER, clause, evidence, since=pod.created)
    every = placement.untolerated(node)
    return Finding(
        81,
        owner(case, pod),
        Layer.POD,
        f"its pods do not tolerate the taint `{shown}` of the node `{name}`, and no other node fits them",
        evidence,
        plans.tolerate(case, node, every),
        since=pod.created,
    )


def _of_many(case: Case, pod: Pod, placement: Placement) -> Iterator[Finding]:
    """Nodes may not be read, are too many to be, or need not be: what the scheduler said must do, and one that shows
    it."""
    told = reasons(verdict_of(pod))
    others = {words: count for words, count in told.items() if "node affinity/selector" not in words}
    if not others and told:
        clause = "no node fits the node selector or the node affinity of its pods"
        yield Finding(80, owner(case, pod), Layer.POD, clause, (said(case, pod),), since=pod.created)
        return
    yield from no_room.findings(case, pod, [])
    if any(no_room.class_of(words) for words in others):
        yield from displaced(case, pod)
        return
    shut = any("unschedulable" in words for words in others)
    fields = "spec.unschedulable=true" if shut else ""
    (answer,) = case.ask(List(kinds.NODE, "", placement.narrowing, fields, limit=MANY))
    shown = [node for node in answer.items if placement.wants(node)]
    for words in others:
        if "unschedulable" in words:
            yield _one_cordoned(case, pod, shown)
        elif "taint" in words and not shut:
            yield _one_tainted(case, pod, placement, shown, words)


def _one_cordoned(case: Case, pod: Pod, shown: list[Json]) -> Finding:
    clause = "the nodes that would fit its pods are cordoned"
    if not shown:
        return Finding(84, owner(case, pod), Layer.POD, clause, (said(case, pod),), since=pod.created)
    name = text(shown[0], "metadata", "name")
    seen = (said(case, pod), Evidence(f"node {name}", "spec.unschedulable: true"))
    clause += f", `{name}` among them"
    return Finding(84, Ref("Node", "", name), Layer.CLUSTER, clause, seen, plans.uncordon(name), since=pod.created)


def _one_tainted(case: Case, pod: Pod, placement: Placement, shown: list[Json], words: str) -> Finding:
    clause = f"its pods do not tolerate the taints of the nodes ({words})"
    if tainted := [node for node in shown if placement.untolerated(node)]:
        node, taint = _telling_taint(placement, tainted)
        if not str(taint.get("key")).startswith(OWN):
            return _tainted(case, pod, node, taint, placement)
        name, word = text(node, "metadata", "name"), str(taint["key"]).removeprefix(OWN)
        clause = f"the nodes that its pods may use are not to be used, `{name}` among them, which is {word}"
        seen = (said(case, pod), Evidence(f"node {name}", f"taint {taint_text(taint)}"))
        return Finding(121, Ref("Node", "", name), Layer.CLUSTER, clause, seen, since=pod.created)
    return Finding(81, owner(case, pod), Layer.POD, clause, (said(case, pod),), since=pod.created)


RULES: tuple[Rule, ...] = (unplaced, gated, unknown_scheduler, missing_node, nowhere, *machines.RULES)
