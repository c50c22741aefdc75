"""Pods that are kept away by others' anti-affinity, and rollouts that wait for them."""

from typing import Any

from explainers.diagnosis.rules.scheduling import unplaced
from explainers.kinds import Ref
from explainers.plan import Plan
from tests.unit.clusters import Json, deployment, pod, thing
from tests.unit.explainers.diagnosis.reading import Reading

WEB = Ref("Deployment", "shop", "web")
EXISTING = "0/1 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules. preemption: 0/1"
OWN = "0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules. preemption: 0/1"
ROLLING = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}


def alone(app: str) -> Json:
    term = {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": app}}}
    return {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}


def web(replicas: int, ready: int, kind: str = "Deployment", strategy: Json | None = None) -> Json:
    made = deployment("web", replicas, ready)
    made["kind"] = kind
    made["spec"]["strategy"] = strategy or ROLLING
    return made


def placed(name: str, tag: str, app: str = "web", **fields: Any) -> Json:
    made = pod(name, {"app": app, "pod-template-hash": tag, "controller-revision-hash": tag})
    made["spec"]["affinity"] = alone("web")
    return made | fields


def waits(name: str, tag: str, message: str, affinity: Json | None = None) -> Json:
    made = pod(name, {"app": "web", "pod-template-hash": tag, "controller-revision-hash": tag}, ready=False)
    made["metadata"]["creationTimestamp"] = "2026-01-02T11:59:00Z"
    del made["spec"]["nodeName"]
    made["spec"]["affinity"] = affinity or {}
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
    return made | {"status": {"phase": "Pending", "conditions": [condition]}}


def found(*objects: Json, kind: str = "Deployment") -> tuple[str, Plan]:
    (one,) = Reading(*objects).see(lambda case: [*unplaced(case)], Ref(kind, "shop", "web"))
    assert (one.number, one.subject) == (82, Ref(kind, "shop", "web"))
    return one.clause, one.plan


def lines(plan: Plan) -> list[str]:
    return [step.operation.line() for step in plan.steps]


def test_pods_of_the_earlier_template_refuse_those_of_a_corrected_one() -> None:
    clause, plan = found(web(2, 1), placed("web-a-1", "a"), waits("web-a-2", "a", OWN), waits("web-b-1", "b", EXISTING))
    assert "`web-a-1` of its earlier template refuses the company of new ones" in clause
    assert "the new pod `web-b-1` waits for it to go" in clause
    line, anew = lines(plan)
    assert '"rollingUpdate":{"maxSurge":0,"maxUnavailable":2}' in line  # with one of two ready, no less lets it end
    assert anew == "kubectl -n shop delete pod web-b-1"
    assert plan.steps[0].inverse is not None


def test_no_more_are_ended_at_once_than_has_to_be() -> None:
    _, plan = found(web(1, 1), placed("web-a-1", "a"), waits("web-b-1", "b", EXISTING))
    assert '"maxUnavailable":1' in lines(plan)[0]
    old = [placed(f"web-a-{one}", "a") for one in range(2)]
    _, plan = found(web(3, 2), *old, waits("web-b-1", "b", EXISTING))
    assert '"maxUnavailable":2' in lines(plan)[0]


def test_of_a_stateful_set_the_old_pod_is_ended_by_hand() -> None:
    _, plan = found(web(2, 1, "StatefulSet"), placed("web-0", "a"), waits("web-1", "b", EXISTING), kind="StatefulSet")
    assert lines(plan) == ["kubectl -n shop delete pod web-0"]


def test_the_pod_of_another_program_that_refuses_it_is_named() -> None:
    clause, plan = found(web(1, 0), placed("cache-1", "x", "cache"), waits("web-b-1", "b", EXISTING))
    assert clause == "the required pod anti-affinity of `cache-1` keeps the pod `web-b-1` away from every node"
    assert not plan.changes


def test_one_that_nobody_refuses_any_more_is_made_anew() -> None:
    waiting = waits("web-b-1", "b", EXISTING)
    waiting["metadata"]["ownerReferences"] = [{"kind": "ReplicaSet", "name": "web-b", "controller": True}]
    clause, plan = found(web(1, 0), waiting, thing("Pod", "idle", spec={"nodeName": "node-1"}))
    assert "none of its namespace refuses it any more" in clause
    assert lines(plan) == ["kubectl -n shop delete pod web-b-1"]


def test_a_softer_rule_comes_with_leave_to_end_the_pods_that_still_have_the_hard_one() -> None:
    _, plan = found(web(2, 1), placed("web-a-1", "a"), waits("web-a-2", "a", OWN, alone("web")))
    assert lines(plan) == ["kubectl -n shop scale deployment/web --replicas=1"]
    (softer,) = plan.alternatives
    assert '"maxUnavailable":2' in softer.operation.line()
    assert "preferredDuringScheduling" in softer.operation.line()


def test_fewer_replicas_alone_do_not_let_another_revision_in() -> None:
    _, plan = found(web(2, 1), placed("web-a-1", "a"), waits("web-b-1", "b", OWN, alone("web")))
    scale, first = plan.steps
    assert scale.operation.line().endswith("--replicas=1")
    assert not scale.expect
    assert '"maxUnavailable":1' in first.operation.line()
