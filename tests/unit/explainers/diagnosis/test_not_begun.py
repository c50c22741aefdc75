"""Pods that a node has taken and that do not begin, nodes that no longer report, and what nobody can explain."""

from typing import Any

import pytest

from commands.base.errors import NotFound
from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import Json, deployment, pod, services, thing

SANDBOX = (
    "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "
    f'"{"0a" * 32}": plugin type="calico" failed (add): error getting ClusterInformation: connection is unauthorized'
)
HANDLER = (
    "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to get sandbox runtime: "
    'no runtime for "runsc" is configured'
)
USED = 'Multi-Attach error for volume "pvc-7" Volume is already used by pod(s) web-0'
EXCLUSIVE = (
    'Multi-Attach error for volume "pvc-7" Volume is already exclusively attached to one node and can\'t be attached '
    "to another"
)


def verdict(*objects: Json, target: str = "web") -> Json:
    data = diagnose(Request("diagnose", target, Actor("test"), namespace="shop"), services(*objects)).data
    assert isinstance(data, dict)
    return data


def event(reason: str, message: str, of: str, kind: str = "Pod", **more: Any) -> Json:
    about = {"kind": kind, "name": of, "namespace": "shop", "uid": ""}
    fields = {"type": "Warning", "lastTimestamp": "2026-01-02T11:59:00Z", **more}
    return thing("Event", f"{of}.{reason}".lower(), involvedObject=about, reason=reason, message=message, **fields)


def waiting(name: str = "web-1", **spec: Any) -> Json:
    found = pod(name, {"app": "web"}, ready=False)
    found["metadata"]["creationTimestamp"] = "2026-01-02T11:50:00Z"
    found["spec"] |= spec
    found["status"]["phase"] = "Pending"
    state = {"waiting": {"reason": "ContainerCreating"}}
    found["status"]["containerStatuses"] = [{"name": "app", "ready": False, "restartCount": 0, "state": state}]
    return found


def node(name: str, ready: str, message: str = "Kubelet stopped posting node status.") -> Json:
    condition = {"type": "Ready", "status": ready, "message": message, "lastTransitionTime": "2026-01-02T11:55:00Z"}
    return thing("Node", name, namespace="", status={"conditions": [condition]}, spec={})


def test_the_network_plugin_of_a_node_fails() -> None:
    found = verdict(deployment("web", ready=0), waiting(), event("FailedCreatePodSandBox", SANDBOX, "web-1"))
    assert (found["cause"]["class"], found["cause"]["object"]) == (39, "node/node-1")
    assert 'plugin type="calico" failed (add)' in found["headline"]
    assert "0a0a" not in found["headline"]
    assert any("spec.nodeName=node-1" in step["kubectl"] for step in found["plan"])


def test_a_runtime_that_the_node_does_not_have() -> None:
    objects = (waiting(runtimeClassName="gvisor"), event("FailedCreatePodSandBox", HANDLER, "web-1"))
    web = deployment("web", ready=0)
    web["spec"]["template"]["spec"]["runtimeClassName"] = "gvisor"
    found = verdict(web, *objects)
    assert (found["cause"]["class"], found["cause"]["object"]) == (39, "deployment/web")
    assert "`gvisor`, whose handler `runsc`" in found["headline"]
    assert '"runtimeClassName":null' in found["plan"][0]["kubectl"]


def test_an_earlier_failure_that_was_overcome_is_none() -> None:
    later = event("Pulling", "Pulling image", "web-1", type="Normal", lastTimestamp="2026-01-02T11:59:30Z")
    found = verdict(deployment("web", ready=0), waiting(), event("FailedCreatePodSandBox", SANDBOX, "web-1"), later)
    assert found["verdict"] == "unknown"


@pytest.mark.parametrize(("said", "holder"), [(USED, "web-0"), (EXCLUSIVE, "")])
def test_a_volume_that_is_still_on_another_node(said: str, holder: str) -> None:
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "web-data"}}]
    claim = thing("PersistentVolumeClaim", "web-data", status={"phase": "Bound"}, spec={"volumeName": "pvc-7"})
    web = deployment("web", replicas=1, ready=1)
    web["spec"]["strategy"] = {"type": "RollingUpdate"}
    found = verdict(
        web, claim, pod("web-0", {"app": "web"}), waiting(volumes=volumes), event("FailedAttachVolume", said, "web-1")
    )
    assert (found["cause"]["class"], found["cause"]["object"]) == (95, "persistentvolumeclaim/web-data")
    assert "on another node" in found["headline"]
    assert (holder in found["headline"]) or not holder
    first = found["plan"][0]["kubectl"]
    assert ('"type":"Recreate"' in first) if holder else ("get volumeattachment" in first)


def test_pods_on_a_node_that_no_longer_reports() -> None:
    stale = pod("web-1", {"app": "web"})
    stale["status"]["conditions"][0]["status"] = "False"
    found = verdict(deployment("web", ready=0), stale, node("node-1", "Unknown"))
    assert (found["cause"]["class"], found["cause"]["object"]) == (121, "node/node-1")
    assert "no longer reports since 5 min" in found["headline"]


def test_pods_that_wait_for_a_readiness_gate_do_not_accuse_their_node() -> None:
    gated = pod("web-1", {"app": "web"})
    gated["status"]["conditions"][0] |= {"status": "False", "reason": "ReadinessGatesNotReady"}
    found = verdict(deployment("web", ready=0), gated, node("node-1", "Unknown"))
    assert found["cause"] is None or found["cause"]["class"] != 121


def test_a_healthy_node_is_not_accused() -> None:
    stale = pod("web-1", {"app": "web"})
    stale["status"]["conditions"][0]["status"] = "False"
    found = verdict(deployment("web", ready=0), stale, node("node-1", "True"))
    assert found["cause"] is None or found["cause"]["class"] != 121


def test_an_old_pod_on_a_lost_node_is_no_fault_of_what_serves() -> None:
    old = pod("web-0", {"app": "web"})
    old["metadata"]["deletionTimestamp"] = "2026-01-02T11:58:00Z"
    old["spec"]["nodeName"] = "node-2"
    found = verdict(deployment("web"), old, pod("web-1", {"app": "web"}), node("node-2", "Unknown"))
    assert found["verdict"] == "healthy"
    assert "node-2" in found["headline"]


def balancer(**more: Any) -> Json:
    found = thing("Service", "web", spec={"type": "LoadBalancer", "selector": {"app": "web"}, "ports": [{"port": 80}]})
    found["metadata"]["creationTimestamp"] = "2026-01-02T11:00:00Z"
    return found | more


def behind() -> tuple[Json, ...]:
    endpoint = {"conditions": {"ready": True}, "addresses": ["10.0.0.9"], "targetRef": {"kind": "Pod", "name": "web-1"}}
    piece = thing("EndpointSlice", "web-1", labels={"kubernetes.io/service-name": "web"}, endpoints=[endpoint])
    return deployment("web"), pod("web-1", {"app": "web"}), piece


def test_a_load_balancer_that_a_cloud_refuses_is_told_in_its_words() -> None:
    said = "Error syncing load balancer: failed to ensure load balancer: quota exceeded"
    found = verdict(*behind(), balancer(), event("SyncLoadBalancerFailed", said, "web", "Service"), target="svc/web")
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (16, "sure")
    assert "quota exceeded" in found["headline"]


def test_a_load_balancer_with_an_address_or_just_made_is_well() -> None:
    given = balancer(status={"loadBalancer": {"ingress": [{"hostname": "lb.example.com"}]}})
    assert verdict(*behind(), given, target="svc/web")["verdict"] == "healthy"
    young = balancer()
    young["metadata"]["creationTimestamp"] = "2026-01-02T11:59:30Z"
    assert verdict(*behind(), young, target="svc/web")["verdict"] == "healthy"


def test_a_workload_behind_one_without_address_is_healthy_with_a_remark() -> None:
    found = verdict(*behind(), balancer())
    assert found["verdict"] == "healthy"
    assert "outside of the cluster" in found["headline"]


def test_what_nobody_explains_comes_with_the_clusters_last_words() -> None:
    odd = event("FailedFrobnication", "the frobnicator of this node is out of order", "web-1")
    found = verdict(deployment("web", ready=0), waiting(), odd)
    assert found["verdict"] == "unknown"
    (row,) = [one for one in found["evidence"] if "frobnicator" in one["text"]]
    assert row["source"] == "event FailedFrobnication of pod web-1"


def test_the_schedulers_last_words_are_those_of_the_condition() -> None:
    """Its events would be many, and older ones of them say something else."""
    said = "0/1 nodes are available: 1 node(s) were out of order."
    made = waiting()
    del made["spec"]["nodeName"]
    made["status"]["conditions"] = [{"type": "PodScheduled", "status": "False", "message": said}]
    found = verdict(deployment("web", ready=0), made, event("FailedScheduling", "something else", "web-1"))
    assert [one["text"] for one in found["evidence"] if one["source"] == "pod web-1"] == [said]
    assert not any("something else" in one["text"] for one in found["evidence"])


def test_a_namespace_that_is_being_deleted_is_named() -> None:
    condition = {"type": "NamespaceFinalizersRemaining", "status": "True", "message": "has finalizer x in 1 resource"}
    ending = thing("Namespace", "shop", namespace="", status={"phase": "Terminating", "conditions": [condition]})
    ending["metadata"]["deletionTimestamp"] = "2026-01-02T11:58:00Z"
    with pytest.raises(NotFound, match="`shop` is being deleted") as refused:
        verdict(ending)
    assert "has finalizer x" in refused.value.hint


def changed_at(time: str, workload: Json) -> Json:
    """The workload with a change that nothing has acted on."""
    written = {"manager": "kubectl", "operation": "Update", "time": time, "fieldsV1": {"f:spec": {}}}
    workload["metadata"] |= {"generation": 4, "managedFields": [written]}
    workload["status"]["observedGeneration"] = 3
    return workload


def test_a_change_that_was_just_made_is_no_fault() -> None:
    found = verdict(changed_at("2026-01-02T11:59:58Z", deployment("web")), pod("web-1", {"app": "web"}))
    assert found["verdict"] == "healthy"
    assert "its newest change has not been taken up yet" in found["headline"]


def test_a_change_that_nobody_takes_up() -> None:
    found = verdict(changed_at("2026-01-02T11:50:00Z", deployment("web")), pod("web-1", {"app": "web"}))
    assert found["cause"]["class"] == 112
    assert "its newest change has not been taken up for 10 min: no controller acts on it" in found["headline"]
    assert "generation 3 of 4" in str(found["evidence"])
    assert "kube-system" in found["plan"][0]["kubectl"]


def test_a_workload_that_no_controller_has_seen_at_all() -> None:
    unseen = changed_at("2026-01-02T11:50:00Z", deployment("web", ready=0))
    unseen["status"] = {}
    found = verdict(unseen)
    assert found["cause"]["class"] == 112
    assert "it has seen none of it" in str(found["evidence"])


def for_one_pod(replicas: int, **spec: Any) -> list[Json]:
    """A Deployment whose pods share a claim for one pod, and the pod that has it."""
    web = deployment("web", replicas, ready=1)
    web["spec"] |= spec
    mount: Json = {"volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}]}
    holder = pod("web-0", {"app": "web"})
    holder["spec"] |= mount
    claim = thing(
        "PersistentVolumeClaim", "data", spec={"accessModes": ["ReadWriteOncePod"]}, status={"phase": "Bound"}
    )
    return [web, holder, claim, waiting(**mount)]


def unplaced(objects: list[Json]) -> list[Json]:
    message = (
        "0/1 nodes are available: 1 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode "
        "already in-use by another pod. preemption: 0/1 nodes are available: 1 No preemption victims found."
    )
    del objects[-1]["spec"]["nodeName"]
    objects[-1]["status"]["containerStatuses"] = []
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
    objects[-1]["status"]["conditions"] = [condition]
    return objects


def test_a_claim_for_one_pod_lets_no_second_one_in() -> None:
    found = verdict(*unplaced(for_one_pod(2)))
    assert (found["cause"]["class"], found["cause"]["object"]) == (95, "persistentvolumeclaim/data")
    assert "its claim `data` is in use by pod `web-0`, and its access mode `ReadWriteOncePod`" in found["headline"]
    assert found["plan"][0]["kubectl"] == "kubectl -n shop scale deployment/web --replicas=1"
    assert "access modes of a bound claim cannot be changed" in found["plan"][1]["why"]


def test_a_rollout_ends_the_pod_that_has_the_claim_first() -> None:
    found = verdict(*unplaced(for_one_pod(1, strategy={"type": "RollingUpdate"})))
    assert (found["cause"]["class"], "Recreate" in found["plan"][0]["kubectl"]) == (95, True)


def test_the_kubelet_says_that_a_claim_is_for_one_pod() -> None:
    said = 'MountVolume.SetUp failed for volume "pvc-7" : rpc error: code = FailedPrecondition desc = '
    said += "volume uses the ReadWriteOncePod access mode and is already in use by another pod"
    found = verdict(*for_one_pod(2), event("FailedMount", said, "web-1"))
    assert (found["cause"]["class"], found["cause"]["object"]) == (95, "persistentvolumeclaim/data")
