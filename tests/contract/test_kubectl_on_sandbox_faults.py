"""The real kubectl sees the same faults, in the same words, in the sandbox and on a real node."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.places import PLACES, Place, place, pod_manifest

pytestmark = pytest.mark.kubectl


@pytest.fixture(scope="module", params=PLACES)
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with place(request.param, tmp_path_factory.mktemp("kubectl"), "shop") as found:
        yield found


@pytest.fixture(scope="module")
def guarded(here: Place) -> Iterator[Place]:
    """A second namespace, in which policies hold."""
    found = Place(here.kubeconfig, f"{here.namespace}-guarded")
    here.kubectl("create", "namespace", found.namespace)
    found.until("default", "serviceaccounts", path="{.items[*].metadata.name}")
    yield found
    here.run("delete", "namespace", found.namespace, "--wait=false")


def failure(place: Place, name: str) -> str:
    """What keeps a Deployment's pods from being made."""
    path = '{.status.conditions[?(@.type=="ReplicaFailure")].message}'
    return place.until("forbidden", "deployment", name, path=path)


def test_admission_refuses_pods_with_the_same_words(guarded: Place) -> None:
    guarded.kubectl("create", "deployment", "nobody", "--image=nginx", "--replicas=0")
    guarded.kubectl("set", "serviceaccount", "deployment/nobody", "absent")
    guarded.kubectl("scale", "deployment/nobody", "--replicas=1")
    account = f'error looking up service account {guarded.namespace}/absent: serviceaccount "absent" not found'
    assert failure(guarded, "nobody").endswith(f'-" is forbidden: {account}')

    limits = {"limits": [{"type": "Container", "max": {"memory": "128Mi"}, "default": {"memory": "64Mi"}}]}
    body = {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "small"}, "spec": limits}
    guarded.kubectl("create", "-f", "-", given=json.dumps(body))
    guarded.kubectl("create", "deployment", "big", "--image=nginx", "--replicas=0")
    guarded.kubectl("set", "resources", "deployment/big", "--limits=memory=1Gi")
    guarded.kubectl("scale", "deployment/big", "--replicas=1")
    assert failure(guarded, "big").endswith("maximum memory usage per Container is 128Mi, but limit is 1Gi")
    guarded.kubectl("delete", "limitrange", "small")

    guarded.kubectl("create", "quota", "team", "--hard=requests.cpu=1")
    guarded.kubectl("create", "deployment", "vague", "--image=nginx")
    assert failure(guarded, "vague").endswith("failed quota: team: must specify requests.cpu for: nginx")
    guarded.kubectl("create", "deployment", "greedy", "--image=nginx", "--replicas=0")
    guarded.kubectl("set", "resources", "deployment/greedy", "--requests=cpu=1500m")
    guarded.kubectl("scale", "deployment/greedy", "--replicas=1")
    amounts = "requested: requests.cpu=1500m, used: requests.cpu=0, limited: requests.cpu=1"
    assert failure(guarded, "greedy").endswith(f"exceeded quota: team, {amounts}")
    guarded.kubectl("delete", "quota", "team")

    guarded.kubectl("label", "namespace", guarded.namespace, "pod-security.kubernetes.io/enforce=restricted")
    guarded.kubectl("create", "deployment", "rooted", "--image=nginx")
    assert failure(guarded, "rooted").endswith(
        'violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "nginx" must set '
        'securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "nginx" must set '
        'securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "nginx" must set '
        'securityContext.runAsNonRoot=true), seccompProfile (pod or container "nginx" must set '
        'securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'
    )


CLAIMS = [
    ("waiting", {}, "WaitForFirstConsumer", "waiting for first consumer to be created before binding"),
    ("classless", {"storageClassName": ""}, "FailedBinding",
     "no persistent volumes available for this claim and no storage class is set"),
    ("fast", {"storageClassName": "fast"}, "ProvisioningFailed", 'storageclass.storage.k8s.io "fast" not found'),
]  # fmt: skip


@pytest.mark.parametrize(("name", "spec", "reason", "message"), CLAIMS)
def test_claims_that_stay_pending_say_why(
    here: Place, name: str, spec: dict[str, Any], reason: str, message: str
) -> None:
    wanted = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, **spec}
    body = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": wanted}
    here.kubectl("create", "-f", "-", given=json.dumps(body))
    chosen = f"--field-selector=involvedObject.name={name}"
    here.until(reason, "events", chosen, path="{.items[*].reason}")
    assert message in {item["message"] for item in here.get("events", chosen)["items"]}
    assert here.get("pvc", name)["status"]["phase"] == "Pending"
    assert here.get("pvc", name)["metadata"]["finalizers"] == ["kubernetes.io/pvc-protection"]
    here.kubectl("delete", "pvc", name)


def test_init_containers_and_sidecars(here: Place) -> None:
    failing = [{"name": "i", "image": "busybox", "command": ["sh", "-c", "exit 4"]}]
    here.kubectl("create", "-f", "-", given=pod_manifest("init", image="nginx", initContainers=failing))
    path = "{.status.initContainerStatuses[0].state.waiting.reason}"
    here.until("CrashLoopBackOff", "pod", "init", path=path)
    status = here.get("pod", "init")["status"]
    assert status["phase"] == "Pending"
    assert status["containerStatuses"][0]["state"] == {"waiting": {"reason": "PodInitializing"}}
    conditions = {item["type"]: item.get("message") for item in status["conditions"]}
    assert conditions["Initialized"] == "containers with incomplete status: [i]"
    beside = [{"name": "i", "image": "busybox", "command": ["sleep", "3600"], "restartPolicy": "Always"}]
    here.kubectl("create", "-f", "-", given=pod_manifest("beside", image="nginx", initContainers=beside))
    here.kubectl("wait", "--for=condition=Ready", "pod/beside", "--timeout=90s")
    assert here.kubectl("get", "pod", "beside").splitlines()[1].split()[:3] == ["beside", "2/2", "Running"]
    here.kubectl("delete", "pod", "init", "beside", "--wait=false")


WAITING = [
    (
        "env-configmap",
        {"env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "absent", "key": "k"}}}]},
        "CreateContainerConfigError",
        'configmap "absent" not found',
    ),
    (
        "env-secret",
        {"envFrom": [{"secretRef": {"name": "absent"}}]},
        "CreateContainerConfigError",
        'secret "absent" not found',
    ),
    (
        "env-key",
        {"env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "kube-root-ca.crt", "key": "k"}}}]},
        "CreateContainerConfigError",
        "couldn't find key k in ConfigMap {namespace}/kube-root-ca.crt",
    ),
    (
        "no-image",
        {"image": "shop/nosuch:2"},
        "ImagePullBackOff",
        'Back-off pulling image "shop/nosuch:2": ErrImagePull: rpc error: code = NotFound desc = failed to pull and '
        'unpack image "docker.io/shop/nosuch:2": failed to resolve reference "docker.io/shop/nosuch:2": '
        "docker.io/shop/nosuch:2: not found",
    ),
    (
        "bad-name",
        {"image": "Shop/Bad:::2"},
        "InvalidImageName",
        'Failed to apply default image tag "Shop/Bad:::2": couldn\'t parse image name "Shop/Bad:::2": '
        "invalid reference format: repository name (Bad) must be lowercase",
    ),
    (
        "never",
        {"image": "nginx:9.9", "imagePullPolicy": "Never"},
        "ErrImageNeverPull",
        'Container image "nginx:9.9" is not present with pull policy of Never',
    ),
]


@pytest.mark.parametrize(("name", "spec", "reason", "message"), WAITING)
def test_containers_wait_with_the_same_words(
    here: Place, name: str, spec: dict[str, Any], reason: str, message: str
) -> None:
    here.kubectl("create", "-f", "-", given=pod_manifest(name, **spec))
    here.until(reason, "pod", name, path="{.status.containerStatuses[0].state.waiting.reason}")
    found = here.get("pod", name)["status"]
    assert found["containerStatuses"][0]["state"]["waiting"]["message"] == message.format(namespace=here.namespace)
    assert found["phase"] == "Pending"
    conditions = {item["type"]: (item["status"], item.get("reason")) for item in found["conditions"]}
    unready = ("False", "ContainersNotReady")
    assert conditions == {
        "PodReadyToStartContainers": ("True", None),
        "Initialized": ("True", None),
        "Ready": unready,
        "ContainersReady": unready,
        "PodScheduled": ("True", None),
    }
    here.kubectl("delete", "pod", name, "--wait=false")


def test_a_crash_loop_looks_the_same(here: Place) -> None:
    here.kubectl("create", "-f", "-", given=pod_manifest("crash", command=["sh", "-c", "echo boom; sleep 1; exit 3"]))
    message = here.until("back-off", "pod", "crash", path="{.status.containerStatuses[0].state.waiting.message}")
    found = here.get("pod", "crash")
    status, uid = found["status"], found["metadata"]["uid"]
    assert status["phase"] == "Running"
    container = status["containerStatuses"][0]
    ended = container["lastState"]["terminated"]
    assert (ended["exitCode"], ended["reason"]) == (3, "Error")
    pause = message.split()[1]
    assert message == f"back-off {pause} restarting failed container=c pod=crash_{here.namespace}({uid})"
    here.until_logged("boom\n", "crash", "--previous")
    events = here.get("events", "--field-selector=involvedObject.name=crash")["items"]
    found_events = {(item["type"], item["reason"], item["source"].get("component")) for item in events}
    assert found_events >= {
        ("Normal", "Pulling", "kubelet"),
        ("Normal", "Pulled", "kubelet"),
        ("Normal", "Created", "kubelet"),
        ("Normal", "Started", "kubelet"),
        ("Warning", "BackOff", "kubelet"),
        ("Normal", "Scheduled", None),
    }
    here.kubectl("delete", "pod", "crash", "--wait=false")


def test_a_pod_that_no_node_takes(here: Place) -> None:
    spec = {"resources": {"requests": {"cpu": "512"}}}
    here.kubectl("create", "-f", "-", given=pod_manifest("huge", **spec))
    here.until("Unschedulable", "pod", "huge", path="{.status.conditions[0].reason}")
    message = here.get("pod", "huge")["status"]["conditions"][0]["message"]
    assert "Insufficient cpu" in message
    assert message.endswith("Preemption is not helpful for scheduling.")
    assert here.get("pod", "huge")["status"]["phase"] == "Pending"
    here.kubectl("delete", "pod", "huge")


def test_a_failing_readiness_probe(here: Place) -> None:
    probe = {"readinessProbe": {"httpGet": {"path": "/nosuch", "port": 80}, "periodSeconds": 1}}
    here.kubectl("create", "-f", "-", given=pod_manifest("unready", image="nginx", **probe))
    reason = "--field-selector=involvedObject.name=unready,reason=Unhealthy"
    here.until("Readiness", "events", reason, path="{.items[*].message}")
    text = here.get("events", reason)["items"][-1]["message"]
    assert text == "Readiness probe failed: HTTP probe failed with statuscode: 404"
    status = here.get("pod", "unready")["status"]["containerStatuses"][0]
    assert (status["ready"], status["started"], status["restartCount"]) == (False, True, 0)
    here.kubectl("delete", "pod", "unready", "--wait=false")


def test_jobs_succeed_and_fail(here: Place) -> None:
    here.kubectl("create", "job", "fine", "--image=busybox", "--", "sh", "-c", "echo done")
    here.kubectl("wait", "--for=condition=Complete", "job/fine", "--timeout=90s")
    conditions = here.get("job", "fine")["status"]["conditions"]
    assert [(item["type"], item["reason"]) for item in conditions] == [
        ("SuccessCriteriaMet", "CompletionsReached"),
        ("Complete", "CompletionsReached"),
    ]
    assert here.kubectl("logs", "job/fine") == "done\n"
    body = json.loads(
        here.kubectl(
            "create", "job", "bad", "--image=busybox", "--dry-run=client", "-o", "json", "--", "sh", "-c", "exit 7"
        )
    )
    body["spec"]["backoffLimit"] = 0
    here.kubectl("create", "-f", "-", given=json.dumps(body))
    here.kubectl("wait", "--for=condition=Failed", "job/bad", "--timeout=90s")
    conditions = here.get("job", "bad")["status"]["conditions"]
    assert {item["message"] for item in conditions} == {"Job has reached the specified backoff limit"}


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("autoscale", "deployment/web", "--max=3"), "autoscaling/v2 only"),
        (("port-forward", "deployment/web", ":80"), "no port of theirs can be forwarded"),
        (("attach", "deployment/web"), "none can be attached to"),
    ],
)
def test_what_the_sandbox_lacks_is_said(tmp_path: Path, words: tuple[str, ...], why: str) -> None:
    with place("sandbox", tmp_path) as found:
        found.kubectl("create", "deployment", "web", "--image=nginx")
        found.kubectl("wait", "--for=condition=Available", "deployment/web", "--timeout=90s")
        assert why in found.refused(*words)
