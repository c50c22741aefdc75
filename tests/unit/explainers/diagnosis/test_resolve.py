"""A bare name: the workload before its Service, whatever kind the workload is."""

import pytest

from commands.base.errors import NotFound, UsageError
from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import Json, services, thing


def named(kind: str, name: str) -> Json:
    template = {"metadata": {"labels": {"app": name}}}
    return thing(kind, name, spec={"selector": {"matchLabels": {"app": name}}, "template": template})


SERVICE = thing("Service", "web", spec={"selector": {"app": "web"}, "ports": [{"port": 80}]})


def target(*objects: Json, typed: str = "web") -> str:
    data = diagnose(Request("diagnose", typed, Actor("test"), namespace="shop"), services(*objects)).data
    assert isinstance(data, dict)
    found = data["target"]
    assert isinstance(found, dict)
    return str(found["kind"])


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet"])
def test_a_service_does_not_hide_the_workload_of_its_name(kind: str) -> None:
    assert target(SERVICE, named(kind, "web")) == kind


def test_a_service_alone_is_itself_the_target() -> None:
    assert target(SERVICE, named("StatefulSet", "tsdb")) == "Service"


def test_a_near_stateful_set_is_still_proposed() -> None:
    with pytest.raises(NotFound) as raised:
        target(named("StatefulSet", "webb"))
    assert "`webb` (StatefulSet)" in raised.value.hint


@pytest.mark.parametrize("kind", ["Deployment", "DaemonSet", "CronJob", "Job", "Ingress", "HorizontalPodAutoscaler"])
def test_a_near_name_of_any_kind_is_proposed(kind: str) -> None:
    with pytest.raises(NotFound) as raised:
        target(named(kind, "webb"), named("Deployment", "ledger"))
    assert f"`webb` ({kind})" in raised.value.hint


def test_a_pod_that_was_replaced_leads_to_its_workload() -> None:
    with pytest.raises(NotFound) as raised:
        target(named("Deployment", "web"), typed="web-7c9d8f6b5-x2xzl")
    assert "`web` (Deployment)" in raised.value.hint


@pytest.mark.parametrize(
    "typed",
    ["deployment/web", "deploy/web", "Deployments/web", "deployment.apps/web", "deployments.v1.apps/web", "deploy web"],
)
def test_every_form_that_kubectl_takes_or_prints(typed: str) -> None:
    assert target(named("Deployment", "web"), typed=typed) == "Deployment"


@pytest.mark.parametrize(
    ("typed", "hint"),
    [("deplyment/web", "deployment/web"), ("cm/web", "in `shop` none uses it"), ("pod.apps/web", "kinds")],
)
def test_another_kind_is_answered_with_what_can_be_asked(typed: str, hint: str) -> None:
    with pytest.raises(UsageError) as raised:
        target(typed=typed)
    assert hint in raised.value.hint


def test_a_replica_set_is_found_by_its_bare_name_last() -> None:
    assert target(named("ReplicaSet", "web")) == "ReplicaSet"
    assert target(named("ReplicaSet", "web"), named("Deployment", "web")) == "Deployment"
