"""Two people with different rights ask about the same broken service: each sees what the cluster lets them see."""

import pytest

from bot import wiring
from bot.registered import load_commands
from commands.base.policy import Grant, Policy, Team
from commands.base.ports import NOBODY
from commands.base.request import Actor, Reply, Request
from tests.cluster.install import kubectl
from tests.faults.harness import HERE, live, load
from tests.faults.verdicts import PROBE_IMAGE

pytestmark = pytest.mark.cluster

POLICY = Policy({"T1": Team({"U1": Grant("ana@example.com"), "U2": Grant("ben@example.com")})})
SOME = "deployments.apps,statefulsets.apps,services,pods"


def asked(user: str, namespace: str) -> Reply:
    """The reply that this Slack user gets, by impersonation on the real API server."""
    load_commands()
    answer = wiring.answerer(wiring.live_clusters(), POLICY, PROBE_IMAGE)
    return answer(Request("diagnose", f"search -n {namespace}", Actor(user, team="T1"), surface="slack"), NOBODY)


def test_the_lesser_right_is_named() -> None:
    with live(load(HERE / "057-line-far-up")) as namespace:
        kubectl("-n", namespace, "create", "rolebinding", "ana", "--clusterrole=view", "--user=ana@example.com")
        kubectl("-n", namespace, "create", "role", "ben", "--verb=get,list", f"--resource={SOME}")
        kubectl("-n", namespace, "create", "rolebinding", "ben", "--role=ben", "--user=ben@example.com")
        full, lesser = asked("U1", namespace), asked("U2", namespace)
    assert full.outcome == lesser.outcome == "fault"
    assert "checksum" in str(full.data["headline"]) + str(full.data["evidence"])
    assert "checksum" not in str(lesser.data)
    hidden = [one for one in lesser.document.unchecked if "pods/log" in one.missing]
    assert hidden
    assert f"-n {namespace} create rolebinding" in hidden[0].grant
    assert "ben@example.com" in hidden[0].grant
    assert not [one for one in full.document.unchecked if "pods/log" in one.missing]


def test_nobody_without_rights_sees_anything() -> None:
    kubectl("create", "namespace", "two-people-none")
    try:
        reply = asked("U2", "two-people-none")
    finally:
        kubectl("delete", "namespace", "two-people-none", "--wait=false")
    assert reply.outcome == ""
    assert "not allowed to get deployments.apps" in reply.document.headline
