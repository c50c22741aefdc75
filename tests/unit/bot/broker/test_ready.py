"""When something can be used, and what it waits for."""

from typing import Any

import pytest

from bot.broker.ready import Hopeless, waits_for


def thing(kind: str, spec: dict[str, Any] | None = None, generation: int = 1, **status: Any) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"generation": generation}, "spec": spec or {}, "status": status}


def condition(type: str, status: str = "True", **more: str) -> list[dict[str, str]]:
    return [{"type": type, "status": status, **more}]


READY = [
    thing("ConfigMap"),
    thing("Service"),
    thing("Deployment", {"replicas": 0}, observedGeneration=1),
    thing("Deployment", {"replicas": 1}, observedGeneration=1, replicas=1, updatedReplicas=1, availableReplicas=1),
    thing("StatefulSet", {}, observedGeneration=1, readyReplicas=1, updateRevision="a", currentRevision="a"),
    thing("DaemonSet", observedGeneration=1, desiredNumberScheduled=2, updatedNumberScheduled=2, numberAvailable=2),
    thing("ReplicaSet", {"replicas": 2}, observedGeneration=1, readyReplicas=2),
    thing("Pod", phase="Running", conditions=condition("Ready")),
    thing("Pod", phase="Succeeded"),
    thing("Job", conditions=condition("Complete")),
    thing("PersistentVolumeClaim", phase="Bound"),
]
WAITING = [
    (thing("Deployment", {"replicas": 2}, observedGeneration=1, readyReplicas=1), "1 of 2 pods ready"),
    (thing("Deployment", {"replicas": 1}, generation=2, observedGeneration=1, readyReplicas=1), "1 of 1 pods ready"),
    (thing("DaemonSet", observedGeneration=1, desiredNumberScheduled=2, numberReady=1), "1 of 2 pods ready"),
    (thing("ReplicaSet", {}, observedGeneration=1), "0 of 1 pods ready"),
    (thing("ReplicaSet", {"replicas": 0}, generation=2, observedGeneration=1), "0 of 0 pods ready"),
    (thing("Pod", phase="Running", conditions=condition("Ready", "False")), "not ready"),
    (thing("Job"), "not complete"),
    (thing("PersistentVolumeClaim", phase="Pending"), "a volume"),
    (thing("StatefulSet", {"replicas": 3}, observedGeneration=1, readyReplicas=2), "2 of 3 pods ready"),
]


@pytest.mark.parametrize("one", READY, ids=lambda one: one["kind"])
def test_ready(one: dict[str, Any]) -> None:
    assert waits_for(one) == ""


@pytest.mark.parametrize(("one", "what"), WAITING, ids=lambda one: one["kind"] if isinstance(one, dict) else "")
def test_waiting(one: dict[str, Any], what: str) -> None:
    assert waits_for(one) == what


def test_hopeless() -> None:
    with pytest.raises(Hopeless, match="evicted"):
        waits_for(thing("Pod", phase="Failed", message="it was evicted"))
    with pytest.raises(Hopeless, match="BackoffLimitExceeded"):
        waits_for(thing("Job", conditions=condition("Failed", reason="BackoffLimitExceeded")))


def test_nonsense_waits() -> None:
    for kind in ("Deployment", "Pod", "Job", "PersistentVolumeClaim", "ReplicaSet"):
        assert waits_for({"kind": kind, "spec": None, "status": [], "metadata": {"generation": 1}})
