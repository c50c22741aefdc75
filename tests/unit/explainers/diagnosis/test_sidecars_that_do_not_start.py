"""Native sidecars whose startup probe fails: told also between two runs, and with what the probe looks for."""

from typing import Any

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import Json, deployment, pod, services, thing

WRITES: Json = {"command": ["sh", "-c", "touch /var/log/app/ready; sleep 1000"]}
END = {"exitCode": 0, "reason": "Completed", "startedAt": "2026-01-02T11:59:50Z", "finishedAt": "2026-01-02T11:59:57Z"}
MADE = "2026-01-02T11:58:00Z"


def found(sidecar: Json, path: str, state: Json, volumes: tuple[Json, ...] = (), killed: bool = True) -> Json:
    made, only = deployment("web", ready=0), pod("web-1", {"app": "web"}, ready=False)
    startup = {"exec": {"command": ["test", "-f", path]}, "periodSeconds": 2}
    shipper = {"name": "shipper", "image": "s:1", "restartPolicy": "Always", "startupProbe": startup, **sidecar}
    app = {"name": "app", "image": "app:1", "volumeMounts": [{"name": "logs", "mountPath": "/var/log/app"}]}
    spec = {"nodeName": "node-1", "initContainers": [shipper], "containers": [app], "volumes": list(volumes)}
    made["spec"]["template"]["spec"] = only["spec"] = spec
    only["metadata"]["creationTimestamp"], only["status"]["phase"] = MADE, "Pending"
    waiting = {"name": "app", "ready": False, "state": {"waiting": {"reason": "PodInitializing"}}}
    only["status"]["containerStatuses"] = [waiting]
    only["status"]["initContainerStatuses"] = [{"name": "shipper", "ready": False, "started": False, **state}]
    about = {"kind": "Pod", "name": "web-1", "namespace": "shop", "fieldPath": "spec.initContainers{shipper}"}
    said: dict[str, Any] = {"involvedObject": about, "lastTimestamp": "2026-01-02T11:59:56Z", "count": 9}
    fails = thing("Event", "web-1.a", reason="Unhealthy", message="Startup probe failed: ", **said)
    kills = thing("Event", "web-1.b", reason="Killing", message="Init container shipper failed startup probe", **said)
    request = Request("diagnose", "web", Actor("test"), namespace="shop")
    return dict(
        diagnose(
            request, services(made, only, fails, *([kills] if killed else []), logs={"shop/web-1/shipper": ""})
        ).data
    )


BETWEEN: Json = {"restartCount": 4, "state": {"terminated": END}, "lastState": {}}
RUNNING: Json = {
    "restartCount": 4,
    "state": {"running": {"startedAt": "2026-01-02T11:59:58Z"}},
    "lastState": {"terminated": END},
}


@pytest.mark.parametrize("state", [BETWEEN, RUNNING], ids=["between", "running"])
def test_its_startup_probe_is_told(state: Json) -> None:
    data = found({}, "/ready", state)
    assert data["cause"]["class"] == 72
    for said in ("startup probe of sidecar `shipper`", "`test -f /ready`", "4 restarts", "`app` never starts"):
        assert said in data["headline"]


def test_the_file_that_it_writes_is_named_otherwise() -> None:
    data = found(WRITES, "/var/log/app/readyy", BETWEEN)
    assert "the container names `/var/log/app/ready`" in data["headline"]
    assert '["test","-f","/var/log/app/ready"]' in data["plan"][0]["kubectl"]


def test_its_volume_is_mounted_elsewhere() -> None:
    mounts = {"volumeMounts": [{"name": "logs", "mountPath": "/var/log/apps"}]}
    data = found({**WRITES, **mounts}, "/var/log/app/ready", BETWEEN, ({"name": "logs", "emptyDir": {}},))
    assert "`logs` is mounted at `/var/log/apps` in it, and nothing at `/var/log/app`" in data["headline"]
    assert '{"mountPath":"/var/log/apps","$patch":"delete"}' in data["plan"][0]["kubectl"]


def test_a_file_that_may_be_there_is_not_explained() -> None:
    mounts = {"volumeMounts": [{"name": "logs", "mountPath": "/var/log/app"}]}
    data = found({**WRITES, **mounts}, "/var/log/app/ready", BETWEEN, ({"name": "logs", "emptyDir": {}},))
    assert "mounted at" not in data["headline"]


def test_a_sidecar_that_crashes_is_told_by_its_crash() -> None:
    crash = {**END, "exitCode": 3, "reason": "Error"}
    state = {
        "restartCount": 4,
        "state": {"waiting": {"reason": "CrashLoopBackOff"}},
        "lastState": {"terminated": crash},
    }
    assert "exit code 3" in found({}, "/ready", state, killed=False)["headline"]
