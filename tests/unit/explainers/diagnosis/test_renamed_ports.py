"""A port that newer pods name otherwise than those that serve: the Service is left to those that serve."""

from dataclasses import replace

import pytest

from explainers import kinds
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.rules.ports import named_port_unknown
from explainers.diagnosis.serving_first import serving_first
from explainers.diagnosis.views.reached import cut_off
from explainers.kinds import Ref
from explainers.operations.patches import Patch
from explainers.operations.reads import Logs
from explainers.operations.rollouts import Undo
from explainers.plan import Plan, Step
from tests.unit.clusters import Json, pod, thing
from tests.unit.explainers.diagnosis.reading import Reading

WEB, SERVICE = Ref("Deployment", "shop", "web"), Ref("Service", "shop", "web")
SET = Step(Patch(kinds.DEPLOYMENT, "shop", "web", {"spec": {}}), "use the image before")
BACK = Step(Undo(kinds.DEPLOYMENT, "shop", "web", 1, []), "go back")
LOOK = Step(Logs("shop", "web-2", "app"), "what it wrote")


def one_pod(name: str, port: str, ready: bool) -> Json:
    made = pod(name, {"app": "web"}, ready)
    made["spec"]["containers"][0]["ports"] = [{"name": port, "containerPort": 8080}]
    return made


def rollout(target: str, *, old_ready: bool = True) -> Reading:
    service = thing("Service", "web", spec={"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": target}]})
    return Reading(service, one_pod("web-1", "http", old_ready), one_pod("web-2", "web", ready=False))


def found(target: str, *, old_ready: bool = True) -> Finding:
    (one,) = rollout(target, old_ready=old_ready).see(lambda case: [*named_port_unknown(case)], SERVICE)
    return one


def test_while_a_ready_pod_declares_the_name_the_service_works() -> None:
    one = found("http")
    assert one.benign
    assert "`web-2` declares no port `http`" in one.clause
    assert one.clause.endswith("service `web` has to send port 80 to `web`")
    assert rollout("http").see(cut_off, SERVICE) == []


def test_a_name_that_only_pods_declare_which_are_not_ready_reaches_nobody() -> None:
    one = found("web")
    assert not one.benign
    assert "to the port name `web`, which its ready pods do not declare; they declare `http` (8080)" in one.clause
    assert '"value":"http"' in one.plan.steps[0].operation.line()
    assert rollout("web").see(cut_off, SERVICE) == ["web"]


def test_pods_of_another_workload_replace_nothing() -> None:
    service = thing("Service", "web", spec={"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": "http"}]})
    pods = [one_pod("web-1", "http", ready=True), one_pod("batch-1", "web", ready=True)]
    for made, name in zip(pods, ("web-aaaaaa", "batch-bbbbbb"), strict=True):
        made["metadata"]["ownerReferences"] = [{"kind": "ReplicaSet", "name": name, "controller": True}]
    assert not Reading(service, *pods).see(lambda case: [*named_port_unknown(case)], SERVICE)


def test_where_no_pod_is_ready_the_first_one_tells() -> None:
    assert not [*rollout("http", old_ready=False).see(lambda case: [*named_port_unknown(case)], SERVICE)]
    assert not found("other", old_ready=False).benign


@pytest.mark.parametrize(
    ("plan", "first", "instead"),
    [
        (Plan((SET, LOOK), (BACK,)), BACK, SET.operation),
        (Plan((BACK, LOOK)), BACK, None),
        (Plan((LOOK,), (BACK,)), LOOK, BACK.operation),
    ],
)
def test_going_back_comes_before_what_lets_the_new_pods_come_up(plan: Plan, first: Step, instead: object) -> None:
    cause = Finding(41, WEB, Layer.NEEDS, "its image is not there", plan=plan)
    made = serving_first(cause, [found("http")])
    assert made is not None
    assert made.plan.steps == (first, *((LOOK,) if first is not LOOK else ()))
    assert next((step.operation for step in made.plan.alternatives), None) == instead


def test_without_a_way_back_the_service_is_changed_last() -> None:
    made = serving_first(Finding(41, WEB, Layer.NEEDS, "its image is not there", plan=Plan((SET,))), [found("http")])
    assert made is not None
    assert [step.operation.line().split()[4] for step in made.plan.steps] == ["deployment/web", "service/web"]
    assert made.plan.steps[1].why.startswith("once the new pods are ready, and not before")


def test_nothing_is_to_be_changed_as_long_as_all_is_well() -> None:
    note = found("http")
    assert note.plan.changes
    assert serving_first(note, []) == replace(note, plan=Plan())
