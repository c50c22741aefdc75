"""The policy denies by default, only narrows in channels, and says the line that would allow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.base.policy import Channel, Grant, Policy, PolicyError, Team, decide, default_namespace
from commands.base.policy_words import explain, refusal
from commands.base.request import Actor, Identity
from explainers.document import Tone

ADA = Grant("ada@example.com", ("shop-developers", "readers"), namespaces=("shop", "shop-*"))
POLICY = Policy(
    {
        "T1": Team(
            {"U1": ADA},
            channels={"C1": Channel("shop", commands=("diagnose",), namespaces=("shop",), groups=("readers",))},
        ),
        "T2": Team(everyone=Grant("slack:{user}", ("readers",))),
    }
)


def actor(user: str = "U1", team: str = "T1", channel: str = "") -> Actor:
    return Actor(user, team=team, channel=channel)


def test_a_mapped_person_acts_as_their_kubernetes_user() -> None:
    decision = decide(POLICY, actor(), "logs", "shop-test")
    assert decision.allowed
    assert decision.identity == Identity("ada@example.com", ("shop-developers", "readers"))


def test_everyone_maps_to_a_user_of_their_own() -> None:
    assert decide(POLICY, actor("U9", "T2"), "diagnose").identity == Identity("slack:U9", ("readers",))


@pytest.mark.parametrize(
    "stranger",
    [Actor("U1", team="T1", guest=True), Actor("U1", team="T1", bot=True), Actor("U1", team="T1", shared_channel=True)],
)
def test_guests_bots_and_shared_channels_are_refused_without_a_line(stranger: Actor) -> None:
    decision = decide(POLICY, stranger, "diagnose", "shop")
    assert (decision.allowed, decision.line, decision.identity) == (False, "", Identity())


def test_an_unmapped_person_gets_the_line_to_add() -> None:
    decision = decide(POLICY, actor("U7"), "diagnose", "shop")
    assert not decision.allowed
    assert decision.where == "teams.T1.users"
    assert decision.line == "U7: {user: ada@example.com, groups: [shop-developers]}"
    assert decision.line in refusal(decision).hint


def test_an_unknown_workspace_and_an_empty_policy_deny() -> None:
    assert not decide(POLICY, actor(team="T9"), "diagnose").allowed
    assert not decide(Policy(), actor(), "diagnose").allowed


def test_a_namespace_out_of_reach_names_the_whole_new_list() -> None:
    decision = decide(POLICY, actor(), "diagnose", "billing")
    assert (decision.allowed, decision.line, decision.where) == (
        False,
        "namespaces: [shop, shop-*, billing]",
        "teams.T1.users.U1",
    )


def test_a_channel_takes_away_commands_namespaces_and_groups() -> None:
    assert not decide(POLICY, actor(channel="C1"), "logs", "shop").allowed
    assert not decide(POLICY, actor(channel="C1"), "diagnose", "shop-test").allowed
    assert decide(POLICY, actor(channel="C1"), "diagnose", "shop").identity.groups == ("readers",)


@given(
    commands=st.lists(st.sampled_from(["diagnose", "logs", "*"])),
    namespaces=st.lists(st.sampled_from(["shop", "shop-*", "billing", "*"])),
    groups=st.none() | st.lists(st.sampled_from(["readers", "admins"])),
    command=st.sampled_from(["diagnose", "logs"]),
    namespace=st.sampled_from(["", "shop", "billing"]),
)
def test_no_channel_ever_adds_a_right(
    commands: list[str], namespaces: list[str], groups: list[str] | None, command: str, namespace: str
) -> None:
    channel = Channel("", tuple(commands), tuple(namespaces), None if groups is None else tuple(groups))
    policy = Policy({"T1": Team({"U1": ADA}, channels={"C": channel})})
    inside, outside = (decide(policy, actor(channel=place), command, namespace) for place in ("C", ""))
    assert outside.allowed or not inside.allowed
    assert set(inside.identity.groups) <= set(outside.identity.groups) or not inside.allowed


@pytest.mark.parametrize(
    ("user", "groups"),
    [("ada", ("system:masters",)), ("system:admin", ()), ("ada", ("system:nodes",)), ("", ())],
)
def test_system_identities_cannot_even_be_written(user: str, groups: tuple[str, ...]) -> None:
    with pytest.raises(PolicyError):
        Grant(user, groups)


def test_the_channel_names_its_namespace() -> None:
    assert default_namespace(POLICY, actor(channel="C1")) == "shop"
    assert default_namespace(POLICY, actor(channel="C9")) == ""


def test_explaining_says_who_and_the_line_to_see_the_rights() -> None:
    allowed = explain(POLICY, actor(), "diagnose", "shop", "web")
    assert allowed.headline == "U1 may run `diagnose web` in `shop` as the Kubernetes user `ada@example.com`."
    assert "--as=ada@example.com --as-group=shop-developers" in allowed.code
    denied = explain(POLICY, actor("U7"), "diagnose", "shop", "web")
    assert (denied.tone, denied.code.split(":")[0]) == (Tone.REFUSED, "U7")
