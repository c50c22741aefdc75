"""A pod's status, put together from its containers as the kubelet does."""

from __future__ import annotations

from collections.abc import Sequence

from bot.sandbox.jsonish import Object, Objects, dig
from bot.sandbox.node.containers import Container
from bot.sandbox.node.images import normalized
from bot.sandbox.world import condition, set_condition


def container_status(container: Container) -> Object:
    """Build one container's status."""
    status: Object = {
        "name": container.name,
        "state": container.state,
        "lastState": container.last,
        "ready": container.succeeded if container.role == "init" else container.ready,
        "restartCount": container.restarts,
        "image": normalized(container.spec["image"]) if container.life else container.spec["image"],
        "imageID": container.image_id,
        "started": container.started,
    }
    if container.life:
        status["containerID"] = container.life.id
        status["resources"] = container.spec.get("resources") or {}
    return status


def pod_phase(inits: Sequence[Container], mains: Sequence[Container]) -> str:
    """Give the phase of a pod from its containers."""
    if not all(initialized(container) for container in inits):
        failed = any(c.role == "init" and c.phase == "done" and not c.succeeded for c in inits)
        return "Failed" if failed else "Pending"
    if mains and all(container.phase == "done" for container in mains):
        return "Succeeded" if all(container.succeeded for container in mains) else "Failed"
    if any("waiting" in container.state and not container.last for container in mains):
        return "Pending"
    return "Running"


def initialized(container: Container) -> bool:
    """Whether an init container is out of the way: done, or a sidecar that started."""
    return container.succeeded or (container.role == "sidecar" and container.started)


def pod_conditions(
    pod: Object, inits: Sequence[Container], mains: Sequence[Container], phase: str, sandbox: bool, now: str
) -> Objects:
    """Build a pod's conditions; `sandbox` says whether its network and volumes are ready."""
    finished = {"Succeeded": "PodCompleted", "Failed": "PodFailed"}.get(phase, "")
    all_ready = [*mains, *(container for container in inits if container.role == "sidecar")]
    unready = [container.name for container in all_ready if not container.ready]
    incomplete = [container.name for container in inits if not initialized(container)]
    old = dig(pod, "status", "conditions", default=[])
    news = [
        _truth("PodReadyToStartContainers", sandbox and not finished),
        _initialized(incomplete, finished),
        _gated(pod, _readiness("Ready", unready, finished)),
        _readiness("ContainersReady", unready, finished),
        _truth("PodScheduled", True),
    ]
    result: Objects = []
    for new in news:
        before = condition(old, new["type"])
        merged = set_condition([before] if before else [], new, now)[-1]
        generation = pod["metadata"].get("generation", 1)
        result.append({"lastProbeTime": None, "observedGeneration": generation, **merged})
    own = {item["type"] for item in result}
    return result + [item for item in old if item["type"] not in own]


def _gated(pod: Object, ready: Object) -> Object:
    # A pod with readiness gates is ready when others have set these conditions too.
    if ready["status"] != "True":
        return ready
    conditions = dig(pod, "status", "conditions", default=[])
    faults = []
    for gate in dig(pod, "spec", "readinessGates", default=[]):
        kind = gate["conditionType"]
        found = condition(conditions, kind)
        if not found:
            faults.append(f'corresponding condition of pod readiness gate "{kind}" does not exist.')
        elif found["status"] != "True":
            faults.append(f'the status of pod readiness gate "{kind}" is not "True", but {found["status"]}')
    if not faults:
        return ready
    return {"type": "Ready", "status": "False", "reason": "ReadinessGatesNotReady", "message": ", ".join(faults)}


def _truth(kind: str, true: bool) -> Object:
    return {"type": kind, "status": "True" if true else "False"}


def _initialized(incomplete: list[str], finished: str) -> Object:
    if finished == "PodCompleted":
        return {"type": "Initialized", "status": "True", "reason": finished}
    if incomplete:
        text = f"containers with incomplete status: [{' '.join(incomplete)}]"
        return {"type": "Initialized", "status": "False", "reason": "ContainersNotInitialized", "message": text}
    return _truth("Initialized", True)


def _readiness(kind: str, unready: list[str], finished: str) -> Object:
    if finished:
        return {"type": kind, "status": "False", "reason": finished}
    if unready:
        text = f"containers with unready status: [{' '.join(unready)}]"
        return {"type": kind, "status": "False", "reason": "ContainersNotReady", "message": text}
    return _truth(kind, True)


def quality_class(spec: Object) -> str:
    """Give the QoS class of a pod's spec."""
    containers = [*(spec.get("containers") or []), *(spec.get("initContainers") or [])]
    resources = [container.get("resources") or {} for container in containers]
    if not any(item.get("requests") or item.get("limits") for item in resources):
        return "BestEffort"
    for item in resources:
        limits, asked = item.get("limits") or {}, item.get("requests") or item.get("limits") or {}
        if any(name not in limits or limits[name] != asked.get(name) for name in ("cpu", "memory")):
            return "Burstable"
    return "Guaranteed"
