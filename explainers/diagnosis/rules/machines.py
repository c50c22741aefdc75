"""A node that was asked about itself (classes 84, 121, 122). Conditions that a distribution adds are no faults."""

from collections.abc import Iterator

from explainers import kinds
from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.plans import placement as plans
from explainers.diagnosis.views.nodes import cordoned
from explainers.diagnosis.views.pods import Json, dicts, text
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.operations.reads import Get
from explainers.plan import Plan, Step

_PRESSURE = {
    "MemoryPressure": ("memory", "the kubelet evicts pods until enough is free, those above their requests first"),
    "DiskPressure": ("disk space", "the kubelet removes unused images and evicts pods until enough is free"),
    "PIDPressure": ("process ids", "the kubelet evicts pods until enough are free"),
}


def look_at(name: str) -> Plan:
    """What a person looks at first when a node has trouble."""
    return Plan((Step(Get(kinds.NODE, "", name), "see the conditions, the taints and what was reported last"),))


def node_itself(case: Case) -> Iterator[Finding]:
    """84, 121 and 122 for a node that is itself the target."""
    if case.target.kind != kinds.NODE.name or not case.object:
        return
    name = case.target.name
    if cordoned(case.object):
        seen = (Evidence(f"node {name}", "spec.unschedulable: true"),)
        clause = "it is cordoned: the pods that run there stay, and new ones are kept away"
        yield Finding(84, case.target, Layer.CLUSTER, clause, seen, plans.uncordon(name))
    for condition in dicts(case.object, "status", "conditions"):
        yield from _condition(case, condition)


def _condition(case: Case, condition: Json) -> Iterator[Finding]:
    kind, status = text(condition, "type"), text(condition, "status")
    since = moment(condition.get("lastTransitionTime"))
    words = text(condition, "message")
    seen = (Evidence(f"node {case.target.name} condition {kind}", f"{status}: {words}", ago(case.now, since)),)
    look = look_at(case.target.name)
    if kind == "Ready" and status == "Unknown":
        clause = (
            "its kubelet no longer reports: the machine or its network may be down, and nobody knows how its pods are"
        )
        yield Finding(121, case.target, Layer.CLUSTER, clause, seen, look, since=since)
    elif kind == "Ready" and status == "False":
        clause = f"its kubelet says that it is not ready: {words.rstrip('.')}"
        yield Finding(121, case.target, Layer.CLUSTER, clause, seen, look, since=since)
    elif kind in _PRESSURE and status == "True":
        short, follows = _PRESSURE[kind]
        yield Finding(122, case.target, Layer.NEEDS, f"it runs short of {short}: {follows}", seen, look, since=since)


RULES: tuple[Rule, ...] = (node_itself,)
