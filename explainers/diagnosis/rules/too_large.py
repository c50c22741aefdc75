"""What no node could take even where the labels that a pod demands were no matter: its requests are larger than any
node; beside a demand that no node meets (class 80)."""

from dataclasses import replace
from fractions import Fraction

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.model import Finding
from explainers.diagnosis.plans import placement as plans
from explainers.diagnosis.rules.no_room import PLAIN, Room, request, room
from explainers.diagnosis.views.nodes import MANY
from explainers.diagnosis.views.pods import Pod, table
from explainers.diagnosis.views.unplaced import labelled_nodes
from explainers.document import Evidence
from explainers.operations.reads import List, continued
from explainers.plan import Plan

_SMALL = {"cpu": Fraction(1), "memory": Fraction(2**30), "ephemeral-storage": Fraction(2**33)}
"""Any node takes so much, so that for less none has to be read."""


def also_too_large(case: Case, pod: Pod, found: Finding) -> Finding:
    """The finding that no node meets what a pod demands, with what would keep it from each of them all the same."""
    left = _never(case, pod)
    if not left:
        return found
    told = [f"`{one.text(one.wanted)}` of {one.resource}, and the largest, `{one.node}`, has `{one.text(one.most)}`"
            for one in left]  # fmt: skip
    clause = f"{found.clause}; nor would any node have room: its pods ask for {'; for '.join(told)}"
    seen = tuple(
        Evidence(
            f"node {one.node}", f"allocatable {one.resource}: {one.text(one.most)}; asked for {one.text(one.wanted)}"
        )
        for one in left
    )
    without = tuple(replace(step, expect="") if step.changes else step for step in found.plan.steps)
    asked = [
        step
        for one in left
        if one.resource in PLAIN
        for step in plans.smaller(case, one.container, one.resource, one.wanted, one.most).steps
    ]
    plan = Plan((*without, *asked), found.plan.alternatives)
    return replace(found, clause=clause, evidence=(*found.evidence, *seen), plan=plan)


def _never(case: Case, pod: Pod) -> list[Room]:
    """The resources of which no node has as much as the pod asks for. Many nodes are not read for that."""
    asked = {key for one in pod.containers for key in table(one.spec, "resources", "requests")}
    large = sorted(
        key for key in asked if any(request(one, key) > _SMALL.get(key, Fraction(0)) for one in pod.containers)
    )
    if not large or continued(labelled_nodes(case)):
        return []
    (answer,) = case.ask(List(kinds.NODE, "", limit=MANY))
    if not answer.ok or continued(answer):
        return []
    found = (room(pod, key, answer.items) for key in large)
    return [one for one in found if one and one.never]
