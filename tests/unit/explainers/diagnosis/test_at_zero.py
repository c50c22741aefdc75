"""Workloads without replicas: how it came to that, and how many to start."""

import pytest

from explainers.diagnosis.health import health
from explainers.diagnosis.plans.dns import bring_up
from explainers.diagnosis.rules.services import scaled_to_zero
from explainers.kinds import Ref
from explainers.plan import Step
from tests.unit.clusters import NOW, Json, deployment
from tests.unit.explainers.diagnosis.reading import Reading, service

APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def web(generation: int, applied: str = "") -> Json:
    made = deployment("web", replicas=0)
    made["metadata"] |= {"generation": generation, "annotations": {APPLIED: applied} if applied else {}}
    return made


def told(*objects: Json) -> tuple[str, Step]:
    (found,) = Reading(*objects, *service()).see(lambda case: [*scaled_to_zero(case)])
    return found.evidence[0].text, found.plan.steps[0]


def scaled(message: str) -> Json:
    about = {"kind": "Deployment", "namespace": "shop", "name": "web"}
    return {
        "kind": "Event", "metadata": {"name": "web.1", "namespace": "shop"}, "involvedObject": about,
        "reason": "ScalingReplicaSet", "message": message, "type": "Normal",
    }  # fmt: skip


def test_one_that_was_made_so_is_not_said_to_have_had_more() -> None:
    seen, step = told(web(1, '{"spec":{"replicas":0}}'))
    assert seen == "spec.replicas is 0, as it was created"
    assert step.operation.line().endswith("scale deployment/web --replicas=1")
    assert "as many" not in step.why
    assert "not known" in step.why


def test_one_that_was_scaled_down_gets_as_many_as_the_event_tells() -> None:
    seen, step = told(web(3), scaled("Scaled down replica set web-1 from 4 to 0"))
    assert seen == "spec.replicas is 0"
    assert (step.operation.line().endswith("--replicas=4"), step.why) == (
        True,
        "start its pods again, as many as there were",
    )


def test_else_as_many_as_were_applied() -> None:
    _, step = told(web(3, '{"spec":{"replicas":3}}'))
    assert step.operation.line().endswith("--replicas=3")
    assert "applied last" in step.why


@pytest.mark.parametrize(("message", "many"), [("Scaled down from 3 to 0", "as many as there were"), ("", "not known")])
def test_dns_at_zero(message: str, many: str) -> None:
    dns = Ref("Deployment", "kube-system", "coredns")
    assert many in bring_up(dns, True, [scaled(message)], NOW).steps[0].why


def test_that_none_is_wanted_is_not_said_to_be_fine_below_a_fault() -> None:
    state = Reading(web(1), *service()).see(health)
    assert (state.state, state.serving, state.fine) == ("is scaled to 0", "0 pods wanted", ())
