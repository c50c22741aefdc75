"""NetworkPolicies that would open the way and have no effect: their rules are of a direction that `policyTypes` leaves
out, or their selector misses the pods by a slip (classes 30 and 34).

Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.plans import policies as plans
from explainers.diagnosis.views.calls import Call, sureness
from explainers.diagnosis.views.pods import Json, dicts, table, text, words
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.network.parties import pods_of
from explainers.network.policies import Direction, Party, container_ports, gap, governs
from explainers.network.shut import Shut
from explainers.operations.reads import List
from explainers.selectors import matches, pairs, query


@dataclass(frozen=True)
class Meant:
    """A policy that would let through; `labels` are those that its selector should ask for, empty where it selects the
    pods and only `policyTypes` leaves the direction out."""

    policy: Json
    direction: Direction
    labels: Json

    @property
    def name(self) -> str:
        return text(self.policy, "metadata", "name")


def instead(case: Case, call: Call, way: Shut, closed: Sequence[Finding]) -> list[Finding]:
    """What is told of a call that is shut out: of each side the policy without effect that would let it through, where
    there is one, in place of what stops it (`closed`)."""
    into, out = _meant_in(case, call, way), _meant_out(case, call, way)
    meant = [*([into] if way.incoming else []), *([out] if way.outgoing else [])]
    return [one or stops for one, stops in zip(meant, closed, strict=True)]


def _meant_in(case: Case, call: Call, way: Shut) -> Finding | None:
    if not way.incoming:
        return None
    every = case.find(kinds.NETWORK_POLICY, namespace=call.namespace).items
    server = _known(case, case.service(call.name, call.namespace).object, way.server, every)

    def allows(policy: Json) -> bool:
        return gap(policy, "ingress", way.client, server, way.port) is None

    found = _meant(case, every, "ingress", server, call.namespace, allows)
    return _told(case, call, found, "in to", server) if found else None


def _meant_out(case: Case, call: Call, way: Shut) -> Finding | None:
    def allows(policy: Json) -> bool:
        return gap(policy, "egress", way.server, way.server, way.port) is None

    every = case.find(kinds.NETWORK_POLICY).items if way.outgoing else []
    found = _meant(case, every, "egress", way.client, case.namespace, allows)
    return _told(case, call, found, "out to", way.client) if found else None


def meant_for_anybody(case: Case, service: str, server: Party, allows: Callable[[Json], bool]) -> Finding | None:
    """The policy without effect that would let somebody in to the target itself."""
    found = _meant(case, case.find(kinds.NETWORK_POLICY).items, "ingress", server, case.namespace, allows)
    if found is None:
        return None
    sure = Confidence.LIKELY if found.labels else Confidence.SURE
    return _finding(case.namespace, found, f"the callers of `{service}` in", (), server, sure, Layer.POLICY)


def _known(case: Case, service: Json, server: Party, policies: Sequence[Json]) -> Party:
    """What is called, with its labels and the names of its ports where these policies ask for more than is known."""
    about = [one for one in policies if _may_be_about(table(one, "spec", "podSelector"), server)]
    ports = [one for policy in about for rule in dicts(policy, "spec", "ingress") for one in dicts(rule, "ports")]
    named = {(text(one, "port"), text(one, "protocol") or "TCP") for one in ports if isinstance(one.get("port"), str)}
    keys = {key for policy in about for key in table(policy, "spec", "podSelector", "matchLabels")}
    if named <= server.ports.keys() and keys <= server.labels.keys():
        return server
    pod = next((one for one in pods_of(case, service) if one.spec), None)
    return replace(server, labels=pod.labels, ports=container_ports(pod.spec)) if pod else server


def _meant(
    case: Case,
    policies: Sequence[Json],
    direction: Direction,
    inside: Party,
    home: str,
    allows: Callable[[Json], bool],
) -> Meant | None:
    """The first policy whose rules let through (`allows`), and which is not in force for the pods `inside`."""
    fitting = [one for one in sorted(policies, key=lambda one: text(one, "metadata", "name")) if allows(one)]
    for policy in fitting:
        if matches(table(policy, "spec", "podSelector"), inside.labels):
            if not governs(policy, direction):
                return Meant(policy, direction, {})
            continue
        labels = _right(table(policy, "spec", "podSelector"), inside) if governs(policy, direction) else {}
        if labels and not _chosen(case, policy, home):
            return Meant(policy, direction, labels)
    return None


def _right(selector: Json, inside: Party) -> Json:
    """The labels that a selector means, where a slip in a key or in a value keeps it from these pods; else nothing."""
    right: Json = {}
    if selector.get("matchExpressions"):
        return {}
    for key, value in table(selector, "matchLabels").items():
        own = inside.labels.get(key)
        alike = [other for other, has in inside.labels.items() if has == value and other not in right]
        if own is not None and (own == value or nearest_one(str(value), [str(own)], 0.75)):
            right[key] = own
        elif own is None and (other := nearest_one(str(key), alike, 0.75)):
            right[other] = value
        else:
            return {}
    return right


def _may_be_about(selector: Json, server: Party) -> bool:
    """Whether a selector asks for these pods, or for what may be a slip for them, as far as their labels are known."""
    labels = table(selector, "matchLabels")
    unknown = bool(labels.keys() - server.labels.keys())
    return unknown or matches(selector, server.labels) or bool(_right(selector, server))


def _chosen(case: Case, policy: Json, home: str) -> bool:
    """Whether the policy selects a pod that is there; what may not be read counts as there."""
    labels = query(table(policy, "spec", "podSelector"))
    (answer,) = case.ask(List(kinds.POD, home, labels, limit=1, metadata_only=True))
    return not answer.ok or bool(answer.items)


def _told(case: Case, call: Call, found: Meant, way: str, inside: Party) -> Finding:
    least = sureness(case, call)
    sure = Confidence.LIKELY if found.labels and least is Confidence.SURE else least
    seen, reached = tuple(call.evidence), Ref("Service", call.namespace, call.name)
    home = call.namespace if found.direction == "ingress" else case.namespace
    told = _finding(home, found, f"it {way} `{call.name}`", seen, inside, sure, Layer.DEPENDENCY)
    return replace(told, leads_to=reached)


def _finding(
    home: str, found: Meant, whom: str, before: tuple[Evidence, ...], inside: Party, sure: Confidence, layer: Layer
) -> Finding:
    policy, spec = found.policy, table(found.policy, "spec")
    asked = pairs(table(spec, "podSelector", "matchLabels"))
    if found.labels:
        own = pairs({key: value for key, value in inside.labels.items() if key in found.labels})
        why = f"it selects the pods `{asked}`, of which there are none; `{own}` is probably meant"
        seen = f"spec.podSelector: {asked}; no pod has these labels"
        plan = plans.select(policy, found.labels)
    else:
        types = ", ".join(words(spec, "policyTypes"))
        why = f"its `policyTypes` are `{types}` only, so its {found.direction} rules have no effect"
        seen = f"selects these pods; spec.policyTypes: {types}; it has {found.direction} rules"
        plan = plans.take_effect(policy, found.direction)
    clause = f"policy `{found.name}` would let {whom}, but {why}"
    evidence = (*before, Evidence(f"networkpolicy {found.name}", seen))
    number = 30 if found.direction == "ingress" else 34
    return Finding(number, Ref("NetworkPolicy", home, found.name), layer, clause, evidence, plan, sure)
