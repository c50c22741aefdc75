"""Pods without a node, where a capture cannot show it: rights that are missing, reasons of nodes that do not count."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from explainers import kinds
from explainers.operations.base import Answer, Operation
from explainers.operations.reads import List
from tests.fakes.passing import Passing
from tests.unit.clusters import Json, deployment, pod, services, thing

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


POOL = {"key": "pool", "value": "batch", "effect": "NoSchedule"}
ROLE = {"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}
MINE = {"key": "maintenance", "effect": "NoSchedule"}


@pytest.mark.parametrize("others", [(POOL, POOL), (ROLE,)], ids=["the rarest", "no role of the cluster's"])
def test_of_several_taints_the_one_set_by_hand_is_named(others: tuple[Json, ...]) -> None:
    words = "0/3 nodes are available: 3 node(s) had untolerated taint(s)."
    nodes = [node(name, taints=[taint]) for name, taint in zip("abcd", (*others, MINE), strict=False)]
    found = verdict(waiting(words), *nodes)
    assert found["cause"]["class"] == 81
    assert f"`maintenance:NoSchedule` of the node `{'abcd'[len(others)]}`" in found["headline"]


# --- many nodes: no more than a few are read -----------------------------------------------------


def many(**spec: Any) -> list[Json]:
    return [node(f"n{number}", **spec) for number in range(6)]


def read_for(message: str, *nodes: Json, spec: Json | None = None) -> tuple[Json, list[Json]]:
    """The verdict, and what was read of nodes."""
    made = services(deployment("web", ready=0), waiting(message, spec), *nodes)
    seen = Counting(made.cluster)
    reply = diagnose(Request("diagnose", "web", Actor("test"), namespace="shop"), replace(made, cluster=seen))
    assert isinstance(reply.data, dict)
    return reply.data, seen.nodes


@dataclass
class Counting(Passing):
    nodes: list[Json] = field(default_factory=list)

    def run(self, operation: Operation) -> Answer:
        return self.read([operation])[0]

    def read(self, operations: Sequence[Operation]) -> list[Answer]:
        answers = self.inner.read(operations)
        for operation, answer in zip(operations, answers, strict=True):
            self.nodes += answer.items if isinstance(operation, List) and operation.kind == kinds.NODE else []
        return answers


def test_where_all_of_many_lack_room_none_is_read() -> None:
    found, read = read_for("0/6 nodes are available: 6 Insufficient cpu. preemption: 0/6", *many())
    assert found["cause"]["class"] == 78
    assert "asks for `3` of cpu, and no node has that much left" in found["headline"]
    assert found["plan"][0]["kubectl"].startswith("kubectl -n shop set resources deployment/web")
    assert read == []


def test_where_other_pods_are_in_the_way_no_node_is_read() -> None:
    words = "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports. preemption: 0/1"
    found, read = read_for(words, node("only"))
    assert (found["cause"]["class"], read) == (85, [])


def test_of_many_the_few_that_a_selector_leaves_are_read() -> None:
    words = "0/6 nodes are available: 1 Insufficient cpu, 5 node(s) didn't match Pod's node affinity/selector."
    found, read = read_for(words, *many(), spec={"nodeSelector": {"pool": "n4"}})
    assert "the largest node that its pods may use, `n4`, has `2`" in found["headline"]
    assert [one["metadata"]["name"] for one in read] == ["n4"]


@pytest.mark.parametrize("by_affinity", [False, True])
def test_among_many_the_nearest_label_is_found(by_affinity: bool) -> None:
    words = "0/7 nodes are available: 7 node(s) didn't match Pod's node affinity/selector."
    rules = [{"key": "pool", "operator": "In", "values": ["smal"]}]
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchExpressions": rules}]}}
    spec = {"affinity": {"nodeAffinity": required}} if by_affinity else {"nodeSelector": {"pool": "smal"}}
    same = [one | {"metadata": one["metadata"] | {"labels": {"pool": "big"}}} for one in many()]
    found, read = read_for(words, *same, node("small"), spec=spec)
    assert (found["cause"]["class"], "nearest label is `pool=small`" in found["headline"]) == (80, True)
    assert len(read) == 4


def test_of_many_that_are_cordoned_one_is_named() -> None:
    words = "0/6 nodes are available: 6 node(s) were unschedulable."
    found, read = read_for(words, *many(unschedulable=True))
    assert found["plan"][0]["kubectl"] == "kubectl uncordon n0"
    assert "`n0` among them" in found["headline"]
    assert len(read) == 3


def test_of_many_that_are_not_ready_one_is_named_and_none_is_called_the_only_one() -> None:
    words = "0/6 nodes are available: 6 node(s) had untolerated taint(s)."
    fresh = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
    found, _ = read_for(words, *many(taints=[fresh]))
    assert (found["cause"]["class"], found["cause"]["object"]) == (121, "node/n0")
    assert "`n0` among them, which is not-ready" in found["headline"]
    assert "only" not in found["headline"]


def test_of_many_that_are_tainted_one_is_named() -> None:
    words = "0/6 nodes are available: 6 node(s) had untolerated taint(s)."
    found, read = read_for(words, *many(taints=[POOL]))
    assert (found["cause"]["class"], "the taint `pool=batch:NoSchedule` of the node `n0`" in found["headline"]) == (
        81,
        True,
    )
    assert len(read) == 3


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


# --- as many as fit ------------------------------------------------------------------------------


def short(before: str) -> Json:
    """Two of three pods run, the third finds no room; `before` is what an earlier revision asked for."""
    web = deployment("web", 3, ready=2)
    web["spec"]["strategy"] = {"type": "RollingUpdate"}
    asks = {"requests": {"cpu": "300m"}}
    web["spec"]["template"]["spec"]["containers"][0] = {"name": "web", "image": "app:1", "resources": asks}
    made = []
    if before:
        web["metadata"] |= {"generation": 2, "annotations": {"deployment.kubernetes.io/revision": "2"}}
        web["status"]["observedGeneration"] = 2
        old = deepcopy(web["spec"]["template"])
        old["spec"]["containers"][0]["resources"] = {"requests": {"cpu": before}}
        for number, template in enumerate((old, web["spec"]["template"]), 1):
            holder = thing("ReplicaSet", f"web-{number}", labels={"app": "web"}, spec={"template": template}, status={})
            holder["metadata"] |= {
                "creationTimestamp": f"2026-01-02T11:{number}0:00Z",
                "annotations": {"deployment.kubernetes.io/revision": str(number)},
                "ownerReferences": [{"kind": "Deployment", "name": "web", "uid": "uid-Deployment-web"}],
            }
            made.append(holder)
    one = waiting("0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1")
    one["spec"]["containers"][0]["resources"] = asks
    running = [pod(f"web-{number}", {"app": "web"}) for number in (7, 8)]
    request = Request("diagnose", "web", Actor("test"), namespace="shop")
    data = diagnose(request, services(web, one, *running, *made, node("only"))).data
    assert isinstance(data, dict)
    return data


def test_where_some_run_the_safe_step_is_as_many_as_fit() -> None:
    found = short("")
    assert "of the `2` of the largest, `only`, more than `1700m` is taken by" in found["headline"]
    assert found["plan"][0]["kubectl"].endswith("scale deployment/web --replicas=2")
    assert "--requests=cpu=100m" in found["alternatives"][0]["kubectl"]
    assert "first there must be room for one" in found["alternatives"][0]["why"]


def test_what_was_cut_already_is_not_cut_again() -> None:
    found = short("600m")
    assert found["plan"][0]["kubectl"].endswith("scale deployment/web --replicas=2")
    assert not any("--requests" in step["kubectl"] for step in found["alternatives"])


def test_where_a_change_asks_for_more_those_that_run_are_no_measure() -> None:
    assert "--requests=cpu=100m" in short("100m")["plan"][0]["kubectl"]


def test_what_would_fit_no_node_either_is_told_beside_a_label_that_none_has() -> None:
    words = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."
    found = verdict(waiting(words, {"nodeSelector": {"zone": "a"}}), node("small"))
    assert found["cause"]["class"] == 80
    told = "nor would any node have room: its pods ask for `3` of cpu, and the largest, `small`, has `2`"
    assert told in found["headline"]
    dropped, less = found["plan"]
    assert ("nodeSelector" in dropped["kubectl"], dropped["expect"]) == (True, "")
    assert "--requests=cpu=" in less["kubectl"]


def test_where_a_node_is_large_enough_the_label_is_all_that_is_told() -> None:
    words = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."
    found = verdict(waiting(words, {"nodeSelector": {"zone": "a"}}), node("large", cpu="8"))
    assert "have room" not in found["headline"]
    assert len(found["plan"]) == 1
    assert found["plan"][0]["expect"]


SPREAD = {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}
UNEVEN = "0/2 nodes are available: 2 node(s) didn't match pod topology spread constraints."


def spread(rule: Json, zones: Sequence[str]) -> Json:
    """The verdict about a Deployment whose pod is spread by this rule, over nodes in these zones."""
    made = deployment("web", ready=0)
    made["spec"]["template"]["spec"]["topologySpreadConstraints"] = [rule]
    nodes = [node(f"node-{index}") for index in range(len(zones))]
    for one, zone in zip(nodes, zones, strict=True):
        one["metadata"]["labels"]["zone"] = zone
    every = (made, waiting(UNEVEN, {"topologySpreadConstraints": [rule]}), *nodes)
    data = diagnose(Request("diagnose", "web", Actor("test"), namespace="shop"), services(*every)).data
    assert isinstance(data, dict)
    return data


def test_more_domains_than_there_are_are_not_demanded_any_more() -> None:
    found = spread({**SPREAD, "minDomains": 2}, ["a", "a"])
    assert "it demands at least 2 values of `zone` (`minDomains`), and the nodes have only 1" in found["headline"]
    first, other = found["plan"][0]["kubectl"], found["alternatives"][0]["kubectl"]
    assert "minDomains" not in first
    assert "DoNotSchedule" in first
    assert "ScheduleAnyway" in other
    assert "minDomains" not in other


def test_a_spread_that_is_only_a_wish_asks_for_no_number_of_domains() -> None:
    found = spread({**SPREAD, "minDomains": 2}, ["a", "b"])
    assert "minDomains" not in found["headline"]
    assert "ScheduleAnyway" in found["plan"][0]["kubectl"]
    assert "minDomains" not in found["plan"][0]["kubectl"]
