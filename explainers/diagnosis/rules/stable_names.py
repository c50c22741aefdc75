"""StatefulSets whose Service does not exist, or names no pod before it is ready (class 15): their pods have no stable
names, or not when they need them.

The pods run all the same, so it is a fault only where something relies on those names.
Source: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id
"""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from explainers.diagnosis.case import Case, Rule, names
from explainers.diagnosis.classes import cases
from explainers.diagnosis.logs.connections import Connection
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.plans.governed import governed_by
from explainers.diagnosis.plans.services import governing_service, publish_early
from explainers.diagnosis.views.calls import NAMES, Call, suspected_calls
from explainers.diagnosis.views.endings import crashes
from explainers.diagnosis.views.governing import meant_to_govern
from explainers.diagnosis.views.named import some_of
from explainers.diagnosis.views.pods import dig, table, text
from explainers.diagnosis.views.ports import headless
from explainers.document import Evidence
from explainers.kinds import Ref, ref_of
from explainers.plan import Plan

LATELY = timedelta(seconds=60)
"""A pod that has complained within this time still looks for the others."""


def no_governing_service(case: Case) -> Iterator[Finding]:
    """15: `serviceName` names a Service that is not there."""
    ref, name = case.workload_ref, text(case.workload, "spec", "serviceName")
    if ref is None or ref.kind != "StatefulSet" or not name or not case.services_read:
        return
    there = names(case.namespace_services)
    used = "" if name in there else _user_of(case, name)
    if not used:
        return
    near = nearest_one(name, there)
    instead = f" (the nearest is `{near}`)" if near else ""
    clause = (
        f"its `serviceName` is `{name}`, a service that does not exist{instead}, so `{used}`, which its pods use, does "
        "not resolve"
    )
    seen = (
        Evidence(str(ref), f"spec.serviceName {name}; its template has {used}"),
        Evidence(f"services in {case.namespace}", f"{some_of(sorted(there))}; no {name}"),
    )
    plan = governing_service(case.workload, name, early=True)
    yield Finding(15, Ref("Service", case.namespace, name), Layer.NEEDS, clause, seen, plan)


def _user_of(case: Case, name: str) -> str:
    """A word of the pod template that names a pod by this Service; empty when none does."""
    spec = json.dumps(table(case.template, "spec"))
    own, service = (re.escape(word) for word in (text(case.workload, "metadata", "name"), name))
    found = re.search(rf"(?:\b{own}-\d+|\$[({{]?\w+[)}}]?)\.{service}\b[\w.:-]*", spec)
    return found[0] if found else ""


def misspelt_governor(case: Case) -> Iterator[Finding]:
    """15: `serviceName` is nearly the name of a headless Service that selects its pods. They serve all the same, so it
    is a fault only where a workload is told to call one of them by that name."""
    ref, name = case.workload_ref, text(case.workload, "spec", "serviceName")
    if ref is None or ref != case.target or ref.kind != "StatefulSet" or not name or not case.service(name).absent:
        return
    near = meant_to_govern(case, case.workload)
    if not near or _user_of(case, name):
        return
    caller, host = _told_to_call(case, ref.name, near)
    clause = (
        f"its `serviceName` is `{name}`, a service that does not exist; `{near}`, which selects its pods, is probably "
        f"meant: until then names such as `{host or f'{ref.name}-0.{near}'}` do not resolve"
    )
    clause += f", and {caller.kind} `{caller.name}` is told to call that" if caller else ""
    seen = [Evidence(str(ref), f"spec.serviceName {name}"), Evidence(f"service {near}", "headless, selects its pods")]
    seen += [Evidence(str(caller), f"its template has {host}")] if caller else []
    other = governing_service(case.workload, name, early=False).steps
    plan = Plan(governed_by(case, case.workload, near), other) if caller else Plan()
    sure, harmless = Confidence.LIKELY, caller is None
    yield Finding(15, ref, Layer.SERVICE, clause, tuple(seen), plan, sure, benign=harmless)


def _told_to_call(case: Case, own: str, service: str) -> tuple[Ref | None, str]:
    """A workload whose template names a pod of this set under a Service, with that name."""
    wanted = re.compile(rf"\b{re.escape(own)}-\d+\.{re.escape(service)}\b[\w.-]*")
    for one in case.workloads:
        found = wanted.search(json.dumps(table(one, "spec", "template", "spec")))
        if found:
            return ref_of(one), found[0]
    return None, ""


def named_too_late(case: Case) -> Iterator[Finding]:
    """15: pods look up each other, or themselves, at their start, and their Service names none that is not ready."""
    name = text(case.workload, "spec", "serviceName") if text(case.workload, "kind") == "StatefulSet" else ""
    crashing = any(crashes(case, one) for pod in case.unready_pods for one in pod.containers)
    if not name or not (crashing or _none_is_ready(case)):
        return
    calls = [one for one in suspected_calls(case) if one.complaint and one.complaint.failure in NAMES]
    if not crashing:
        calls = [one for one in calls if one.complaint and _goes_on(case, one.complaint)]
    host = _own_name(case, calls, name)
    service = case.service(name).object if host else {}
    if not headless(service) or dig(service, "spec", "publishNotReadyAddresses") is True:
        return
    when = "when they start" if crashing else "before they are ready"
    clause = (
        f"its pods look up `{host}` {when}, and service `{name}` names no pod before it is ready "
        "(`publishNotReadyAddresses` is not set)"
    )
    seen = (*calls[0].evidence, Evidence(f"service {name}", "headless, publishNotReadyAddresses not set"))
    named = crashing and calls[0].complaint and calls[0].complaint.host
    sure = Confidence.SURE if named else Confidence.LIKELY
    ref, plan, about = ref_of(service, "Service"), publish_early(service), cases.NAMED_WHEN_READY
    yield Finding(15, ref, Layer.NEEDS, clause, seen, plan, sure, about=about)


def _none_is_ready(case: Case) -> bool:
    """Whether its pods run and none of them is ready, so that they may wait for each other."""
    unready = case.unready_pods
    return bool(unready) and not any(one.ready for one in case.pods) and unready[0].phase == "Running"


def _goes_on(case: Case, complaint: Connection) -> bool:
    return complaint.at is not None and case.now - complaint.at < LATELY


def _own_name(case: Case, calls: Sequence[Call], name: str) -> str:
    """The name of a pod of the target that is not ready, which the log did not find: by its words, or where they name
    none and nothing else is called, by the template. Else empty."""
    if not calls or any(one.name not in ("", name) for one in calls):
        return ""
    said = calls[0].complaint.host if calls[0].complaint else ""
    host = said or _user_of(case, name)
    pod = host.partition(".")[0]
    return host if pod.startswith("$") or any(one.name == pod and not one.ready for one in case.pods) else ""


RULES: tuple[Rule, ...] = (no_governing_service, misspelt_governor, named_too_late)
