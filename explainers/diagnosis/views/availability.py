"""Pods that are ready and do not count as available yet, because `minReadySeconds` have not passed.

Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#min-ready-seconds
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from explainers.diagnosis.views.pods import number
from explainers.document import Evidence

if TYPE_CHECKING:
    from explainers.diagnosis.case import Case

_FIELDS = {
    "Deployment": "availableReplicas", "StatefulSet": "availableReplicas", "ReplicaSet": "availableReplicas",
    "DaemonSet": "numberAvailable",
}  # fmt: skip


def not_counted(case: Case, ready: int) -> list[Evidence]:
    """That of so many `ready` pods of the target not all count, and from when on the first may."""
    settle = number(case.object, "spec", "minReadySeconds")
    field = _FIELDS.get(case.target.kind, "")
    available = number(case.object, "status", field) if field else ready
    if not settle or available >= ready:
        return []
    known = [pod.ready_since for pod in case.pods if pod.ready and pod.ready_since]
    first = min(known) + timedelta(seconds=settle) if known and not available else None
    when = ""
    if first and first > case.now:
        day = "" if first.date() == case.now.date() else f" on {first.day} {first:%B}"
        when = f", and none before {first:%H:%M} UTC{day}"
    told = f"{available} of {ready} ready pods count{'s' if available == 1 else ''} as available{when}"
    return [Evidence(str(case.target), f"{told} (minReadySeconds {settle})")]
