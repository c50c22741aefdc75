"""Admission (classes 100–107, 124): the API server refuses to create the pods that a workload wants.

A Deployment carries the refusal in its ReplicaFailure condition; the others tell only by events, which count
while pods are missing and no later pod was created. Jobs are judged by rules/jobs.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from explainers import kinds
from explainers.diagnosis.case import Case, Rule, event_time
from explainers.diagnosis.classes import cases
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.plans import admission as plans
from explainers.diagnosis.plans import quotas
from explainers.diagnosis.rules import access
from explainers.diagnosis.rules.held_places import held_place
from explainers.diagnosis.rules.webhooks import behind
from explainers.diagnosis.views.kept import named_set
from explainers.diagnosis.views.misspelt import as_it_counts
from explainers.diagnosis.views.named import named
from explainers.diagnosis.views.pods import Json, condition, dicts, dig, number, table, text
from explainers.diagnosis.views.refusals import (
    AccountMissing,
    ClassMissing,
    Denied,
    LevelViolated,
    NamespaceEnding,
    OutOfBounds,
    QuotaDemands,
    QuotaFull,
    Refused,
    WebhookFailed,
    refusal,
)
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.kinds import Ref, ref_of
from explainers.plan import Plan
from explainers.quantities import amount

READABLE = 240
"""Longer enumerations than this leave their details to the evidence."""


@dataclass(frozen=True)
class Told:
    """A refusal as it was told: the words, their source, and since when."""

    words: str
    source: str
    since: datetime | None
    ref: Ref

    def evidence(self, case: Case) -> Evidence:
        return Evidence(self.source, self.words, ago(case.now, self.since))


def refused(case: Case) -> Iterator[Finding]:
    """100–107, 124: pods are missing because their creation is refused."""
    told = _told(case)
    if told is not None:
        yield from judged(case, told)


def judged(case: Case, told: Told) -> Iterator[Finding]:
    """What one refusal means; also for the pods of Jobs (rules/jobs.py)."""
    match refusal(told.words):
        case QuotaFull() as full:
            yield _full(case, told, full)
        case QuotaDemands() as demands:
            yield _demands(case, told, demands)
        case OutOfBounds() as out:
            yield _out(case, told, out)
        case LevelViolated() as violated:
            yield _level(case, told, violated)
        case AccountMissing(name):
            yield from _account(case, told, name)
        case WebhookFailed() as failed:
            why = behind(case, failed)
            subject = why.subject or told.ref
            found = _finding(case, told, failed.number, subject, Layer.CLUSTER, why.clause, why.plan, *why.evidence)
            yield replace(found, confidence=Confidence.LIKELY) if why.past else found
        case Denied(by, words):
            yield _finding(case, told, 107, told.ref, Layer.POD, f"`{by}` refuses its pods: {words}", Plan())
        case ClassMissing(kind, name):
            clause = f"its pods ask for the {kind} `{name}`, which does not exist"
            plan = plans.without_class(case, told.ref, kind, name)
            found = _finding(case, told, 107, told.ref, Layer.POD, clause, plan)
            yield replace(found, about=cases.CLASSES_OF_PODS.get(kind))
        case NamespaceEnding(namespace):
            clause = f"the namespace `{namespace}` is being deleted, so nothing new can be made in it"
            subject = Ref(kinds.NAMESPACE.name, "", namespace)
            yield _finding(case, told, 124, subject, Layer.CLUSTER, clause, plans.see_what_holds(namespace))
        case Refused(words) if words:
            number_, what = (119, "Jobs") if told.ref.kind == "CronJob" else (107, "pods")
            clause = f"the API server refuses its {what}: {words}"
            yield _finding(case, told, number_, told.ref, Layer.POD, clause, plans.back_or_look(case, told.ref))


def _told(case: Case) -> Told | None:
    ref = case.workload_ref
    if ref is None or ref.kind in ("Job", "CronJob"):
        return None
    lacking = ref.kind != "Deployment" or _lacks_updated(case.workload)
    if lacking and (told := _failing(case.workload)):
        newest = named_set(case.workload) if ref.kind == "Deployment" else ""
        if not newest or f'"{newest}-' in told.words:
            return told
        return _failing(case.get(kinds.REPLICA_SET, newest).object, ref)  # the Deployment keeps the words that it had
    if ref.kind in ("Deployment", "ReplicaSet") or not _pods_missing(case.workload) or _in_order(case):
        return None
    events = case.events(ref)
    failed = next((event for event in events if event.get("reason") == "FailedCreate"), None)
    made = next((event for event in events if event.get("reason") == "SuccessfulCreate"), None)
    if failed is None or (made is not None and event_time(made) > event_time(failed)):
        return None
    since = moment(failed.get("firstTimestamp")) or moment(event_time(failed))
    return Told(text(failed, "message"), f"event FailedCreate of {ref}", since, ref)


def _failing(workload: Json, ref: Ref | None = None) -> Told | None:
    """The refusal in a ReplicaFailure condition, told of `ref`, or of the object that has it."""
    found = condition(workload, "ReplicaFailure")
    if found.get("status") != "True":
        return None
    source = f"{ref_of(workload)} condition ReplicaFailure"
    return Told(text(found, "message"), source, moment(found.get("lastTransitionTime")), ref or ref_of(workload))


def _in_order(case: Case) -> bool:
    """Whether the pods of a StatefulSet are made one after the other, and one that is there is not ready yet."""
    ordered = text(case.workload, "spec", "podManagementPolicy") == "OrderedReady"
    return ordered and any(not pod.ready for pod in case.pods)


def _lacks_updated(workload: Json) -> bool:
    """Whether pods of the newest template are missing: a refusal of earlier ones is kept for a while."""
    wanted = dig(workload, "spec", "replicas")
    return number(workload, "status", "updatedReplicas") < (wanted if isinstance(wanted, int) else 1)


def _pods_missing(workload: Json) -> bool:
    status = table(workload, "status")
    if text(workload, "kind") == "DaemonSet":
        return number(status, "currentNumberScheduled") < number(status, "desiredNumberScheduled")
    wanted = dig(workload, "spec", "replicas")
    return number(status, "replicas") < (wanted if isinstance(wanted, int) else 1)


def _finding(
    case: Case, told: Told, number_: int, subject: Ref, layer: Layer, clause: str, plan: Plan, *evidence: Evidence
) -> Finding:
    return Finding(number_, subject, layer, clause, (told.evidence(case), *evidence), plan, since=told.since)


def _no_longer(case: Case, told: Told, number_: int, was: str, is_now: str, *seen: Evidence) -> Finding:
    """A refusal whose cause is gone; its words stay in the status until a pod is made."""
    clause = (
        f"a pod was refused when one was last tried, because {was}; {is_now}, so the next try, which comes by itself "
        "within minutes, may succeed"
    )
    found = _finding(case, told, number_, told.ref, Layer.WORKLOAD, clause, quotas.try_again(case), *seen)
    return replace(found, confidence=Confidence.LIKELY)


def _full(case: Case, told: Told, full: QuotaFull) -> Finding:
    quota = case.get(kinds.RESOURCE_QUOTA, full.quota)
    over = [_amounts(quota.object, *one) for one in full.over]
    one = "Job" if told.ref.kind == "CronJob" else "pod"
    shown = "; ".join(
        f"{used} of {hard} `{resource}` are used and a {one} needs {asked}" for resource, asked, used, hard in over
    )
    clause = f"the quota `{full.quota}` admits no more of its {one}s: {shown}"
    since = over != list(full.over)
    seen = [
        Evidence(f"resourcequota {full.quota}", f"{resource}: {used} of {hard} used{' now' if since else ''}")
        for resource, _, used, hard in over
        if quota.ok
    ]
    if since:
        told = replace(told, source=f"{told.source}, with the numbers of then")
    plan = quotas.raise_quota(case, replace(full, over=tuple(over)))
    subject = Ref("ResourceQuota", case.namespace, full.quota)
    found = _finding(case, told, 100, subject, Layer.NEEDS, clause, plan, *seen)
    if not quota.ok or any(_exceeds(*one[1:]) for one in over):
        held = held_place(case, told.ref, replace(full, over=tuple(over)), shown.partition(" and a ")[0])
        return replace(held, evidence=(*held.evidence, *found.evidence), since=told.since) if held else found
    clause = (
        f"the quota `{full.quota}` was full when a pod was last tried; it has room now, so the next try may succeed"
    )
    return replace(found, clause=clause, plan=quotas.try_again(case), confidence=Confidence.LIKELY)


def _amounts(quota: Json, resource: str, asked: str, used: str, hard: str) -> tuple[str, str, str, str]:
    """What is used and allowed now, where the quota can be read; else what the refusal said."""
    return (
        resource,
        asked,
        str(dig(quota, "status", "used", resource, default=used)),
        str(dig(quota, "status", "hard", resource, default=hard)),
    )


def _exceeds(asked: str, used: str, hard: str) -> bool:
    more, taken, most = amount(asked), amount(used), amount(hard)
    return more is None or taken is None or most is None or taken + more > most


def _demands(case: Case, told: Told, demands: QuotaDemands) -> Finding:
    quota = case.get(kinds.RESOURCE_QUOTA, demands.quota).object
    every = sorted({name for _, names in demands.missing for name in names})
    resources = " and ".join(f"`{resource}`" for resource, _ in demands.missing)
    who = f"container {' and '.join(f'`{name}`' for name in every)}" if every else "a container"
    clause = f"the quota `{demands.quota}` admits only pods that state {resources}, and {who} does not"
    plan = plans.state_resources(case, demands, quota)
    return _finding(case, told, 101, told.ref, Layer.POD, clause, plan)


def _out(case: Case, told: Told, out: OutOfBounds) -> Finding:
    listed = case.find(kinds.LIMIT_RANGE)
    ranges = listed.items
    name = next((text(one, "metadata", "name") for one in ranges if _sets(one, out)), "")
    if listed.ok and not name:
        was = f"a limit range allowed a {out.bound} of `{out.allowed}` of {out.resource}"
        return _no_longer(case, told, 102, was, "none says so now", Evidence("limitranges", f"{len(ranges)} read"))
    row = next((row for one in ranges for row in dicts(one, "spec", "limits") if _bounds(row, out)), {})
    container = _container(case, out, row)
    subject = Ref("LimitRange", case.namespace, name) if name else told.ref
    who = {"Container": f"container `{container}`", "Pod": "the pod"}.get(out.per, "the claim that it makes")
    has = f"has a {out.side} of `{out.has}`" if out.has else f"states no {out.side}"
    has = f"has `{out.has}`" if out.has and out.bound == "ratio" else has
    if right := plans.misspelt(out):
        has += f" ({as_it_counts(out.has)}; `{right}` is probably meant)"
    least = {"maximum": "at most", "minimum": "at least", "ratio": "a limit-to-request ratio of at most"}[out.bound]
    by = f"the limit range `{name}`" if name else "a limit range"
    per = "claim" if out.per == "PersistentVolumeClaim" else out.per.lower()
    clause = f"{by} allows a {per} {least} `{out.allowed}` of {out.resource}, and {who} {has}"
    seen = [Evidence(f"limitrange {name}", f"{out.bound} {out.resource} per {out.per}: {out.allowed}")] if name else []
    plan = plans.within_bounds(case, out, container, next((one for one in ranges if _sets(one, out)), {}))
    return _finding(case, told, 102, subject, Layer.NEEDS, clause, plan, *seen)


def _sets(limit_range: Json, out: OutOfBounds) -> bool:
    return any(_bounds(row, out) for row in dicts(limit_range, "spec", "limits"))


def _bounds(row: Json, out: OutOfBounds) -> bool:
    key = {"maximum": "max", "minimum": "min", "ratio": "maxLimitRequestRatio"}[out.bound]
    return row.get("type") == out.per and amount(dig(row, key, out.resource)) == amount(out.allowed)


def _container(case: Case, out: OutOfBounds, row: Json) -> str:
    """The container with the value that was refused; else the first. `row` has what one gets that states none."""
    containers = dicts(case.template, "spec", "containers")
    if out.bound == "ratio":
        most = amount(out.allowed) or Fraction(0)
        over = (text(one, "name") for one in containers if _ratio(one, out.resource, row) > most)
        return next(over, next((text(one, "name") for one in containers), ""))
    has = amount(out.has)
    values = {text(one, "name"): amount(dig(one, "resources", f"{out.side}s", out.resource)) for one in containers}
    found = [name for name, value in values.items() if value == has]
    return found[0] if found else next(iter(values), "")


def _ratio(container: Json, resource: str, row: Json) -> Fraction:
    """How many times its request a container's limit is, perhaps the limit range's own; 0 where one of both lacks."""
    stated = {side: dig(container, "resources", side, resource) for side in ("limits", "requests")}
    limit, request = amount(stated["limits"] or dig(row, "default", resource)), amount(stated["requests"])
    return limit / request if limit is not None and request else Fraction(0)


def _level(case: Case, told: Told, violated: LevelViolated) -> Finding:
    whole = "; ".join(f"{what}: {where}" for what, where in violated.violations)
    what = whole if len(whole) < READABLE else "; ".join(what for what, _ in violated.violations)
    level = text(case.get(kinds.NAMESPACE, case.namespace).object, "metadata", "labels", plans.ENFORCE)
    if level and level != violated.level:
        was = f"its namespace enforced the pod security level `{violated.level}`"
        seen = Evidence(f"namespace {case.namespace}", f"enforces {level}")
        return _no_longer(case, told, 103, was, f"it enforces `{level}` now", seen)
    clause = f"the namespace enforces the pod security level `{violated.level}`, and its pods violate it: {what}"
    return _finding(case, told, 103, told.ref, Layer.POD, clause, plans.comply(case, violated))


def _account(case: Case, told: Told, name: str) -> Iterator[Finding]:
    one = case.get(kinds.SERVICE_ACCOUNT, name)
    if one.ok:
        made = moment(text(one.object, "metadata", "creationTimestamp"))
        row = Evidence(f"serviceaccount {name}", "exists", ago(case.now, made))
        yield _no_longer(case, told, 104, f"the service account `{name}` did not exist", "it is there now", row)
        return
    others = (named(case, kinds.SERVICE_ACCOUNT) or {}).keys() - {"default"}
    near = nearest_one(name, others)
    clause = f"its pods run as the service account `{name}`, which does not exist"
    clause += f" (the nearest name is `{near}`)" if near else ""
    seen = [Evidence(f"serviceaccount {name}", "does not exist")] if one.absent else []
    subject = Ref("ServiceAccount", case.namespace, name)
    yield _finding(case, told, 104, subject, Layer.NEEDS, clause, plans.account(case, name, near), *seen)


RULES: tuple[Rule, ...] = (refused, *access.RULES)
