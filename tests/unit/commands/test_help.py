"""`help` in a chat: what the commands say of themselves, as words and not as source text."""

import pytest

from bot.registered import load_commands
from commands.base.errors import UsageError
from commands.base.registry import commands
from commands.base.request import Actor, Request
from commands.help import help_
from tests.unit.clusters import services

load_commands()


def asked(text: str) -> str:
    document = help_(Request("help", text, Actor("ana")), services()).document
    return "\n".join((document.headline, *document.facts, document.explanation, document.code))


@pytest.mark.parametrize("name", commands())
def test_every_command_is_explained_in_words(name: str) -> None:
    one = commands()[name]
    said = asked(name)
    assert said.startswith(f"`{'/' if one.slash else '/tessera '}{name} {one.usage}".rstrip())
    assert said.count(one.summary) == 1
    assert one.example in said
    words = " ".join(one.help.split())
    assert all(line in words for line in said.split("\n")[2:])


def test_all_commands_are_listed_once() -> None:
    rows = help_(Request("help", "", Actor("ana")), services()).document.evidence
    assert [row.text for row in rows] == [one.summary for one in commands().values()]


def test_a_word_that_is_none_gets_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        asked("diagnoze")
    assert "`diagnose`" in caught.value.hint
