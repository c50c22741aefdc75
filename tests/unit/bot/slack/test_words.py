"""What people say to the bot becomes a command; a follow-up word in a thread is about the thread's target."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.registered import load_commands
from bot.slack.memory import Thread
from bot.slack.words import understand_command, understand_words

load_commands()
ABOUT = Thread("deployment/checkout", "shop")
TARGET = "deployment/checkout -n shop"


@pytest.mark.parametrize(
    ("said", "thread", "command", "text"),
    [
        ("", None, "help", ""),
        ("why", ABOUT, "why", TARGET),
        ("Why is it down?", ABOUT, "why", TARGET),
        ("logs please", ABOUT, "logs", TARGET),
        ("logs deploy/pg", ABOUT, "logs", "deploy/pg"),
        ("logs pg -n db", ABOUT, "logs", "pg -n db"),
        ("recheck", ABOUT, "diagnose", TARGET),
        ("Re-check!", ABOUT, "diagnose", TARGET),
        ("events", ABOUT, "events", TARGET),
        ("pods?", ABOUT, "pods", TARGET),
        ("plan", Thread("node/worker-1", ""), "plan", "node/worker-1"),
        ("help", ABOUT, "help", ""),
        ("help diagnose", ABOUT, "help", "diagnose"),
        ("/diagnose web", None, "diagnose", "web"),
        ("/tessera diagnose web", None, "diagnose", "web"),
        ("why", None, "why", ""),
        ("why web -n shop", None, "why", "web -n shop"),
        ("frobnicate it", ABOUT, "frobnicate", "it"),
    ],
)
def test_words(said: str, thread: Thread | None, command: str, text: str) -> None:
    understood = understand_words(said, thread)
    assert (understood.command, understood.text) == (command, text)


def test_slash_commands() -> None:
    assert str(understand_command("tessera", "")) == "help"
    assert str(understand_command("tessera", "logs web")) == "logs web"
    assert str(understand_command("diagnose", "web -n shop")) == "diagnose web -n shop"


@given(st.text(max_size=60), st.booleans())
def test_any_words_are_some_command(said: str, in_thread: bool) -> None:
    assert understand_words(said, ABOUT if in_thread else None).command
