"""From request to reply: commands found, policy asked first, mistakes answered."""

from dataclasses import replace

import pytest

import commands.diagnose
import commands.help
import commands.logs
import commands.network
from commands.base.dispatch import dispatch
from commands.base.errors import Unavailable
from commands.base.policy import Grant, Policy, Team
from commands.base.ports import Services
from commands.base.request import Actor, Identity, Request
from explainers.document import Tone
from tests.unit.clusters import deployment, pod, services

ADA = Actor("U1", team="T1", channel="C1")
POLICY = Policy({"T1": Team({"U1": Grant("ada@example.com", namespaces=("shop",))})})
MODULES = (commands.diagnose, commands.help, commands.logs, commands.network)


def connect(identity: Identity) -> Services:
    assert identity.user == "ada@example.com"
    return services(deployment("web"), pod("web-1", {"app": "web"}))


def test_a_command_is_answered() -> None:
    reply = dispatch(Request("diagnose", "web", ADA), POLICY, connect, "shop")
    assert reply.outcome == "healthy"
    assert reply.target == "deployment/web"


def test_an_unknown_command_gets_the_nearest() -> None:
    reply = dispatch(Request("diagnos", "web", ADA), POLICY, connect, "shop")
    assert reply.document.tone is Tone.REFUSED
    assert "diagnose" in reply.document.facts[0]


def test_a_stranger_is_refused_with_the_line_to_add() -> None:
    reply = dispatch(Request("diagnose", "web", replace(ADA, user="U2")), POLICY, connect, "shop")
    assert reply.document.tone is Tone.REFUSED
    assert "U2" in reply.document.code


@pytest.mark.parametrize("text", ["web -n kube-system", 'web "-n" kube-system', "web --namespace=kube-system"])
def test_policy_judges_the_namespace_that_the_handler_would_read(text: str) -> None:
    reply = dispatch(Request("diagnose", text, ADA), POLICY, connect, "shop")
    assert reply.document.tone is Tone.REFUSED


def test_the_default_namespace_is_judged_too() -> None:
    reply = dispatch(Request("diagnose", "web", ADA), POLICY, connect, "kube-system")
    assert reply.document.tone is Tone.REFUSED


def test_policy_judges_the_namespace_that_probes_come_from() -> None:
    reply = dispatch(Request("network", "web --from kube-system", ADA), POLICY, connect, "shop")
    assert reply.document.tone is Tone.REFUSED
    assert "kube-system" in reply.document.headline


@pytest.mark.parametrize(
    ("command", "form"),
    [
        ("diagnose", "/diagnose TARGET [-n NAMESPACE], for example `/diagnose web -n shop`"),
        ("logs", "/tessera logs TARGET [-n NAMESPACE]; in a thread about something, just `logs`"),
    ],
)
def test_what_policy_cannot_read_is_answered_with_the_whole_form(command: str, form: str) -> None:
    reply = dispatch(Request(command, "web --frob", ADA), POLICY, connect, "shop")
    assert "--frob" in reply.document.headline
    assert reply.document.facts == (form,)


def test_a_namespace_that_cannot_be_is_told_before_anything_is_asked() -> None:
    reply = dispatch(Request("network", "web --from 'a b'", ADA), POLICY, connect, "shop")
    assert reply.document.headline.startswith("`a b` cannot be the namespace")
    assert reply.document.facts[0].startswith("/network TARGET")


def away(_identity: Identity) -> Services:
    raise Unavailable("The cluster's API did not answer. Nothing was changed.")


def test_a_cluster_that_is_away_is_told_in_the_terminal_and_tried_again_from_slack() -> None:
    assert dispatch(Request("diagnose", "web", ADA), POLICY, away, "shop").document.tone is Tone.REFUSED
    with pytest.raises(Unavailable):
        dispatch(Request("diagnose", "web", ADA, surface="slack"), POLICY, away, "shop")


def test_what_was_connected_is_closed_after_an_error() -> None:
    closed = []

    def watched(_identity: Identity) -> Services:
        return replace(services(), close=lambda: closed.append(True))

    reply = dispatch(Request("diagnose", "wbe", ADA), POLICY, watched, "shop")
    assert reply.document.tone is Tone.REFUSED
    assert closed == [True]
