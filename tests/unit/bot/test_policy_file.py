"""A mistake in the policy file is answered with its line, its place and a right example."""

from pathlib import Path

import pytest

from bot import policy_file
from bot.policy_file import PolicyFileError, load_policy, parse_policy
from commands.base.errors import TesseraError
from commands.base.policy import decide
from commands.base.request import Actor

GOOD = """\
teams:
  T1:
    users:
      U1: {user: ada@example.com, groups: [shop-developers]}
      U2: {user: bob@example.com, namespaces: [shop], commands: [diagnose]}
    everyone: {user: "slack:{user}"}
    channels:
      C1: {namespace: shop, namespaces: [shop]}
"""


def test_a_good_file_is_read() -> None:
    policy = parse_policy(GOOD)
    assert policy.teams["T1"].users["U2"].namespaces == ("shop",)
    assert decide(policy, Actor("U9", team="T1"), "diagnose").identity.user == "slack:U9"


def test_the_example_of_the_docstring_is_a_policy() -> None:
    example = (policy_file.__doc__ or "").split("\n\n", 1)[1]
    assert list(parse_policy(example).teams) == ["T0123ABCD"]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("teams: [T1]", 1, "teams must be a mapping"),
        ("team: {}", 1, "team is not known"),
        ("teams:\n  T1:\n    users:\n      U1: {groups: [a]}", 4, "teams.T1.users.U1 names no Kubernetes user"),
        ("teams:\n  T1:\n    users:\n      U1: {user: null}", 4, "teams.T1.users.U1.user must be a text"),
        ("teams:\n  T1:\n    users:\n      U1: {user: a, groups: [~]}", 4, "teams.T1.users.U1.groups must be a text"),
        ("teams:\n  T1:\n    users:\n      U1: {user: a, groups: b}", 4, "groups must be a list"),
        ("teams:\n  T1:\n    users:\n      U1: {user: a, groups: [system:masters]}", 4, "never impersonated"),
        ("teams:\n  T1:\n    users:\n      U1: {user: a}\n      U1: {user: b}", 5, "written twice"),
        ("teams:\n  T1:\n    channels:\n      C1: {user: a}", 4, "teams.T1.channels.C1.user is not known"),
    ],
)
def test_a_mistake_names_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(PolicyFileError) as caught:
        parse_policy(text)
    message = str(caught.value)
    assert f"policy.yaml, line {line}:" in message
    assert words in message
    assert caught.value.hint.startswith("for example `")
    assert isinstance(caught.value, TesseraError)


def test_what_is_not_yaml_and_what_is_absent(tmp_path: Path) -> None:
    with pytest.raises(PolicyFileError, match="is not YAML"):
        parse_policy("teams: {")
    with pytest.raises(PolicyFileError, match="cannot be read"):
        load_policy(tmp_path / "nothing.yaml")


def test_an_empty_file_denies_everybody() -> None:
    assert not decide(parse_policy("# nothing yet\n"), Actor("U1", team="T1"), "diagnose").allowed
