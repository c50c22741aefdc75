"""Documents in the terminal: nothing is lost, commands can be copied whole, control characters do nothing."""

import io

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bot.terminal.render import inline, show
from explainers.document import Button, Document, Evidence, Link, Stage, StageState, Tone, Unchecked
from explainers.kinds import DEPLOYMENT
from explainers.operations.pods import Delete
from explainers.operations.reads import Get
from explainers.operations.workloads import Scale
from explainers.plan import Plan, Step

LONG = Get(DEPLOYMENT, "a-namespace-with-a-long-name", "a-deployment-with-quite-a-long-name-too")


def shown(document: Document, width: int = 60) -> str:
    out = io.StringIO()
    show(document, Console(file=out, width=width, color_system=None))
    return out.getvalue()


def test_commands_are_whole_in_a_narrow_terminal() -> None:
    text = shown(Document(Tone.FAULT, "x", plan=Plan((Step(LONG, "look"),))))
    assert LONG.line() in text


def test_everything_is_there_in_reading_order() -> None:
    hidden, step = Unchecked("logs", "get pods/log", "the grant"), Step(LONG, "look", "it is there")
    document = Document(
        Tone.FAULT, "`web` is down.", ("sure",), (Evidence("pod web-1", "exit 1", "3 s ago"),), ("also this",),
        ("image pulled",), (hidden,), Plan((step,)), "Because.", (Link("Title", "https://kubernetes.io/"),),
    )  # fmt: skip
    text = shown(document, 100)
    order = (
        "✗ web is down.", "sure", "pod web-1", "Also: also this", "Fine: image pulled", "get pods/log", "the grant",
        "Game plan", "Look. Expect: it is there.", "Why: Because.", "https://kubernetes.io/",
    )  # fmt: skip
    places = [text.index(words) for words in order]
    assert places == sorted(places)


def test_a_change_comes_with_its_undo_or_says_that_there_is_none() -> None:
    back, gone = (
        Step(Scale(DEPLOYMENT, "shop", "web", 3, 1), "more of them"),
        Step(Delete(DEPLOYMENT, "shop", "web"), "remove"),
    )
    text = shown(Document(Tone.FAULT, "x", plan=Plan((back, gone))))
    assert back.inverse is not None
    assert f"Undo: {back.inverse.line()}\n" in text
    assert text.count("No undo is offered") == 1


def test_stages_say_how_far_it_is() -> None:
    stages = (Stage("build", StageState.DONE, "took the cache", "12 s"), Stage("push", StageState.RUNNING))
    text = shown(Document(Tone.WORKING, "x", stages=stages))
    assert "✓ build (12 s): took the cache" in text
    assert "… push" in text


@given(st.integers(min_value=30, max_value=200))
def test_a_narrow_terminal_loses_nothing_of_the_evidence(width: int) -> None:
    evidence = Evidence("s" * 60, "t" * 150, "g" * 12)
    said = shown(Document(Tone.FAULT, "", evidence=(evidence,)), width).partition("Evidence\n")[2]
    assert {letter: said.count(letter) for letter in "stg"} == {"s": 60, "t": 150, "g": 12}
    assert "…" not in said


def test_names_stay_whole_where_there_is_little_room() -> None:
    evidence = Evidence(
        "previous log of checkout-qpwwp4lpkh-977hh/checkout", "could not translate host name", "3 s ago"
    )
    said = shown(Document(Tone.FAULT, "x", evidence=(evidence,)), 80)
    assert "    previous log of checkout-qpwwp4lpkh-977hh/checkout · 3 s ago\n      could not translate" in said
    wide = shown(Document(Tone.FAULT, "x", evidence=(evidence,)), 120)
    assert "checkout-qpwwp4lpkh-977hh/checkout  could not translate host name  3 s ago\n" in wide


@given(st.integers(min_value=30, max_value=200))
def test_no_line_ends_in_blanks(width: int) -> None:
    words = "quite a few words that go on and on " * 6
    document = Document(
        Tone.FAULT, words, (words,), (Evidence("pod", words, "3 s ago"), Evidence(words, words)), (words,), (words,),
        (Unchecked(words),), Plan((Step(LONG, words),)), words,
    )  # fmt: skip
    said = shown(document, width).splitlines()
    assert [line for line in said if line != line.rstrip()] == []


@given(st.text(max_size=300) | st.just("\x1b]0;title\x07\x9b31m"))
def test_text_of_a_cluster_cannot_steer_the_terminal(text: str) -> None:
    document = Document(
        Tone.INFO, text, (text,), (Evidence(text, text, text),), (text,), (text,), (Unchecked(text, text, text),),
        Plan((Step(Get(DEPLOYMENT, "shop", text), text, text),)), text, (Link(text, text),), code=text,
    )  # fmt: skip
    said = shown(document)
    assert not set(said) & {"\x1b", "\x07", "\x9b", "\r"}


def test_backticks_are_names() -> None:
    assert inline("`web` is `down").plain == "web is `down"


def test_what_only_informs_is_titled_as_what_it_is() -> None:
    rows = (Evidence("deployment/web", "healthy"),)
    listed = shown(Document(Tone.INFO, "1 workload", evidence=rows, plan=Plan((Step(LONG, "the same"),))))
    assert "By hand" in listed
    assert "Evidence" not in listed
    asked = Document(
        Tone.INFO, "Scale?", plan=Plan((Step(LONG, "x"),)), buttons=(Button("Apply", "scale", approves="1"),)
    )
    assert "Game plan" in shown(asked)
