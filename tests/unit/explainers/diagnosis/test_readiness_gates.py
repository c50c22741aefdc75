"""Pods whose containers are ready, kept out of the service by a readiness gate."""

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import Json, deployment, pod, services

GATES = [{"conditionType": "example.com/known"}, {"conditionType": "example.com/attached"}]


def verdict(known: str) -> Json:
    """The verdict on pods of which nothing sets the second gate, and the first one is `known`."""
    gated, owner = pod("web-1", {"app": "web"}, ready=False), deployment("web", ready=0)
    owner["spec"]["template"]["spec"]["readinessGates"] = gated["spec"]["readinessGates"] = GATES
    gated["status"]["conditions"] = [
        {"type": "Ready", "status": "False", "lastTransitionTime": "2026-01-02T11:50:00Z"},
        {"type": "ContainersReady", "status": "True", "lastTransitionTime": "2026-01-02T11:50:00Z"},
        {"type": "example.com/known", "status": known},
    ]
    gated["status"]["containerStatuses"][0]["ready"] = True
    found = diagnose(Request("diagnose", "web", Actor("test"), namespace="shop"), services(owner, gated)).data
    assert isinstance(found, dict)
    return found


def test_the_gate_that_nothing_sets_is_looked_at_and_no_log_or_probe() -> None:
    found = verdict("True")
    assert "nothing sets its readiness gate `example.com/attached`" in found["headline"]
    assert [step["kubectl"] for step in found["plan"]] == ["kubectl -n shop get pod web-1 -o yaml"]


def test_a_template_without_that_gate_keeps_the_others() -> None:
    (without,) = verdict("True")["alternatives"]
    assert '"readinessGates":[{"conditionType":"example.com/known"}]' in without["kubectl"]


def test_a_gate_that_says_no_is_told_with_its_state() -> None:
    found = verdict("False")
    assert "`example.com/known`" in found["headline"]
    assert "condition example.com/known is False" in found["evidence"][0]["text"]
