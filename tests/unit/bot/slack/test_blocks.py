"""Any Document becomes messages that Slack takes; a verdict reads as the voice guide shows."""

from hypothesis import HealthCheck, given, settings

from bot.slack.blocks import render
from bot.slack.limits import validate_message
from bot.slack.message import Message
from explainers.document import Document, Tone
from tests.madeup import made_up
from tests.unit.bot.slack.documents import VERDICT, documents


def words(message: Message) -> str:
    """All that people can read in a message."""
    texts = [
        item["text"]["text"] if isinstance(item["text"], dict) else item["text"]
        for block in message.blocks
        for item in (block, *block.get("elements", []))
        if "text" in item
    ]
    return "\n".join(texts)


@settings(made_up(60), suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example])
@given(documents)
def test_any_document_renders_within_slacks_limits(document: Document) -> None:
    values = [f"b-{n}" for n in range(len(document.buttons))]
    for together in (False, True):
        rendered = render(document, "asked by <@U1> · " * 60, values, together)
        for message in (rendered.root, *rendered.thread):
            validate_message(message)


def test_the_root_carries_the_state_and_the_buttons() -> None:
    root = render(VERDICT, "asked by Ada", ["id-1", "id-2"]).root
    shown = words(root)
    assert shown.startswith("✗ *checkout is down: its pods crash because `DATABASE_URL` points to")
    assert "sure: 3 signals agree · since 14:02 (18 min)" in shown
    assert "asked by Ada" in shown
    assert [button["value"] for button in root.blocks[-1]["elements"]] == ["id-1", "id-2"]
    assert root.text.startswith("✗ checkout is down")
    assert "`" not in root.text


def test_arguments_of_buttons_never_leave() -> None:
    rendered = render(VERDICT, "", ["id-1", "id-2"])
    assert "deployment/checkout -n shop" not in str(rendered.root)


def test_the_thread_carries_evidence_then_plan_then_reading() -> None:
    evidence, plan = render(VERDICT).thread
    assert "• *pod checkout-7c9d-x2x* (1 min): previous log: could not translate host name `pg-main`" in words(evidence)
    assert "*Fine*: image pulled · memory 41 of 256 MiB" in words(evidence)
    assert "• logs of shop/pg: needs get pods/log" in words(evidence)
    assert "```kubectl create rolebinding x --user=ada```" in words(evidence)
    assert "1. *changes* — back to revision 6, which ran 9 days" in words(plan)
    assert "or *changes* — the new name" in words(plan)
    assert "No undo is offered for this step." in words(plan)
    assert "*Why*: A name inside the cluster" in words(plan)
    assert "|DNS>" in words(plan)


def test_inside_a_thread_it_is_one_message() -> None:
    rendered = render(VERDICT, "asked by Ada", ["id-1", "id-2"], together=True)
    assert rendered.thread == ()
    shown = words(rendered.root)
    places = [shown.index(part) for part in ("checkout is down", "*Evidence*", "*Game plan*", "*Why*", "asked by Ada")]
    assert places == sorted(places)
    assert rendered.root.blocks[-1]["type"] == "actions"


def test_what_is_no_verdict_has_no_evidence() -> None:
    listing = Document(Tone.INFO, "2 pods", evidence=VERDICT.evidence, plan=VERDICT.plan)
    shown = words(render(listing, together=True).root)
    assert "*Evidence*" not in shown
    assert "*By hand*" in shown


def test_every_command_is_a_block_of_its_own_and_escaped() -> None:
    texts = [block.get("text", {}).get("text", "") for block in render(VERDICT).thread[1].blocks]
    assert [text for text in texts if "```" in text] == [
        "```kubectl -n shop rollout undo deployment/checkout```",
        f"```{VERDICT.plan.steps[1].operation.line()}```",
        "```kubectl -n shop set env deployment/checkout 'DATABASE_URL=a&amp;b&lt;c&gt;'```",
    ]


def test_an_explanation_is_said_at_once() -> None:
    rendered = render(Document(Tone.INFO, "Help", explanation="Type `/diagnose web`.", code="usage: x"))
    assert rendered.thread == ()
    assert words(rendered.root) == "*Help*\nType `/diagnose web`.\n```usage: x```"


def test_of_very_long_output_the_end_stays() -> None:
    code = "\n".join(f"line {number}" for number in range(3000))
    shown = "\n".join(words(message) for message in render(Document(Tone.INFO, "Logs", code=code)).thread)
    assert "line 2999" in shown
    assert "line 5\n" not in shown
    assert "characters are left out" in shown


def test_while_it_works_the_root_says_what_is_done() -> None:
    working = Document(Tone.WORKING, "Diagnosing web", facts=("found deployment/web", "read 3 pods"))
    message = render(working, "asked by Ada").root
    validate_message(message)
    assert words(message) == "… *Diagnosing web*\nfound deployment/web · read 3 pods\nasked by Ada"
