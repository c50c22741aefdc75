"""Plans that let a pod find a node."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.views.nodes import KNOWN, Placement, taint_text
from explainers.diagnosis.views.pods import Container, Json, Pod, dicts, number, table, text
from explainers.diagnosis.views.revisions import recent_change
from explainers.diagnosis.views.template import CHANGEABLE, steps_after, template_patch
from explainers.diagnosis.views.unplaced import Mismatch, labelled_nodes
from explainers.operations.base import Change
from explainers.operations.nodes import RemoveTaint, Uncordon
from explainers.operations.objects import in_container, in_pod_spec
from explainers.operations.patches import Label, Patch
from explainers.operations.pods import Delete
from explainers.operations.reads import List
from explainers.operations.rollouts import HASH_LABEL
from explainers.operations.workloads import Scale, SetResources, workload
from explainers.plan import Plan, Step
from explainers.quantities import amount, written

_PLACED = "the scheduler places the pods within seconds"
_OWNED = ("kubernetes.io", "k8s.io")
"""Domains of labels that the kubelet, the cloud or a controller sets, as facts about the node.

Source: https://kubernetes.io/docs/reference/labels-annotations-taints/
"""
_FOR_PEOPLE = ("node-role.kubernetes.io", "node-restriction.kubernetes.io")
"""Domains among them whose labels people set."""
_SYMMETRIC = "new pods are placed once the old ones, which still refuse company, are gone"


def _changing(case: Case, change: Change | None, why: str, *alternatives: Step) -> Plan:
    steps = steps_after(case, change, why, _PLACED)
    return Plan(steps, alternatives) if steps else Plan(alternatives)


def smaller(case: Case, container: Container, resource: str, wanted: Fraction, most: Fraction) -> Plan:
    """Ask for less: a tenth of the largest node, at most a third of what was asked for. Only a look where the last
    change asked for less already: the program may need what is left."""
    ref = case.workload_ref
    if ref is None or ref.kind not in CHANGEABLE:
        return Plan()
    was, own = _asked_before(case, container, resource), text(container.spec, "resources", "requests", resource)
    if was and (amount(was) or 0) > (amount(own) or 0):
        return look_at_nodes(resource)
    modest = min(wanted / 3, most / 10) if most else wanted / 3
    asked = written(resource, modest)
    requests = ((resource, asked),)
    side = "initContainers" if container.init else "containers"
    stated = next((one for one in dicts(case.template, "spec", side) if one.get("name") == container.name), {})
    before = text(stated, "resources", "requests", resource)
    change: Change = SetResources(
        ref.type, ref.namespace, ref.name, container.name, requests, init=container.init,
        was_requests=((resource, before),) if before else None,
    )  # fmt: skip
    if not workload(ref.type):  # kubectl's `set resources` is for workloads that run on
        bodies = [
            in_container(ref.type, container.name, {"resources": {"requests": {resource: one}}}, container.init)
            for one in (asked, before or None)
        ]
        change = Patch(ref.type, ref.namespace, ref.name, bodies[0], back=bodies[1])
    why = f"ask for {asked} of {resource}, which fits beside others; take what the program really needs if you know it"
    return _changing(case, change, why, *look_at_nodes(resource).steps)


def as_many_as_fit(case: Case, container: Container, resource: str, otherwise: Plan) -> Plan:
    """Be content with the replicas that run, which is safe; what is asked for can be cut in peace. Not where the last
    change asked for more: then those that run are no measure of what fits."""
    was, own = _asked_before(case, container, resource), text(container.spec, "resources", "requests", resource)
    fewer = _as_many_as_fit(case)
    if not fewer or (was and (amount(was) or 0) < (amount(own) or 0)):
        return otherwise
    room = "; its rollout makes a new pod before it ends an old one, so first there must be room for one"
    surges = room if _surges(case.workload) else ""
    others = tuple(
        replace(step, why=f"{step.why}{surges}") if step.changes else step
        for step in (*otherwise.steps, *otherwise.alternatives)
    )
    return Plan(fewer, others)


def _asked_before(case: Case, container: Container, resource: str) -> str:
    """What the container asked for before a recent change; empty where there was none, or it asked for nothing."""
    change = recent_change(case)
    return text(change.container_before(container.name), "resources", "requests", resource) if change else ""


def look_at_nodes(resource: str) -> Plan:
    """See what the nodes offer; a bigger or free node is the other way."""
    return Plan((Step(List(kinds.NODE, ""), f"see under `allocatable` how much {resource} each node offers"),))


def placement(case: Case, demand: Placement, wrong: Mismatch | None) -> Plan:
    """Correct the demand that no node meets: to the nearest label, else drop it."""
    if wrong is None:
        return look_at_nodes("room")
    if wrong.key in demand.selector:
        new: Json = {wrong.key: None}
        if wrong.near:
            new[wrong.near_key] = wrong.near_value
        change = template_patch(case, {"nodeSelector": new})
    else:
        change = template_patch(case, {"affinity": {"nodeAffinity": _required(_corrected(demand.terms, wrong))}})
    why = f"demand `{wrong.near}`, a label that nodes carry" if wrong.near else f"drop the demand for `{wrong.key}`"
    if not wrong.near and wrong.key in KNOWN:
        why += ", if its image is made for these nodes too; else it needs another image, or a node of that sort"
    others = _label(case, wrong)
    return _changing(case, change, why, *others)


def _required(terms: list[Json]) -> Json:
    return {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms} if terms else None}


def _corrected(terms: list[Json], wrong: Mismatch) -> list[Json]:
    """The terms with the wrong requirement replaced or dropped; a term that is left empty would fit no node."""
    kept = []
    for term in terms:
        rules = [_replaced(rule, wrong) for rule in dicts(term, "matchExpressions")]
        left = [rule for rule in rules if rule]
        fields = dicts(term, "matchFields")
        if left or fields:
            kept.append({"matchExpressions": left, **({"matchFields": fields} if fields else {})})
    return kept


def _replaced(rule: Json, wrong: Mismatch) -> Json:
    if rule.get("key") != wrong.key:
        return rule
    return {"key": wrong.near_key, "operator": "In", "values": [wrong.near_value]} if wrong.near else {}


def _label(case: Case, wrong: Mismatch) -> list[Step]:
    nodes = {text(node, "metadata", "name"): table(node, "metadata", "labels") for node in labelled_nodes(case).items}
    first = min(nodes, default="")
    if not first or len(wrong.wanted) != 1 or _tells_a_fact(wrong.key):
        return []
    was = tuple((key, str(value)) for key, value in nodes[first].items() if key == wrong.key)
    step = Label(kinds.NODE, "", first, ((wrong.key, wrong.wanted[0]),), was=was)
    return [Step(step, "if the demand is meant: give a fitting node that label")]


def _tells_a_fact(key: str) -> bool:
    """Whether a label says what the node is (`kubernetes.io/arch`): set by hand it would only be a lie."""
    domain, slash, _ = key.rpartition("/")
    return bool(slash) and _within(domain, _OWNED) and not _within(domain, _FOR_PEOPLE)


def _within(domain: str, domains: Sequence[str]) -> bool:
    return any(domain == one or domain.endswith(f".{one}") for one in domains)


def uncordon(node: str) -> Plan:
    return Plan(
        (Step(Uncordon(node), "let the node accept pods again, if its maintenance is over", _PLACED),),
        (Step(List(kinds.NODE, "", fields="spec.unschedulable=true"), "see which nodes are cordoned"),),
    )


def tolerate(case: Case, node: Json, taints: Sequence[Json]) -> Plan:
    """Tolerate exactly these taints, beside what is tolerated already."""
    name, every = text(node, "metadata", "name"), tuple(dicts(node, "spec", "taints"))
    mine = dicts(case.template, "spec", "tolerations")
    change = template_patch(case, {"tolerations": [*mine, *(_toleration(taint) for taint in taints)]})
    why = f"tolerate {' and '.join(f'`{taint_text(taint)}`' for taint in taints)}, if these pods belong on that node"
    away = [RemoveTaint(name, str(taint.get("key")), str(taint.get("effect")), every) for taint in taints]
    return _changing(case, change, why, *(Step(one, "if the taint is a leftover: remove it") for one in away))


def _toleration(taint: Json) -> Json:
    found: dict[str, Any] = {"key": taint.get("key"), "effect": taint.get("effect")}
    return found | ({"operator": "Equal", "value": taint["value"]} if taint.get("value") else {"operator": "Exists"})


def prefer(case: Case, pod: Pod, side: str, terms: Sequence[Json]) -> Plan:
    """Make the required pod (anti-)affinity a preference."""
    have = dicts(pod.spec, "affinity", side, "preferredDuringSchedulingIgnoredDuringExecution")
    soft = [*have, *({"weight": 100, "podAffinityTerm": term} for term in terms)]
    rules = {
        "requiredDuringSchedulingIgnoredDuringExecution": None,
        "preferredDuringSchedulingIgnoredDuringExecution": soft,
    }
    change = template_patch(case, {"affinity": {side: rules}})
    why, passing = "keep the pods apart where that is possible, instead of always", _past(case, change)
    why += ", and let the rollout end those first that still demand it" if passing else ""
    softer = steps_after(case, passing or change, why, _PLACED if passing else _SYMMETRIC)
    fewer = _as_many_as_fit(case)
    if fewer and _surges(case.workload) and any(one.ready and _other_revision(one, pod) for one in case.pods):
        fewer = (replace(fewer[0], expect=""), *old_one_first(case))
    return Plan(fewer, softer) if fewer else Plan(softer)


def _past(case: Case, change: Change | None) -> Change | None:
    """The change of a Deployment's template, with leave for the rollout to end the pods that refuse the new ones. It
    would wait for ever else: fewer are ready than are wanted, so it may end none."""
    wanted, ready = number(case.workload, "spec", "replicas"), sum(one.ready for one in case.pods)
    if not isinstance(change, Patch) or not _surges(case.workload) or not 0 < ready < wanted:
        return None
    rolling = {"strategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": wanted - ready + 1}}}
    return replace(change, body={"spec": {**change.body["spec"], **rolling}})


def _other_revision(one: Pod, pod: Pod) -> bool:
    return one.labels.get(HASH_LABEL) != pod.labels.get(HASH_LABEL)


def _surges(workload: Json) -> bool:
    """Whether it is a Deployment whose rollout makes new pods before it ends old ones."""
    return text(workload, "kind") == "Deployment" and text(workload, "spec", "strategy", "type") == "RollingUpdate"


def make_way(case: Case, pod: Pod, old: Sequence[Pod]) -> Plan:
    """End pods of the earlier template that refuse the new one: by the rollout, else by hand one after the other."""
    if text(case.workload, "kind") == "StatefulSet":
        again = Delete(kinds.POD, old[0].namespace, old[0].name)
        why = "end it by hand: it is away until its successor, made from the newest template, is ready"
        return Plan((Step(again, why, _PLACED),))
    if not _surges(case.workload):
        return Plan()
    lacking = number(case.workload, "spec", "replicas") - number(case.workload, "status", "readyReplicas")
    steps = old_one_first(case, max(1, lacking + 1))
    return Plan((*(replace(one, expect="the old pod ends: wait for that") for one in steps), anew(pod)))


def anew(pod: Pod) -> Step:
    """Have a pod made anew that nothing refuses any more.

    Schedulers before 1.35 do not notice that what refused a pod has gone, and try it again only after five minutes.
    Source: https://github.com/kubernetes/kubernetes/pull/135325
    """
    why = "have it made anew: a scheduler before Kubernetes 1.35 tries this one again only after five minutes"
    return Step(Delete(kinds.POD, pod.namespace, pod.name), why, _PLACED)


def old_one_first(case: Case, away: int = 1) -> tuple[Step, ...]:
    """Let the rollout end an old pod before it makes the new one, which needs its place: `away` pods may lack.

    Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment
    """
    ref, was = case.workload_ref, table(case.workload, "spec", "strategy", "rollingUpdate")
    if ref is None:
        return ()
    bodies = [{"spec": {"strategy": {"rollingUpdate": one}}} for one in ({"maxSurge": 0, "maxUnavailable": away}, was)]
    change = Patch(ref.type, ref.namespace, ref.name, bodies[0], back=bodies[1] if was else None)
    why = "let the rollout end an old pod first and make the new one in its place; it is away for that moment"
    if away > 1:
        why = f"let the rollout end old pods first and make new ones in their place; up to {away} lack meanwhile"
    return (Step(change, why, _PLACED),)


def _as_many_as_fit(case: Case) -> tuple[Step, ...]:
    """Fewer replicas: the pods that run go on refusing company, so a softer template alone cannot roll out."""
    ref, wanted = case.workload_ref, number(case.workload, "spec", "replicas")
    ready = sum(1 for one in case.pods if one.ready)
    if ref is None or ref.kind not in ("Deployment", "StatefulSet") or not 0 < ready < wanted:
        return ()
    why = "run as many replicas as there are places for, until there are more"
    return (
        Step(Scale(ref.type, ref.namespace, ref.name, ready, wanted), why, "all replicas that are wanted are ready"),
    )


def spread_anyway(case: Case, rules: Sequence[Json]) -> Plan:
    """Let the spread be a wish: ScheduleAnyway, which the API server takes only without `minDomains`."""
    changed = {"whenUnsatisfiable": "ScheduleAnyway"}
    why = "spread the pods where that is possible, instead of always"
    return _changing(case, _spread(case, rules, changed), why)


def without_least_domains(case: Case, rules: Sequence[Json]) -> Plan:
    """Ask for no number of domains, and spread over those that there are; else let the spread be a wish."""
    why = "spread the pods over the domains that there are, however few (without `minDomains` one is enough)"
    plan = _changing(case, _spread(case, rules, {}), why)
    wish = spread_anyway(case, rules)
    return Plan(plan.steps, tuple(step for step in wish.steps if step.changes)) if plan.steps else wish


def _spread(case: Case, rules: Sequence[Json], fields: Json) -> Change | None:
    """The patch that gives fields to these constraints and takes `minDomains` from them; the others stay."""
    every = dicts(case.template, "spec", "topologySpreadConstraints")
    without = [{key: value for key, value in rule.items() if key != "minDomains"} | fields for rule in every]
    changed = [new if rule in rules else rule for rule, new in zip(every, without, strict=True)]
    change = template_patch(case, {"topologySpreadConstraints": [{"$patch": "replace"}, *changed]})
    if isinstance(change, Patch):
        back = in_pod_spec(change.kind, {"topologySpreadConstraints": [{"$patch": "replace"}, *every]})
        change = replace(change, back=back)
    return change


def without_host_ports(case: Case, ports: Sequence[tuple[str, int, int]]) -> Plan:
    """Drop the reservation of node ports; a Service reaches the pods without it."""
    containers: dict[str, list[Json]] = {}
    for name, inside, _ in ports:
        containers.setdefault(name, []).append({"containerPort": inside, "hostPort": None})
    change = template_patch(case, {"containers": [{"name": n, "ports": p} for n, p in containers.items()]})
    return _changing(case, change, "reserve no port of the node; a Service reaches the pods on their own port")


def without_gates(case: Case) -> Plan:
    change = template_patch(case, {"schedulingGates": None})
    return _changing(case, change, "make pods without the gate, if its controller is gone for good")


def default_scheduler(case: Case) -> Plan:
    change = template_patch(case, {"schedulerName": "default-scheduler"})
    return _changing(case, change, "let the cluster's own scheduler place the pods")


def any_node(case: Case) -> Plan:
    return _changing(case, template_patch(case, {"nodeName": None}), "let the scheduler choose a node that exists")
