"""Plans for pods that a full quota keeps out: more quota, smaller requests, fewer pods; and another try.

The controllers wait longer after each refusal, up to a quarter of an hour. A new template is tried at once: where no
pod runs that it would replace, that harms nobody.
Source: https://kubernetes.io/docs/concepts/policy/resource-quotas/
"""

from collections.abc import Iterator
from fractions import Fraction

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.plans.admission import SOON, missing_pods, roundly
from explainers.diagnosis.views.pods import dicts, number, text
from explainers.diagnosis.views.refusals import QuotaFull
from explainers.operations.patches import Patch
from explainers.operations.reads import Get
from explainers.operations.rollouts import Restart, RolloutStatus
from explainers.operations.workloads import Scale, SetResources, workload
from explainers.plan import Plan, Step
from explainers.quantities import amount, written

LEAST = Fraction(1, 4)
"""Nobody is told to ask for less than this part of what was asked for."""


def raise_quota(case: Case, full: QuotaFull) -> Plan:
    """Raise the quota by what the missing pods need beside what is used, and by one pod more: others may be quicker."""
    hard: dict[str, str] = {}
    for resource, asked, used, limited in full.over:
        more, taken = amount(asked), amount(used)
        if more is not None and taken is not None:
            hard[resource] = written(resource, roundly(resource, taken + more * (missing_pods(case) + 1)))
        else:
            hard[resource] = limited
    body, back = ({"spec": {"hard": each}} for each in (hard, {resource: most for resource, _, _, most in full.over}))
    change = Patch(kinds.RESOURCE_QUOTA, case.namespace, full.quota, body, "merge", back)
    why = "raise the quota by what the missing pods need and one more, if its owner agrees"
    fewer = []
    ref, have = case.workload_ref, len(case.pods)
    was, newest = number(case.workload, "spec", "replicas"), number(case.workload, "status", "updatedReplicas")
    if ref and ref.kind in ("Deployment", "StatefulSet") and 0 < have < was and have <= newest:
        fewer = [Step(Scale(ref.type, ref.namespace, ref.name, have, was), "be content with the pods that fit")]
    why_look = "see what is used, and by what scope; smaller requests of what runs would make room, too"
    look = Step(Get(kinds.RESOURCE_QUOTA, case.namespace, full.quota), why_look)
    return Plan((Step(change, why, SOON), *_at_once(case)), (*_smaller(case, full), *fewer, look))


def try_again(case: Case) -> Plan:
    """There is room: have it tried at once, where that replaces no pod that runs; else see whether it was."""
    look, again = follow(case), _at_once(case)
    return Plan(again, look) if again else Plan(look)


def follow(case: Case) -> tuple[Step, ...]:
    """See whether the missing pods are made."""
    ref = case.workload_ref
    if ref is None:
        return ()
    reads = RolloutStatus if workload(ref.type) else Get
    return (Step(reads(ref.type, ref.namespace, ref.name), f"see whether its pods are made: {SOON}"),)


def _at_once(case: Case) -> tuple[Step, ...]:
    ref = case.workload_ref
    if ref is None or not workload(ref.type) or case.all_pods:
        return ()
    again = Restart(ref.type, ref.namespace, ref.name, case.now)
    return (Step(again, "have it tried at once; no pod of it runs that this would replace", "its pods are made"),)


def _smaller(case: Case, full: QuotaFull) -> Iterator[Step]:
    """Ask for so little that the missing pods fit into what is left; no limit is lowered, for programs run into it."""
    ref, containers = case.workload_ref, dicts(case.template, "spec", "containers")
    if ref is None or not workload(ref.type) or len(containers) != 1:
        return
    name, less, was = text(containers[0], "name"), [], []
    for resource, asked, used, hard in full.over:
        plain = resource.removeprefix("requests.")
        stated = text(containers[0], "resources", "requests", plain)
        more, taken, most = amount(asked), amount(used), amount(hard)
        if more is None or taken is None or most is None or plain not in ("cpu", "memory") or amount(stated) != more:
            return
        share = (most - taken) / missing_pods(case)
        if share < more * LEAST:
            return
        less.append((plain, written(plain, share)))
        was.append((plain, stated))
    change = SetResources(ref.type, ref.namespace, ref.name, name, tuple(less), was_requests=tuple(was))
    yield Step(change, "ask for what is left of the quota, if the program can do with it", "its pods are made")
