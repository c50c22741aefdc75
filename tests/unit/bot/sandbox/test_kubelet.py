"""Faults of single pods: reasons, messages, states and events as a 1.34 kubelet gives them (read from a real node)."""

from typing import Any

import pytest

from tests.unit.bot.sandbox.clusters import PODS, Bench, empty_bench, pod

IMAGES = """
  acme/app:*: {listens: [8080], serves: {/: 200, /bad: 500}, log: [ready], user: 1000, on_term: 0}
  acme/root:*: {listens: [8080]}
  acme/private:*: {denied: true}
"""


def bench_with(*manifests: dict[str, Any], seconds: float = 5) -> Bench:
    bench = empty_bench(IMAGES)
    for manifest in manifests:
        response = bench.post(PODS, manifest)
        assert response.code == 201, response.body
    bench.pass_time(seconds)
    return bench


def state_of(bench: Bench, name: str) -> dict[str, Any]:
    found: dict[str, Any] = bench.get(f"{PODS}/{name}")["status"]["containerStatuses"][0]
    return found


def ref(kind: str, name: str, key: str) -> dict[str, Any]:
    return {"env": [{"name": "A", "valueFrom": {kind: {"name": name, "key": key}}}]}


WAITING = [
    ("acme/app:1", ref("configMapKeyRef", "absent", "k"), "CreateContainerConfigError", 'configmap "absent" not found'),
    ("acme/app:1", ref("secretKeyRef", "absent", "k"), "CreateContainerConfigError", 'secret "absent" not found'),
    (
        "acme/app:1",
        ref("configMapKeyRef", "kube-root-ca.crt", "k"),
        "CreateContainerConfigError",
        "couldn't find key k in ConfigMap shop/kube-root-ca.crt",
    ),
    (
        "Shop/Bad:::2",
        {},
        "InvalidImageName",
        'Failed to apply default image tag "Shop/Bad:::2": couldn\'t parse image name "Shop/Bad:::2": '
        "invalid reference format: repository name (Bad) must be lowercase",
    ),
    (
        "nginx:9.9",
        {"imagePullPolicy": "Never"},
        "ErrImageNeverPull",
        'Container image "nginx:9.9" is not present with pull policy of Never',
    ),
    (
        "shop/nosuch",
        {},
        "ImagePullBackOff",
        'Back-off pulling image "shop/nosuch": ErrImagePull: rpc error: code = NotFound desc = failed to pull '
        'and unpack image "docker.io/shop/nosuch:latest": failed to resolve reference "docker.io/shop/nosuch:latest": '
        "docker.io/shop/nosuch:latest: not found",
    ),
    (
        "acme/app:1",
        {"command": ["nosuch"]},
        "RunContainerError",
        "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: "
        'unable to start container process: exec: "nosuch": executable file not found in $PATH: unknown',
    ),
]


@pytest.mark.parametrize(("image", "fields", "reason", "message"), WAITING)
def test_a_container_that_cannot_start_waits_with_the_reason(
    image: str, fields: dict[str, Any], reason: str, message: str
) -> None:
    bench = bench_with(pod("p", image, **fields), seconds=1.4 if reason == "RunContainerError" else 5)
    assert state_of(bench, "p")["state"]["waiting"] == {"reason": reason, "message": message}


def test_root_is_refused_where_it_is_forbidden() -> None:
    bench = bench_with(pod("p", "acme/root:1", securityContext={"runAsNonRoot": True}))
    waiting = state_of(bench, "p")["state"]["waiting"]
    assert waiting["reason"] == "CreateContainerConfigError"
    assert waiting["message"].startswith('container has runAsNonRoot and image will run as root (pod: "p_shop(')


def test_a_private_image_needs_its_secret() -> None:
    bench = bench_with(pod("p", "acme/private:1"))
    assert "401 Unauthorized" in state_of(bench, "p")["state"]["waiting"]["message"]
    bench.post("/api/v1/namespaces/shop/secrets", {"metadata": {"name": "login"}})
    account = {"imagePullSecrets": [{"name": "login"}]}
    bench.patch("/api/v1/namespaces/shop/serviceaccounts/default", "merge-patch", account)
    bench.pass_time(20)
    assert state_of(bench, "p")["ready"]


def test_a_missing_volume_source_holds_the_pod() -> None:
    manifest = pod("p", "acme/app:1")
    manifest["spec"]["volumes"] = [{"name": "v", "configMap": {"name": "absent"}}]
    bench = bench_with(manifest, seconds=30)
    assert state_of(bench, "p")["state"] == {"waiting": {"reason": "ContainerCreating"}}
    text = 'MountVolume.SetUp failed for volume "v" : configmap "absent" not found'
    assert bench.messages("shop", "FailedMount") == {text}
    bench.post("/api/v1/namespaces/shop/configmaps", {"metadata": {"name": "absent"}})
    bench.pass_time(20)
    assert state_of(bench, "p")["ready"]


def test_a_crash_loop_backs_off_as_the_kubelet_does() -> None:
    bench = bench_with(pod("p", "busybox", command=["sh", "-c", "echo boom; sleep 2; exit 3"]), seconds=400)
    status = state_of(bench, "p")
    uid = bench.get(f"{PODS}/p")["metadata"]["uid"]
    assert status["lastState"]["terminated"]["exitCode"] == 3
    assert status["restartCount"] == 6
    waiting = status["state"]["waiting"]
    assert waiting["reason"] == "CrashLoopBackOff"
    assert waiting["message"] == f"back-off 5m0s restarting failed container=c pod=p_shop({uid})"
    text = f"Back-off restarting failed container c in pod p_shop({uid})"
    assert bench.messages("shop", "BackOff") == {text}
    assert bench.ask("GET", f"{PODS}/p/log", previous="true").body == "boom\n"


def test_a_pod_that_may_not_restart_ends() -> None:
    manifests = [pod(name, "busybox", command=["sh", "-c", f"exit {code}"]) for name, code in (("good", 0), ("bad", 7))]
    for manifest in manifests:
        manifest["spec"]["restartPolicy"] = "Never"
    bench = bench_with(*manifests)
    phases = {item["metadata"]["name"]: item["status"]["phase"] for item in bench.pods("shop")}
    assert phases == {"good": "Succeeded", "bad": "Failed"}


PROBES = [
    ({"httpGet": {"path": "/bad", "port": 8080}}, "Readiness probe failed: HTTP probe failed with statuscode: 500"),
    (
        {"httpGet": {"path": "/", "port": 81}},
        'Readiness probe failed: Get "http://{ip}:81/": dial tcp {ip}:81: connect: connection refused',
    ),
    ({"tcpSocket": {"port": 81}}, "Readiness probe failed: dial tcp {ip}:81: connect: connection refused"),
    ({"exec": {"command": ["cat", "/ready"]}}, "Readiness probe failed: cat: /ready: No such file or directory\n"),
    ({"exec": {"command": ["sleep", "5"]}}, 'Readiness probe failed: command timed out: "sleep 5" timed out after 1s'),
]


@pytest.mark.parametrize(("probe", "message"), PROBES)
def test_a_failing_readiness_probe_says_why(probe: dict[str, Any], message: str) -> None:
    bench = bench_with(pod("p", "acme/app:1", readinessProbe=probe), seconds=15)
    found = bench.get(f"{PODS}/p")["status"]
    assert bench.messages("shop", "Unhealthy") == {message.format(ip=found["podIP"])}
    ready = next(item for item in found["conditions"] if item["type"] == "Ready")
    assert (ready["status"], ready["reason"]) == ("False", "ContainersNotReady")
    assert ready["message"] == "containers with unready status: [c]"


@pytest.mark.parametrize("kind", ["liveness", "startup"])
def test_a_failing_probe_restarts_the_container(kind: str) -> None:
    probe = {"httpGet": {"path": "/bad", "port": 8080}, "periodSeconds": 2}
    bench = bench_with(pod("p", "acme/app:1", **{f"{kind}Probe": probe}), seconds=12)
    assert state_of(bench, "p")["restartCount"] >= 1
    assert bench.messages("shop", "Killing") == {f"Container c failed {kind} probe, will be restarted"}
    assert state_of(bench, "p")["lastState"]["terminated"]["reason"] == "Completed"


def test_init_containers_hold_the_others_back() -> None:
    manifest = pod("p", "acme/app:1")
    manifest["spec"]["initContainers"] = [{"name": "i", "image": "busybox", "command": ["sh", "-c", "exit 4"]}]
    bench = bench_with(manifest, seconds=60)
    status = bench.get(f"{PODS}/p")["status"]
    assert status["phase"] == "Pending"
    assert status["containerStatuses"][0]["state"] == {"waiting": {"reason": "PodInitializing"}}
    assert status["initContainerStatuses"][0]["lastState"]["terminated"]["exitCode"] == 4
    initialized = next(item for item in status["conditions"] if item["type"] == "Initialized")
    assert initialized["message"] == "containers with incomplete status: [i]"
    assert bench.statuses("shop") == {"c": "Init:CrashLoopBackOff"}


def test_a_native_sidecar_runs_beside_the_others() -> None:
    manifest = pod("p", "acme/app:1")
    sidecar = {"name": "i", "image": "busybox", "command": ["sleep", "3600"], "restartPolicy": "Always"}
    manifest["spec"]["initContainers"] = [sidecar]
    bench = bench_with(manifest)
    status = bench.get(f"{PODS}/p")["status"]
    assert status["phase"] == "Running"
    assert status["initContainerStatuses"][0]["ready"]


def test_a_failing_hook_stops_the_container() -> None:
    hook = {"postStart": {"exec": {"command": ["sh", "-c", "exit 2"]}}}
    bench = bench_with(pod("p", "acme/app:1", lifecycle=hook), seconds=30)
    assert bench.messages("shop", "FailedPostStartHook") == {"PostStartHook failed"}
    assert bench.messages("shop", "Killing") == {"FailedPostStartHook"}
    assert state_of(bench, "p")["lastState"]["terminated"]["reason"] == "Completed"
    assert bench.statuses("shop") == {"c": "CrashLoopBackOff"}


def test_a_readiness_gate_waits_for_its_condition() -> None:
    manifest = pod("p", "acme/app:1")
    manifest["spec"]["readinessGates"] = [{"conditionType": "acme.dev/in-pool"}]
    bench = bench_with(manifest)

    def ready() -> dict[str, Any]:
        conditions = bench.get(f"{PODS}/p")["status"]["conditions"]
        return next(item for item in conditions if item["type"] == "Ready")

    assert ready()["reason"] == "ReadinessGatesNotReady"
    assert ready()["message"] == 'corresponding condition of pod readiness gate "acme.dev/in-pool" does not exist.'
    met = {"status": {"conditions": [{"type": "acme.dev/in-pool", "status": "True"}]}}
    bench.patch(f"{PODS}/p/status", "strategic-merge-patch", met)
    assert ready()["status"] == "True"


def test_a_deleted_pod_stops_and_goes() -> None:
    bench = bench_with(pod("p", "acme/app:1"))
    deleted = bench.ask("DELETE", f"{PODS}/p").body
    assert isinstance(deleted, dict)
    assert deleted["metadata"]["deletionGracePeriodSeconds"] == 30
    bench.cluster.engine.settle()
    assert bench.statuses("shop") == {"c": "Terminating"}
    bench.pass_time(3)
    assert bench.pods("shop") == []
    assert bench.messages("shop", "Killing") == {"Stopping container c"}


def test_required_variables_and_read_only_disks() -> None:
    images = """
  acme/needy:*: {needs_env: [MODE], user: 1000}
  acme/writer:*: {writes: [/var/cache], user: 1000}
"""
    bench = empty_bench(images)
    bench.post(PODS, pod("needy", "acme/needy:1"))
    bench.post(PODS, pod("writer", "acme/writer:1", securityContext={"readOnlyRootFilesystem": True}))
    bench.pass_time(3)
    log = bench.ask("GET", f"{PODS}/needy/log", previous="true").body
    assert log == "fatal: required environment variable MODE is not set\n"
    assert "read-only file system" in str(bench.ask("GET", f"{PODS}/writer/log", previous="true").body)
