"""Pods without a node, where a capture cannot show it: rights that are missing, reasons of nodes that do not count."""

from typing import Any

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import Json, deployment, services, thing

UNREAD = [{"resource": "nodes", "namespace": "", "status": 403, "problem": "nodes is forbidden"}]


def waiting(message: str, spec: Json | None = None) -> Json:
    """A pod of the Deployment `web` that the scheduler found no node for."""
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
    containers = {"containers": [{"name": "web", "resources": {"requests": {"cpu": "3"}}}]}
    status = {"phase": "Pending", "conditions": [condition]}
    return thing("Pod", "web-1", labels={"app": "web"}, spec=containers | (spec or {}), status=status)


def node(name: str, cpu: str = "2", **spec: Any) -> Json:
    made = thing("Node", name, "", labels={"pool": name}, spec=spec)
    return made | {"status": {"allocatable": {"cpu": cpu}, "capacity": {"cpu": cpu}}}


def verdict(*objects: Json, target: str = "web", **more: Any) -> Json:
    """The JSON verdict about the Deployment `web`, or another target."""
    every = (deployment("web", ready=0), *objects)
    reply = diagnose(Request("diagnose", target, Actor("test"), namespace="shop"), services(*every, **more))
    assert isinstance(reply.data, dict)
    return reply.data


def test_without_the_right_to_read_nodes_the_words_of_the_scheduler_must_do() -> None:
    words = "0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu. preemption: 0/3"
    found = verdict(waiting(words), unread=UNREAD)
    assert found["cause"]["class"] == 78
    assert "`3` of cpu" in found["headline"]
    assert any("nodes" in one["missing"] for one in found["unchecked"])


def test_a_taint_is_the_cause_only_when_no_other_node_fits() -> None:
    words = "0/3 nodes are available: 1 node(s) didn't match Pod's node affinity, 2 node(s) had untolerated taint(s)."
    assert verdict(waiting(words), unread=UNREAD)["cause"]["class"] == 81


def test_a_cordoned_node_that_the_pod_could_never_use_is_not_blamed() -> None:
    words = "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable."
    pod = waiting(words, {"nodeSelector": {"pool": "small"}})
    found = verdict(pod, node("small"), node("big", cpu="64", unschedulable=True))
    assert (found["cause"]["class"], found["cause"]["object"]) == (78, "deployment/web")
    assert "`small`, has `2`" in found["headline"]


def test_of_two_nodes_the_cordoned_one_is_named_when_the_other_is_tainted() -> None:
    taint = {"key": "dedicated", "value": "db", "effect": "NoSchedule"}
    words = "0/2 nodes are available: 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable."
    found = verdict(waiting(words), node("db", taints=[taint]), node("work", unschedulable=True))
    assert (found["cause"]["class"], found["cause"]["object"]) == (84, "node/work")
    assert found["plan"][0]["kubectl"] == "kubectl uncordon work"


def test_a_node_that_is_not_ready_is_blamed_for_itself() -> None:
    taint = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
    words = "0/1 nodes are available: 1 node(s) had untolerated taint(s)."
    found = verdict(waiting(words), node("work", taints=[taint]))
    assert (found["cause"]["class"], found["cause"]["object"]) == (121, "node/work")


def test_a_cordoned_node_that_has_just_become_ready_is_blamed_for_the_cordon() -> None:
    words = "0/1 nodes are available: 1 node(s) were unschedulable."
    ready = {"conditions": [{"type": "Ready", "status": "True"}]}
    fresh = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
    made = node("work", taints=[fresh], unschedulable=True)
    found = verdict(waiting(words), made | {"status": made["status"] | ready})
    assert (found["cause"]["class"], found["cause"]["object"]) == (84, "node/work")
    assert verdict(waiting(words), made)["cause"]["class"] == 121


def test_a_message_that_no_longer_holds_blames_nobody() -> None:
    words = "0/1 nodes are available: 1 node(s) were unschedulable."
    assert verdict(waiting(words), node("work", cpu="64"))["verdict"] == "unknown"


def test_of_several_taints_the_one_set_by_hand_is_named() -> None:
    words = "0/3 nodes are available: 3 node(s) had untolerated taint(s)."
    pool = {"key": "pool", "value": "batch", "effect": "NoSchedule"}
    role = {"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}
    mine = {"key": "maintenance", "effect": "NoSchedule"}
    nodes = [node("a", taints=[pool]), node("b", taints=[pool]), node("c", taints=[role]), node("d", taints=[mine])]
    found = verdict(waiting(words), *nodes)
    assert found["cause"]["class"] == 81
    assert "`maintenance:NoSchedule` of the node `d`" in found["headline"]


@pytest.mark.parametrize(
    ("spec", "condition", "number"),
    [
        ({"unschedulable": True}, {"type": "Ready", "status": "True"}, 84),
        ({}, {"type": "Ready", "status": "Unknown", "message": "Kubelet stopped posting node status."}, 121),
        ({}, {"type": "Ready", "status": "False", "message": "container runtime is down"}, 121),
        ({}, {"type": "DiskPressure", "status": "True", "message": "kubelet has disk pressure"}, 122),
    ],
)
def test_a_node_that_was_asked_about(spec: Json, condition: Json, number: int) -> None:
    made = thing("Node", "work", "", spec=spec) | {"status": {"conditions": [condition]}}
    found = verdict(made, target="node/work")
    assert (found["verdict"], found["cause"]["class"]) == ("fault", number)
