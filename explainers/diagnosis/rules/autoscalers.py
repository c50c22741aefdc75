"""Autoscalers (classes 114–116): the target is absent, the metric is missing, or the maximum is reached."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from explainers import kinds
from explainers.diagnosis.case import Case, Rule, event_time
from explainers.diagnosis.classes import cases
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.rules import measured, scaled_pods
from explainers.diagnosis.rules.measured import FIRST_METRICS
from explainers.diagnosis.views.pods import Json, condition, dicts, dig, number, table, text
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.kinds import Ref, kind_named, ref_of
from explainers.operations.patches import Patch
from explainers.operations.pods import Delete
from explainers.operations.reads import Get
from explainers.operations.workloads import SetResources, workload
from explainers.patterns import pattern
from explainers.plan import Plan, Step

HPA = kinds.HORIZONTAL_POD_AUTOSCALER
_REQUEST = pattern(r"missing request for ([\w./-]+)(?: in container ([\w.-]+) of Pod ([\w.-]+))?")
_EARLY = pattern(r"no metrics returned|did not receive metrics|no recommendation")
_SHARED = "AmbiguousSelector"
"""Source: k8s.io/kubernetes/pkg/controller/podautoscaler/horizontal.go"""
FIRST_LOOK = timedelta(seconds=60)
"""By default its controller looks every 15 s."""
_MODEST = {"cpu": "100m", "memory": "64Mi"}


def autoscaler(case: Case) -> Iterator[Finding]:
    """114–116, for an autoscaler that is itself the target."""
    if case.target.kind != HPA.name or not case.object:
        return
    reference = table(case.object, "spec", "scaleTargetRef")
    kind, name = kind_named(text(reference, "kind")), text(reference, "name")
    if kind is None or not name:
        return
    answer = case.get(kind, name)
    if answer.absent:
        yield _no_target(case, Ref(kind.name, case.namespace, name))
    elif answer.ok:
        yield from _unseen(case)
        yield from _metrics(case, Ref(kind.name, case.namespace, name), answer.object)
        yield from _unread(case, Ref(kind.name, case.namespace, name), answer.object)
        yield from _capped(case)


def _told(case: Case, kind: str) -> Evidence:
    told = condition(case.object, kind)
    since = moment(told.get("lastTransitionTime"))
    return Evidence(f"{case.target} condition {kind}", text(told, "message") or "not set yet", ago(case.now, since))


def _no_target(case: Case, wanted: Ref) -> Finding:
    there = [ref_of(one) for one in case.workloads if text(one, "kind") != "DaemonSet"]
    same = next((ref for ref in there if ref.name == wanted.name), None)
    near = nearest_one(wanted.name, [ref.name for ref in there])
    meant = same or next((ref for ref in there if ref.name == near and ref.kind == wanted.kind), None)
    meant = meant or next((ref for ref in there if ref.name == near), None)
    clause = f"it scales the {wanted.kind} `{wanted.name}`, which does not exist"
    if same:
        clause += f"; a {same.kind} of that name does"
    elif meant:
        clause += f" (the nearest is the {meant.kind} `{meant.name}`)"
    plan = Plan()
    if meant:
        body = {"scaleTargetRef": {"apiVersion": meant.type.api_version, "kind": meant.kind, "name": meant.name}}
        back = {"spec": {"scaleTargetRef": table(case.object, "spec", "scaleTargetRef")}}
        change = Patch(HPA, case.namespace, case.target.name, {"spec": body}, "merge", back)
        step = Step(change, f"scale the {meant.kind} `{meant.name}` instead", "it reads metrics within a minute")
        plan = Plan((step,))
    seen = (Evidence(str(wanted), "does not exist"), _told(case, "AbleToScale"))
    since = moment(condition(case.object, "AbleToScale").get("lastTransitionTime"))
    return Finding(114, case.target, Layer.NEEDS, clause, seen, plan, since=since)


def _unseen(case: Case) -> Iterator[Finding]:
    """125: it was made a moment ago, and its status is still empty."""
    made = moment(dig(case.object, "metadata", "creationTimestamp"))
    if made and case.now - made < FIRST_LOOK and not dicts(case.object, "status", "conditions"):
        clause = f"it was made {ago(case.now, made)}, and its controller has not looked at it yet"
        seen = Evidence(str(case.target), "its status has no conditions yet")
        yield Finding(125, case.target, Layer.WORKLOAD, clause, (seen,), benign=True)


def _metrics(case: Case, target: Ref, scaled: Json) -> Iterator[Finding]:
    active = condition(case.object, "ScalingActive")
    words, since = text(active, "message"), moment(active.get("lastTransitionTime"))
    if active.get("status") != "False":
        return
    if active.get("reason") == "ScalingDisabled":
        yield from _rests(case, target, scaled)
        return
    if active.get("reason") == _SHARED:
        yield _shared(case, target)
        return
    if wrong := [*measured.of_no_container(case, target, scaled)]:
        yield from wrong
        return
    made = moment(dig(case.object, "metadata", "creationTimestamp"))
    if found := _REQUEST.search(words):
        resource, container = found[1], found[2] or _without_request(scaled, found[1])
        if measured.states(scaled, container, resource) and measured.too_young(case, scaled):
            yield _not_yet(case)
            return
        clause = (
            f"it cannot compute how busy `{target.name}` is: container `{container}` states no {resource} request,"
            " and utilisation is a share of the request"
        )
        plan = _state(target, container, resource)
        yield Finding(115, target, Layer.NEEDS, clause, (_told(case, "ScalingActive"),), plan, since=since)
        return
    none = _EARLY.search(words) is not None
    early = none and ((made and case.now - made < FIRST_METRICS) or measured.too_young(case, scaled))
    told = _told(case, "ScalingActive")
    below = [*scaled_pods.ill(case, target, told)] if none and not (early and scaled_pods.all_ready(scaled)) else []
    if below:
        yield from below
        yield from _unstated(case, target, scaled, since)
    elif early:
        yield _not_yet(case)
    else:
        clause = f"it gets no metrics for `{target.name}`: {words.rstrip('.')}"
        yield Finding(115, case.target, Layer.NEEDS, clause, (told,), since=since)


def _not_yet(case: Case) -> Finding:
    clause = "its first metrics are not there yet; that takes a minute after the pods have started"
    return Finding(125, case.target, Layer.WORKLOAD, clause, (_told(case, "ScalingActive"),), benign=True)


def _rests(case: Case, target: Ref, scaled: Json) -> Iterator[Finding]:
    """No fault: nothing is scaled from zero, where somebody has set its target."""
    if dig(scaled, "spec", "replicas") != 0:
        return
    clause = f"it rests, because its target {target.kind} `{target.name}` is at 0 replicas, and it scales none of that"
    seen = (_told(case, "ScalingActive"), Evidence(str(target), "spec.replicas 0"))
    yield Finding(125, case.target, Layer.WORKLOAD, clause, seen, benign=True)


def _unstated(case: Case, target: Ref, scaled: Json, since: datetime | None) -> Iterator[Finding]:
    """115: what the autoscaler will say once the pods run; a LimitRange may state the request in the pods."""
    resource, container = scaled_pods.without_request(case.object, scaled)
    if resource:
        clause = (
            f"container `{container}` of `{target.name}` states no {resource} request, and utilisation is a share of it"
        )
        seen = Evidence(str(target), f"container {container}: no {resource} request")
        plan = _state(target, container, resource)
        yield Finding(115, target, Layer.NEEDS, clause, (seen,), plan, Confidence.LIKELY, since)


def _shared(case: Case, target: Ref) -> Finding:
    """115: another autoscaler scales the same pods, so none of them does anything."""
    every = case.find(HPA).items
    same = [one for one in every if Ref(*_scales(one)) == target]
    others = sorted({name for one in same if (name := text(one, "metadata", "name")) != case.target.name})
    told = _told(case, "ScalingActive")
    besides = f": this one and {', '.join(f'`{one}`' for one in others)}" if others else ""
    clause = f"more than one autoscaler scales the pods of `{target.name}`, so none of them does{besides}"
    seen = [Evidence(f"hpa {name}", f"scales {target} too") for name in others]
    looks = [
        Step(Get(HPA, case.namespace, name), "what it goes by: one autoscaler may have several metrics")
        for name in (case.target.name, *others)
    ]
    ends = [
        Step(Delete(HPA, case.namespace, name), f"end `{name}`, and let the other scale alone", "that one scales again")
        for name in (*others, case.target.name)
    ]
    since = moment(condition(case.object, "ScalingActive").get("lastTransitionTime"))
    plan = Plan(tuple(looks), tuple(ends) if len(others) == 1 else ())
    return Finding(115, case.target, Layer.NEEDS, clause, (told, *seen), plan, since=since, about=cases.TWO_AUTOSCALERS)


def _scales(autoscaler: Json) -> tuple[str, str, str]:
    """Kind, namespace and name of what an autoscaler scales."""
    reference = table(autoscaler, "spec", "scaleTargetRef")
    return text(reference, "kind"), text(autoscaler, "metadata", "namespace"), text(reference, "name")


def _unread(case: Case, target: Ref, scaled: Json) -> Iterator[Finding]:
    """115: one of several metrics cannot be read. The condition is that of the others, and in the status its place is
    left empty. The larger number that others ask for is followed, a smaller one is not.

    Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#scaling-on-multiple-metrics
    """
    wanted, have = dicts(case.object, "spec", "metrics"), dicts(case.object, "status", "currentMetrics")
    made = moment(dig(case.object, "metadata", "creationTimestamp"))
    if condition(case.object, "ScalingActive").get("status") != "True" or len(wanted) != len(have):
        return
    unread = [_metric(one) for one, now in zip(wanted, have, strict=True) if not text(now, "type")]
    if not unread or (made and case.now - made < FIRST_METRICS):
        return
    if wrong := [*measured.of_no_container(case, target, scaled)]:
        yield from wrong
        return
    told = next((one for one in case.events(case.target) if _about(one, unread[0])), {})
    said = ", ".join(f"`{one}`" for one in unread)
    clause = f"it cannot read the metric {said}: it never scales by it, and takes no replicas away meanwhile"
    seen = [Evidence(str(case.target), f"status.currentMetrics has nothing for {said}; the others are read")]
    if told:
        words, last = text(told, "message"), moment(event_time(told))
        clause += f" ({words.rpartition(': ')[2]})"
        seen.append(Evidence(f"event {text(told, 'reason')}", words, ago(case.now, last)))
    why = "correct the metric's name here, install what serves it (an adapter, but for CPU and memory), or drop it"
    plan = Plan((Step(Get(HPA, case.namespace, case.target.name), why),))
    yield Finding(115, case.target, Layer.NEEDS, clause, tuple(seen), plan)


def _about(event: Json, metric: str) -> bool:
    return text(event, "reason").startswith("FailedGet") and metric in text(event, "message")


def _metric(metric: Json) -> str:
    """The name of what an autoscaler goes by: `cpu`, `http_requests_per_second`."""
    for key in ("resource", "containerResource"):
        if name := text(metric, key, "name"):
            return name
    return next((name for key in ("pods", "object", "external") if (name := text(metric, key, "metric", "name"))), "")


def _without_request(scaled: Json, resource: str) -> str:
    containers = dicts(scaled, "spec", "template", "spec", "containers")
    lacking = [text(one, "name") for one in containers if not dig(one, "resources", "requests", resource)]
    return next(iter(lacking), "")


def _state(target: Ref, container: str, resource: str) -> Plan:
    if not container or not workload(target.type) or resource not in _MODEST:
        return Plan()
    requests = ((resource, _MODEST[resource]),)
    change = SetResources(target.type, target.namespace, target.name, container, requests)
    why = "a modest request to begin with; take what the program really needs if you know it"
    return Plan((Step(change, why, "the autoscaler reads metrics again within two minutes"),))


def _capped(case: Case) -> Iterator[Finding]:
    limited = condition(case.object, "ScalingLimited")
    most = number(case.object, "spec", "maxReplicas")
    if limited.get("status") != "True" or limited.get("reason") != "TooManyReplicas":
        return
    if number(case.object, "status", "currentReplicas") < most:
        return
    load, factor = _load(case.object)
    clause = f"it is at its maximum of `{most}` replicas and wants more{f': {load}' if load else ''}"
    wanted = max(most + 1, min(int(most * factor) + 1, most * 3))
    body = {"spec": {"maxReplicas": wanted}}
    change = Patch(HPA, case.namespace, case.target.name, body, "merge", {"spec": {"maxReplicas": most}})
    plan = Plan((Step(change, "allow more replicas, if the nodes and what lies behind can bear them"),))
    since = moment(limited.get("lastTransitionTime"))
    yield Finding(116, case.target, Layer.WORKLOAD, clause, (_told(case, "ScalingLimited"),), plan, since=since)


def _load(thing: Json) -> tuple[str, float]:
    """The metric furthest above its target, in words, and how many times above."""
    worst, words = 1.0, ""
    now = {text(one, "resource", "name"): one for one in dicts(thing, "status", "currentMetrics")}
    for metric in dicts(thing, "spec", "metrics"):
        name = text(metric, "resource", "name")
        wanted = number(metric, "resource", "target", "averageUtilization")
        have = number(now.get(name, {}), "resource", "current", "averageUtilization")
        if wanted and have / wanted > worst:
            worst, words = have / wanted, f"{name} is at {have}% of its request, and {wanted}% is aimed at"
    return words, worst


RULES: tuple[Rule, ...] = (autoscaler,)
