"""The one renderer from a Document to Slack messages.

The root carries the state (verdict, facts, blast radius, buttons); the thread carries evidence, game plan and
reading. Nothing here knows what the Document is about.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.slack.message import (
    FALLBACK,
    PAGE_CHARACTERS,
    ROOT_CHARACTERS,
    SECTION,
    Block,
    Message,
    context,
    fit_code,
    paginate,
    section,
    sections,
    size,
)
from bot.slack.mrkdwn import cut, link, mrkdwn, plain
from bot.slack.plan_blocks import plan_blocks, plan_text
from explainers.document import Button, Document, Evidence, Stage, StageState, Tone, Unchecked

MAX_BUTTONS = 25
_CODE_CHARACTERS = 9_000
_CODE_PIECE = 1_400
_FOOTER = 600
_END_CHARACTERS = 6_000
_NO_WORDS = "(no words)"
_STYLES = ("primary", "danger")


@dataclass(frozen=True)
class Rendered:
    """The messages of one Document: the root, then what goes into its thread, in order."""

    root: Message
    thread: tuple[Message, ...]


def render(document: Document, footer: str = "", values: Sequence[str] = (), together: bool = False) -> Rendered:
    """Render a Document. `footer` is mrkdwn under the facts (who asked, where, request id).

    `values` are the opaque button values, one for each of the document's buttons; without them no button is shown.
    `together` makes one message of it all where that fits: a reply inside a thread has no thread of its own.
    """
    end = _end(document.buttons, footer, values)
    room = min(ROOT_CHARACTERS, PAGE_CHARACTERS - size(end) - 10)
    if together:
        everything = [*_state(document), *(block for message in _thread(document) for block in message.blocks)]
        *first, last = paginate(everything, _root_text(document), room)
        pages = [*first, Message(last.text, (*last.blocks, *end))]
        return Rendered(pages[0], tuple(pages[1:]))
    root, *overflow = paginate(_state(document), _root_text(document), room)
    return Rendered(Message(root.text, (*root.blocks, *end)), (*overflow, *_thread(document)))


def _end(offers: Sequence[Button], footer: str, values: Sequence[str]) -> list[Block]:
    """Footer and buttons; of buttons whose questions are too long together, the first."""
    start = [context(cut(footer, _FOOTER))] if footer else []
    kept = list(offers) if values else []
    while kept:
        end = [*start, buttons(kept, values)]
        if size(end) <= _END_CHARACTERS:
            return end
        kept.pop()
    return start


def headline_text(document: Document) -> str:
    """The whole answer in one plain line, for notifications."""
    return cut(plain(_sign(document) + document.headline), FALLBACK).strip() or _NO_WORDS


def _state(document: Document) -> list[Block]:
    """What the root says: the answer, what supports it, who is affected."""
    facts = [mrkdwn(fact) for fact in document.facts]
    blocks = [section(f"{_sign(document)}*{cut(mrkdwn(document.headline).strip() or _NO_WORDS, SECTION - 10)}*")]
    blocks += sections(_stage(item) for item in document.stages)
    blocks += sections([" · ".join(facts)] if len(" · ".join(facts)) <= 600 else [f"• {fact}" for fact in facts])
    blocks += sections(f"• {mrkdwn(item)}" for item in document.consequences)
    return blocks + _short_answer(document)


def _stage(item: Stage) -> str:
    detail = f": {mrkdwn(item.detail)}" if item.detail else ""
    took = f" ({mrkdwn(item.took)})" if item.took else ""
    word = "" if item.state in (StageState.DONE, StageState.WAITING) else f" _{item.state.value}_"
    return f"{item.state.sign} {mrkdwn(item.name)}{word}{detail}{took}"


def _sign(document: Document) -> str:
    """The state's sign; what only informs has no state."""
    return "" if document.tone is Tone.INFO else f"{document.tone.sign} "


def _root_text(document: Document) -> str:
    words = (plain(item) for item in (*document.facts, *document.consequences))
    return cut(" · ".join([headline_text(document), *words]), FALLBACK)


def _short_answer(document: Document) -> list[Block]:
    """A Document without evidence and plan is an explanation: it is said at once, not in a thread."""
    if document.evidence or document.plan or document.unchecked:
        return []
    blocks = sections(mrkdwn(line) for line in document.explanation.split("\n"))
    return [*blocks, *_code(document.code)] if len(document.code) <= _CODE_PIECE else blocks


def _thread(document: Document) -> list[Message]:
    """Evidence, output, game plan with what to read: few messages, because Slack takes one a second."""
    detailed = bool(document.evidence or document.plan or document.unchecked)
    messages = _message(_evidence_blocks(document), f"Evidence: {_evidence_text(document.evidence)}")
    if detailed or len(document.code) > _CODE_PIECE:
        messages += _message(_code(document.code), "The output")
    reading = _reading_blocks(document, detailed)
    plan = plan_text(document.plan)
    text = f"Game plan: {plain(plan)}" if plan else "Why, and what to read"
    return messages + _message([*plan_blocks(document.plan, document.plan_title), *reading], text)


def _message(blocks: list[Block], text: str) -> list[Message]:
    return paginate(blocks, cut(text, FALLBACK)) if blocks else []


def _evidence_blocks(document: Document) -> list[Block]:
    blocks: list[Block] = []
    if document.evidence:
        title = [section(f"*{document.evidence_title}*")] if document.evidence_title else []
        blocks += [*title, *sections(_evidence(item) for item in document.evidence)]
    if document.fine:
        blocks += sections([f"*Fine*: {' · '.join(mrkdwn(item) for item in document.fine)}"])
    if document.unchecked:
        blocks.append(section("*Not checked*"))
        for item in document.unchecked:
            blocks += _unchecked(item)
    return blocks


def _evidence(item: Evidence) -> str:
    age = f" ({mrkdwn(item.age)})" if item.age else ""
    return f"• *{mrkdwn(item.source)}*{age}: {mrkdwn(item.text)}"


def _evidence_text(evidence: Sequence[Evidence]) -> str:
    return plain("; ".join(f"{item.source}: {item.text}" for item in evidence))


def _unchecked(item: Unchecked) -> list[Block]:
    missing = f": needs {mrkdwn(item.missing)}" if item.missing else ""
    blocks = sections([f"• {mrkdwn(item.what)}{missing}"])
    return [*blocks, *_code(item.grant)] if item.grant else blocks


def _code(text: str) -> list[Block]:
    """Output in code blocks, in pieces at line ends; of very long output the end, where errors stand."""
    if not text.strip():
        return []
    kept = text[-_CODE_CHARACTERS:]
    pieces: list[str] = []
    for line in kept.split("\n"):
        for start in range(0, len(line) or 1, _CODE_PIECE):
            part = line[start : start + _CODE_PIECE]
            if pieces and start == 0 and len(pieces[-1]) + 1 + len(part) <= _CODE_PIECE:
                pieces[-1] += f"\n{part}"
            else:
                pieces.append(part)
    note = [context(f"The first {len(text) - len(kept)} characters are left out.")] if len(kept) < len(text) else []
    return [*note, *(section(fit_code(piece)) for piece in pieces if piece.strip())]


def _reading_blocks(document: Document, detailed: bool) -> list[Block]:
    lines: list[str] = []
    if document.explanation and detailed:
        lines += [f"*Why*: {mrkdwn(document.explanation)}"]
    if document.picture:
        lines.append(f"*Picture, in words*: {mrkdwn(document.picture.alt)}")
    if document.reading:
        lines.append("*Read*: " + " · ".join(link(item.title, item.url) for item in document.reading))
    return sections(lines)


def buttons(offers: Sequence[Button], values: Sequence[str]) -> Block:
    """The buttons with their opaque values; Slack never sees what a button is about."""
    pairs = zip(offers[:MAX_BUTTONS], values, strict=False)
    return {"type": "actions", "elements": [_button(*pair, number) for number, pair in enumerate(pairs)]}


def _button(offer: Button, value: str, number: int) -> Block:
    label = {"type": "plain_text", "text": cut(offer.label.strip() or offer.action or "Go", 75)}
    element: Block = {"type": "button", "action_id": f"tessera.{number}", "text": label, "value": value}
    if offer.style in _STYLES:
        element["style"] = offer.style
    return {**element, "confirm": _confirm(offer)} if offer.confirm else element


def _confirm(offer: Button) -> Block:
    """The question before a click counts.

    https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object
    """
    question = cut(plain(offer.confirm), 300)
    words = {"title": "Are you sure?", "text": question, "confirm": cut(offer.label, 30), "deny": "No"}
    return {key: {"type": "plain_text", "text": said} for key, said in words.items()}
