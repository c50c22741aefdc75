"""How far the rollout of a Deployment is, by its pods where its own count comes later."""

from explainers.diagnosis.case import Case
from explainers.diagnosis.views.pods import Json, number, table, text


def left_over(workload: Json) -> int:
    """How many pods of earlier templates a Deployment still has."""
    status = table(workload, "status")
    return number(status, "replicas") - number(status, "updatedReplicas") if _rolls(workload) else 0


def ready_of(case: Case, counted: int) -> int:
    """How many pods of the target's workload are ready: as many as it has `counted`, or in a rollout as are seen."""
    name = text(case.workload, "metadata", "name")
    if not left_over(case.workload):
        return counted
    own = [pod for pod in case.pods if pod.owner and pod.owner.name.rpartition("-")[0] == name]
    return max(counted, sum(pod.ready for pod in own))


def _rolls(workload: Json) -> bool:
    """Whether it is a Deployment that has seen its newest template."""
    seen = number(workload, "status", "observedGeneration") >= number(workload, "metadata", "generation")
    return text(workload, "kind") == "Deployment" and seen
