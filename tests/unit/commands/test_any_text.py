"""Whatever is typed at any command: an answer or an error that teaches, nothing sent, no code among the words."""

from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.registered import load_commands
from bot.slack.blocks import render
from bot.slack.limits import checked
from commands.base.dispatch import dispatch
from commands.base.policy import Grant, Policy, Team
from commands.base.registry import commands
from commands.base.request import Actor, Request
from commands.base.text import normalise
from tests.madeup import made_up
from tests.unit.bot.sandbox.clusters import scenario_bench
from tests.unit.sandboxed import Desk

load_commands()
POLICY = Policy({"T1": Team({"U1": Grant("ana@example.com", ("shop-leads",))})})
WORDS = (
    "checkout", "web", "deploy/checkout", "svc/web", "pod/", "/", "//", "node/node-1", "-n", "--namespace", "-n=shop",
    "shop", "nowhere", "--from", "--as", "--container", "--tags", "--all", "--mine", "--", "-", "=", "0", "1", "-1",
    "3.5", "9" * 40, "latest", "sha256:abc", "#12", "“web”", "it’s", "'", '"', "`", "\\", "<http://x|x>", "<@U0123>",
    "<#C0SHOP|shop>", "&lt;b&gt;", "\x1b[31mweb", "\x00", "\u202eweb", "👍", "null", "../..", "web;reboot", "$(id)",
    "%s", "{}", "{web}", "a" * 300, "web\nweb", "WEB", "registry", "off", "remove", "U+00A0\u00a0web",
)  # fmt: skip
LINES = st.lists(st.sampled_from(WORDS) | st.text(max_size=12), max_size=6).map(" ".join)


@cache
def desk() -> Desk:
    return Desk(scenario_bench("shop"))


@pytest.mark.parametrize("name", [name for name in commands() if name != "capture"])
@made_up(25)
@given(text=LINES)
@example(text="x" * 3000)
@example(text="checkout -n shop")
def test_every_command_answers_any_text(name: str, text: str) -> None:
    at = desk()
    typed = Request(name, normalise(text), Actor("U1", "T1"), surface="terminal", namespace="shop")
    reply = dispatch(typed, POLICY, lambda _identity: at.services, "default")
    assert reply.document.headline or reply.form
    assert at.cluster.sent == [], "nothing is sent before a yes"
    rendered = render(reply.document)
    for message in (rendered.root, *rendered.thread):
        said = str(checked(message))
        assert not any(word in said for word in ("Traceback", "NoneType", "object at 0x", "KeyError", "<class "))
