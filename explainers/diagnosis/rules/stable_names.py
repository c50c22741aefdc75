"""StatefulSets whose Service does not exist (class 15): their pods have no stable names.

The pods run all the same, so it is a fault only where something relies on those names.
Source: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id
"""

import json
import re
from collections.abc import Iterator

from explainers.diagnosis.case import Case, Rule, names
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.plans.services import governing_service
from explainers.diagnosis.views.named import some_of
from explainers.diagnosis.views.pods import table, text
from explainers.document import Evidence
from explainers.kinds import Ref


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
    yield Finding(15, Ref("Service", case.namespace, name), Layer.NEEDS, clause, seen, governing_service(case, name))


def _user_of(case: Case, name: str) -> str:
    """A word of the pod template that names a pod by this Service; empty when none does."""
    spec = json.dumps(table(case.template, "spec"))
    own, service = (re.escape(word) for word in (text(case.workload, "metadata", "name"), name))
    found = re.search(rf"(?:\b{own}-\d+|\$[({{]?\w+[)}}]?)\.{service}\b[\w.:-]*", spec)
    return found[0] if found else ""


RULES: tuple[Rule, ...] = (no_governing_service,)
