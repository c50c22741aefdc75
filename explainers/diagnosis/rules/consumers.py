"""99: a claim that waits for its first consumer is no fault, unless the pod that is to be that cannot be placed.

Kubernetes names that pod in an event about the claim.
Source: k8s.io/kubernetes/pkg/controller/volume/persistentvolume/pv_controller.go, syncUnboundClaim
"""

from collections.abc import Iterator
from dataclasses import replace

from explainers.diagnosis.case import Case, event_time
from explainers.diagnosis.consequences import told_causes
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.views.claims import WAITS, Claim
from explainers.diagnosis.views.pods import text
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.patterns import pattern

_NOBODY, _PODS = "WaitForFirstConsumer", "WaitForPodScheduled"
_NAMES = pattern(r"^waiting for pods? (\S+) to be scheduled")


def first_consumer(case: Case, claim: Claim, seen: Evidence) -> Iterator[Finding]:
    """What keeps the pod that the claim, the target, waits for from its node; else that it waits."""
    from explainers.diagnosis.engine import findings_of  # the engine runs rules, this rule runs the engine

    pod = _waited_for(case)
    cause = next(iter(told_causes(findings_of(case.follow(pod)))), None) if pod else None
    if pod and cause:
        clause = f"it waits for its first consumer, pod `{pod.name}`, which has no node yet: {cause.clause}"
        yield replace(cause, clause=clause, evidence=(seen, *cause.evidence))
        return
    who = f"pod `{pod.name}`" if pod else "a pod that mounts it"
    clause = f"it waits for its first consumer: the class `{claim.storage_class}` binds it when {who} is placed"
    mode = Evidence(f"storageclass {claim.storage_class}", f"volumeBindingMode: {WAITS}")
    yield Finding(99, case.target, Layer.NEEDS, clause, (mode, seen), benign=True)


def _waited_for(case: Case) -> Ref | None:
    """The first of the pods that the newest event about the claim names; None where it names none. Times are in whole
    seconds: of two in the same one, that which names a pod came later."""
    told = [one for one in case.events(case.target) if text(one, "reason") in (_NOBODY, _PODS)]
    newest = max(told, key=lambda one: (event_time(one), text(one, "reason") == _PODS), default={})
    named = _NAMES.search(text(newest, "message"))
    return Ref("Pod", case.namespace, named.group(1).split(",")[0]) if named else None
