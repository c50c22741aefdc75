"""How many pods of a workload serve, by its pods where its own count comes later, or counts those that go."""

from explainers.diagnosis.case import Case
from explainers.diagnosis.views.pods import Json, number, table, text


def left_over(workload: Json) -> int:
    """How many pods of earlier templates a Deployment still has."""
    status = table(workload, "status")
    return number(status, "replicas") - number(status, "updatedReplicas") if _rolls(workload) else 0


def ready_of(case: Case, counted: int) -> int:
    """How many pods of the target's workload are ready: as many as it has `counted`, or in a rollout as are seen."""
    name = text(case.workload, "metadata", "name")
    if going := counted_and_going(case):
        return max(min(counted, sum(pod.ready for pod in case.pods)), counted - going)
    if not left_over(case.workload):
        return counted
    own = [pod for pod in case.pods if pod.owner and pod.owner.name.rpartition("-")[0] == name]
    return max(counted, sum(pod.ready for pod in own))


def counted_and_going(case: Case) -> int:
    """How many pods are about to go that their StatefulSet or DaemonSet still counts as ready: no Service sends them
    anything. A ReplicaSet counts no such pods.

    Source: k8s.io/kubernetes/pkg/controller/statefulset and daemon, which ask for the condition Ready alone
    """
    if text(case.workload, "kind") not in ("StatefulSet", "DaemonSet"):
        return 0
    return sum(pod.terminating and text(pod.condition("Ready"), "status") == "True" for pod in case.all_pods)


def _rolls(workload: Json) -> bool:
    """Whether it is a Deployment that has seen its newest template."""
    seen = number(workload, "status", "observedGeneration") >= number(workload, "metadata", "generation")
    return text(workload, "kind") == "Deployment" and seen
