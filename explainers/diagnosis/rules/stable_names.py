"""StatefulSets whose Service does not exist (class 15): their pods have no stable names.

The pods run all the same, so it is a fault only where something relies on those names.
Source: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id
"""

import json
import re
from collections.abc import Iterator

from explainers import kinds
from explainers.diagnosis.case import Case, Rule, names
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.views.pods import dicts, number, table, text
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.operations.apply import Create
from explainers.operations.base import Json
from explainers.plan import Plan, Step


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
        Evidence(f"services in {case.namespace}", f"{', '.join(sorted(there)[:6]) or 'none'}; no {name}"),
    )
    yield Finding(15, Ref("Service", case.namespace, name), Layer.NEEDS, clause, seen, _made(case, name))


def _user_of(case: Case, name: str) -> str:
    """A word of the pod template that names a pod by this Service; empty when none does."""
    spec = json.dumps(table(case.template, "spec"))
    own, service = (re.escape(word) for word in (text(case.workload, "metadata", "name"), name))
    found = re.search(rf"(?:\b{own}-\d+|\$[({{]?\w+[)}}]?)\.{service}\b[\w.:-]*", spec)
    return found[0] if found else ""


def _made(case: Case, name: str) -> Plan:
    """A headless Service for the pods, with the ports that they declare. `serviceName` itself cannot be changed."""
    labels = table(case.workload, "spec", "selector", "matchLabels")
    declared = [one for container in dicts(case.template, "spec", "containers") for one in dicts(container, "ports")]
    ports = [_port(one) for one in declared if number(one, "containerPort")]
    if not labels:
        return Plan()
    spec: Json = {"clusterIP": "None", "selector": labels, **({"ports": ports} if ports else {})}
    metadata = {"name": name, "namespace": case.namespace}
    body: Json = {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}
    why = "make it, headless: each pod then has a name of its own"
    return Plan((Step(Create(kinds.SERVICE, case.namespace, body), why, "the names resolve within half a minute"),))


def _port(declared: Json) -> Json:
    port = number(declared, "containerPort")
    return {
        "name": text(declared, "name") or f"port-{port}",
        "port": port,
        "protocol": text(declared, "protocol") or "TCP",
    }


RULES: tuple[Rule, ...] = (no_governing_service,)
