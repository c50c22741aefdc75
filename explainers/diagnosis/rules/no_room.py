"""Nodes would fit, but none has room (classes 78, 79, 82, 83, 85, 86); called by rules/scheduling.py."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from explainers.diagnosis.case import Case
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans import placement as plans
from explainers.diagnosis.rules import company
from explainers.diagnosis.views.host_ports import holder, host_ports
from explainers.diagnosis.views.nodes import allocatable, largest
from explainers.diagnosis.views.pods import Container, Json, Pod, dicts, number, table, text
from explainers.diagnosis.views.unplaced import labelled_nodes, reasons, verdict_of
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.operations.reads import Get, continued
from explainers.operations.rollouts import HASH_LABEL
from explainers.plan import Plan, Step
from explainers.quantities import amount, written
from explainers.selectors import matches

PLAIN = ("cpu", "memory", "ephemeral-storage")
_CLASSES = (
    ("anti-affinity", 82), ("pod affinity", 82), ("topology spread", 83), ("free ports", 85), ("Too many pods", 86),
)  # fmt: skip


def class_of(words: str) -> int:
    """The fault class of one of the scheduler's reasons; 0 for reasons that are judged elsewhere."""
    if words.startswith("Insufficient "):
        return 78 if words.split()[1] in PLAIN else 79
    return next((number_ for word, number_ in _CLASSES if word in words), 0)


@dataclass(frozen=True)
class Room:
    """A resource that is short: what the pod asks for, through which container, and the largest node."""

    resource: str
    wanted: Fraction
    container: Container
    node: str
    most: Fraction

    @property
    def never(self) -> bool:
        """Not even an empty node could take the pod."""
        return bool(self.node) and self.wanted > self.most

    def text(self, value: Fraction) -> str:
        return written(self.resource, value)


def findings(case: Case, pod: Pod, free: list[Json]) -> Iterator[Finding]:
    """What the scheduler says is missing on the nodes that the pod may use (`free`, empty when not known)."""
    for words in reasons(verdict_of(pod)):
        match class_of(words):
            case 78 | 79 as kind:
                yield _short(case, pod, kind, words.split()[1], free)
            case 82 if company.of_existing(words):
                yield company.refused(case, pod)
            case 82:
                yield _affinity(case, pod, words)
            case 83:
                yield _spread(case, pod, words)
            case 85:
                yield _port(case, pod)
            case 86:
                clause = "the nodes that its pods may use run as many pods as they can hold"
                yield _finding(case, pod, 86, clause)


def _finding(case: Case, pod: Pod, kind: int, clause: str, *evidence: Evidence) -> Finding:
    since = moment(pod.condition("PodScheduled").get("lastTransitionTime"))
    said = Evidence(f"pod {pod.name}", verdict_of(pod), ago(case.now, since))
    where = case.workload_ref or pod.ref
    return Finding(kind, where, Layer.POD, clause, (said, *evidence), since=since)


def request(container: Container, resource: str) -> Fraction:
    """What a container asks the scheduler for: its request, else its limit."""
    resources = table(container.spec, "resources")
    found = table(resources, "requests").get(resource, table(resources, "limits").get(resource))
    return amount(found) or Fraction(0)


def room(pod: Pod, resource: str, free: list[Json]) -> Room | None:
    """The shortage of one resource, or None when no container asks for it.

    A pod asks for the sum of what runs together, or for its largest init container where that is more.
    Source: https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers
    """
    together = [one for one in pod.containers if not one.init or one.sidecar]
    before = [one for one in pod.containers if one.init and not one.sidecar]
    total = Fraction(sum(request(one, resource) for one in together))
    largest_before = max((request(one, resource) for one in before), default=Fraction(0))
    counting = before if largest_before > total else together
    if not max(total, largest_before):
        return None
    biggest = max(counting, key=lambda one: request(one, resource))
    node = largest(free, resource)
    wanted = max(total, largest_before)
    return Room(resource, wanted, biggest, text(node, "metadata", "name"), allocatable(node, resource))


def _short(case: Case, pod: Pod, kind: int, resource: str, free: list[Json]) -> Finding:
    short = room(pod, resource, free)
    if short is None:
        return _finding(case, pod, kind, f"no node has enough `{resource}` left for its pods")
    own = request(short.container, resource)
    asks = f"container `{short.container.name}` asks for `{short.text(own)}` of {resource}"
    together = f"its pods need `{short.text(short.wanted)}` of {resource} together ({asks})"
    demand = f"its {asks}" if own == short.wanted else together
    if not short.node:
        clause = f"{demand}, and no node has that much left"
    elif not short.most:
        clause = f"{demand}, and no node that its pods may use offers any"
    elif short.never:
        clause = f"{demand}, and the largest node that its pods may use, `{short.node}`, has `{short.text(short.most)}`"
    else:
        over = short.most - short.wanted
        taken = f"more than `{short.text(over)}` is taken" if over else "some is taken"
        clause = (
            f"{demand}, and no node has that much left: of the `{short.text(short.most)}` of the largest,"
            f" `{short.node}`, {taken} by what other pods ask for"
        )
    seen = Evidence(f"node {short.node}", f"allocatable {resource}: {short.text(short.most)}") if short.node else None
    found = _finding(case, pod, kind, clause, *([seen] if seen else []))
    remedy = plans.smaller(case, short.container, resource, short.wanted, short.most) if kind == 78 else None
    if remedy and not short.never:
        remedy = plans.as_many_as_fit(case, short.container, resource, remedy)
    return _with(found, remedy or plans.look_at_nodes(resource))


def _with(found: Finding, plan: Plan, confidence: Confidence = Confidence.SURE) -> Finding:
    return Finding(
        found.number, found.subject, found.layer, found.clause, found.evidence, plan, confidence, found.since
    )


def _affinity(case: Case, pod: Pod, words: str) -> Finding:
    side = "podAntiAffinity" if "anti" in words else "podAffinity"
    terms = dicts(pod.spec, "affinity", side, "requiredDuringSchedulingIgnoredDuringExecution")
    keys = ", ".join(sorted({text(term, "topologyKey") for term in terms})) or "kubernetes.io/hostname"
    wanted = number(case.workload, "spec", "replicas")
    if side == "podAffinity":
        clause = f"its required pod affinity finds no pod to stand beside (by `{keys}`)"
    elif case.target != pod.ref and wanted > max(1, sum(one.ready for one in case.pods)):
        clause = (
            f"its required pod anti-affinity allows one pod for each `{keys}`, and there are fewer of those than"
            f" the {wanted} replicas"
        )
    else:
        clause = f"its required pod anti-affinity (by `{keys}`) keeps the pod away from every node"
    keeps = [table(term, "labelSelector") for term in terms if side == "podAntiAffinity"]
    plan = plans.prefer(case, pod, side, terms)
    return _behind_old(case, pod, 82, clause, plan, lambda other: any(matches(each, other.labels) for each in keeps))


def _behind_old(
    case: Case, pod: Pod, number_: int, clause: str, plan: Plan, in_the_way: Callable[[Pod], bool]
) -> Finding:
    """The finding, and where pods of the earlier revision hold all places: that the order of the rollout stops it."""
    others = [one for one in case.pods if one.labels.get(HASH_LABEL) != pod.labels.get(HASH_LABEL)]
    old = [one for one in others if one.ready and in_the_way(one)]
    surges = text(case.workload, "spec", "strategy", "type") == "RollingUpdate"
    if not (surges and old) or len(old) < number(case.workload, "spec", "replicas"):
        return _with(_finding(case, pod, number_, clause), plan)
    holds = "a pod of the earlier revision has" if len(old) == 1 else "pods of the earlier revision have"
    clause += f"; {holds} the place, and the rollout makes a new pod before it ends an old one"
    return _with(_finding(case, pod, number_, clause), Plan(plans.old_one_first(case), plan.steps))


def _spread(case: Case, pod: Pod, words: str) -> Finding:
    rules = [
        rule
        for rule in dicts(pod.spec, "topologySpreadConstraints")
        if rule.get("whenUnsatisfiable") == "DoNotSchedule"
    ]
    keys = ", ".join(f"`{text(rule, 'topologyKey')}`" for rule in rules)
    why = "no node carries that label" if "missing required label" in words else "that would make the spread uneven"
    clause = f"its topology spread over {keys} admits no node: {why}"
    if short := _short_of_domains(case, rules) if "missing required label" not in words else []:
        rule, have = short[0]
        key, wanted = text(rule, "topologyKey"), number(rule, "minDomains")
        have_only = f"only {have}" if have else "none"
        clause += f"; it demands at least {wanted} values of `{key}` (`minDomains`), and the nodes have {have_only}"
        seen = Evidence("nodes", f"{have} {'value' if have == 1 else 'values'} of the label {key}")
        found = _with(_finding(case, pod, 83, clause), plans.without_least_domains(case, [one for one, _ in short]))
        return replace(found, evidence=(*found.evidence, seen))
    return _with(_finding(case, pod, 83, clause), plans.spread_anyway(case, rules))


def _short_of_domains(case: Case, rules: list[Json]) -> list[tuple[Json, int]]:
    """The constraints that demand more domains than the nodes make, with how many they make: then each domain counts
    as if another had no pod at all."""
    asking = [rule for rule in rules if number(rule, "minDomains") > 1]
    nodes = labelled_nodes(case) if asking else None
    if nodes is None or not nodes.items or continued(nodes):
        return []
    labels = [table(node, "metadata", "labels") for node in nodes.items]
    counted = [(rule, len({one[key] for one in labels if key in one})) for rule in asking
               if (key := text(rule, "topologyKey"))]  # fmt: skip
    return [(rule, have) for rule, have in counted if have < number(rule, "minDomains")]


def _port(case: Case, pod: Pod) -> Finding:
    ports = host_ports(pod)
    shown, wanted = ", ".join(f"`{host}`" for _, _, host in ports), {host for _, _, host in ports}
    clause = f"its pods reserve the port {shown} of their node, and it is taken on every node that its pods may use"
    plan = plans.without_host_ports(case, ports)
    found = _behind_old(case, pod, 85, clause, plan, lambda other: bool(wanted & {one[2] for one in host_ports(other)}))
    other = holder(case, pod, wanted) if found.clause == clause else None
    if other is None:
        return found
    has = next((name, host) for name, _, host in host_ports(other) if host in wanted)
    clause = f"its pods reserve the port {shown} of their node, and on `{other.node}` pod `{other.name}` has it already"
    seen = Evidence(f"pod {other.name}", f"container {has[0]}: hostPort {has[1]} on {other.node}")
    look = Step(Get(other.ref.type, other.namespace, other.name), "the pod that has the port; one of both must yield")
    return replace(
        found, clause=clause, evidence=(*found.evidence, seen), plan=Plan(plan.steps, (*plan.alternatives, look))
    )
