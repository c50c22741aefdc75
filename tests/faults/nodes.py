"""Stand-in kubelet for the Node objects that a scenario brings along.

A scenario about taints and cordons needs a second node, and the real one is shared. The Node object is real to the
scheduler; here its lease is renewed, its conditions stay Ready, and pods that the scheduler binds to it are
reported as running (or removed, once deleted). Scenarios keep other pods away by a taint of their own.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from tests.faults.kubectl import Kubectl, KubectlError


@contextmanager
def kept_ready(kubectl: Kubectl, names: Sequence[str]) -> Iterator[None]:
    """Play kubelet for these nodes until the block ends."""
    stop = threading.Event()
    threads = [
        threading.Thread(target=work, args=(kubectl, name, stop), daemon=True)
        for name in names
        for work in (_beat, _play)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        for name in names:
            kubectl("delete", "lease", name, "--namespace=kube-node-lease", "--ignore-not-found", "--wait=false")


def _beat(kubectl: Kubectl, node: str, stop: threading.Event) -> None:
    """By itself, so that no work with pods keeps it waiting: after 40 seconds of silence a node is not ready."""
    pause = 0.5
    while not stop.wait(pause):
        with suppress(KubectlError):  # a conflict: the next beat sees the new state
            _heartbeat(kubectl, node)
            pause = 5.0


def _play(kubectl: Kubectl, node: str, stop: threading.Event) -> None:
    while not stop.wait(1):
        with suppress(KubectlError):  # the object went meanwhile: the next round sees the new state
            for pod in kubectl.items("pods", f"--field-selector=spec.nodeName={node}"):
                _keep(kubectl, pod)


def _heartbeat(kubectl: Kubectl, node: str) -> None:
    now = datetime.now(UTC)
    ready = {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "kubelet is posting ready status"}
    stamp = {"lastHeartbeatTime": now.strftime("%Y-%m-%dT%H:%M:%SZ")}
    _patch(kubectl, "node", node, {"status": {"conditions": [ready | stamp]}})
    lease = {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": node, "namespace": "kube-node-lease"},
        "spec": {"holderIdentity": node, "leaseDurationSeconds": 40, "renewTime": now.isoformat()[:26] + "Z"},
    }
    kubectl("apply", "--namespace=kube-node-lease", "--server-side", "-f", "-", stdin=json.dumps(lease))


def _keep(kubectl: Kubectl, pod: dict[str, Any]) -> None:
    name, status = pod["metadata"]["name"], pod["status"]
    if "deletionTimestamp" in pod["metadata"]:
        kubectl("delete", "pod", name, "--force", "--grace-period=0", "--wait=false", "--ignore-not-found")
    elif status["phase"] == "Pending":
        _patch(kubectl, "pod", name, {"status": _running(pod)})


def _running(pod: dict[str, Any]) -> dict[str, Any]:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    kinds = ("PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready")
    return {
        "phase": "Running",
        "startTime": now,
        "podIP": "198.18.250.1",
        "conditions": [{"type": kind, "status": "True", "lastTransitionTime": now} for kind in kinds],
        "containerStatuses": [
            {
                "name": container["name"],
                "image": container["image"],
                "imageID": "",
                "ready": True,
                "started": True,
                "restartCount": 0,
                "state": {"running": {"startedAt": now}},
            }
            for container in pod["spec"]["containers"]
        ],
    }


def _patch(kubectl: Kubectl, kind: str, name: str, change: dict[str, Any]) -> None:
    kubectl("patch", kind, name, "--subresource=status", "--type=strategic", "--patch", json.dumps(change))
