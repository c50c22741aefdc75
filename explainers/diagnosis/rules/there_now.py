"""What a pod could not start without and is there by now (class 125): the kubelet tries again by itself."""

from collections.abc import Iterator
from datetime import timedelta

from explainers.diagnosis.case import Case
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.rules.stale import changed_at
from explainers.diagnosis.views.phrases import its_pods
from explainers.diagnosis.views.pods import Json, Pod, table
from explainers.diagnosis.views.references import Reference
from explainers.diagnosis.when import ago, moment, span
from explainers.document import Evidence
from explainers.operations.reads import Get
from explainers.operations.rollouts import RolloutStatus
from explainers.operations.workloads import workload
from explainers.plan import Plan, Step

NEXT_START, NEXT_MOUNT = timedelta(seconds=60), timedelta(seconds=150)
"""Until the next try to make a container, and to mount a volume, at most.

Source: k8s.io/kubernetes/pkg/util/goroutinemap/exponentialbackoff, maxDurationBeforeRetry
"""


def there_now(case: Case, pod: Pod, said: Evidence, one: Reference, thing: Json) -> Iterator[Finding]:
    """125: the ConfigMap or Secret, or its key, was written so short a while ago that the pod may not have met it."""
    made = moment(table(thing, "metadata").get("creationTimestamp"))
    when = changed_at(thing, one.key) or made
    if when is None or case.now - when >= (NEXT_START if one.container else NEXT_MOUNT):
        return
    key = f"the key `{one.key}` of " if one.key and made and when - made > timedelta(seconds=1) else ""
    clause = (
        f"{its_pods(case)} could not start without {key}the {one.kind} `{one.name}`, which has been there for "
        f"{span(case.now - when)}; the kubelet tries again by itself"
    )
    ref = case.workload_ref or pod.ref
    follow = RolloutStatus if workload(ref.type) else Get
    look = Step(follow(ref.type, ref.namespace, ref.name), "see whether its containers start now")
    seen = (said, Evidence(f"{one.kind.lower()} {one.name}", "is there", ago(case.now, when)))
    yield Finding(125, case.target, Layer.POD, clause, seen, Plan((look,)), benign=True)
