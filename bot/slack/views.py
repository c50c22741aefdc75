"""The one renderer from a Form to a Slack view. Slack has no input that hides what is typed.

https://docs.slack.dev/reference/views/modal-views, https://docs.slack.dev/reference/block-kit/blocks/input-block
"""

from collections.abc import Mapping
from typing import Any

from bot.slack.limits import validate_view
from bot.slack.message import Block, context, section
from bot.slack.mrkdwn import cut, mrkdwn, plain
from explainers.document import Document, Tone
from explainers.form import Field, FieldKind, Form

CALLBACK = "tessera.form"
ACTION = "value"
_TITLE, _WORDS, _OPTION, _MOST = 24, 2_000, 75, 3_000
View = dict[str, Any]


def form_view(form: Form, form_id: str) -> View:
    """A form to fill in; what is wrong with a field stands under it. Raises LimitError."""
    blocks = [section(mrkdwn(form.text))] if form.text else []
    for field in form.fields:
        blocks.append(_input(field))
        if field.problem:
            blocks.append(context(f"✗ {mrkdwn(field.problem)}"))
    return _checked(
        _modal(form.title, blocks, "Cancel") | {"submit": _text(form.submit, _TITLE), "private_metadata": form_id}
    )


def waiting_view(title: str, said: str) -> View:
    """What is shown while the work goes on."""
    return _checked(_modal(title, [section(f"… {mrkdwn(said)}")], "Close"))


def said_view(title: str, document: Document) -> View:
    """The end of a form: what came of it."""
    sign = "" if document.tone is Tone.INFO else f"{document.tone.sign} "
    lines = [f"{sign}*{mrkdwn(document.headline)}*", *(mrkdwn(fact) for fact in document.facts)]
    return _checked(_modal(title, [section(cut(line, _WORDS)) for line in lines if line.strip()], "Close"))


def values_in(view: Mapping[str, Any]) -> dict[str, str]:
    """What was filled into a submitted view, by field."""
    found: dict[str, str] = {}
    for name, block in view["state"]["values"].items():
        state = block.get(ACTION) or {}
        option = state.get("selected_option") or {}
        found[name] = str(state.get("value") or option.get("value") or "")
    return found


def _modal(title: str, blocks: list[Block], close: str) -> View:
    texts = {"title": _text(title, _TITLE), "close": _text(close, _TITLE)}
    return {"type": "modal", "callback_id": CALLBACK, **texts, "blocks": blocks}


def _input(field: Field) -> Block:
    block: Block = {
        "type": "input",
        "block_id": field.name,
        "label": _text(field.label, _WORDS),
        "optional": field.optional,
        "element": _select(field) if field.kind is FieldKind.SELECT else _line(field),
    }
    return {**block, "hint": _text(field.hint, _WORDS)} if field.hint else block


def _line(field: Field) -> Block:
    element: Block = {"type": "plain_text_input", "action_id": ACTION, "max_length": min(field.longest, _MOST)}
    element |= {"multiline": True} if field.lines else {}
    return {**element, "initial_value": field.initial[: element["max_length"]]} if field.initial else element


def _select(field: Field) -> Block:
    options = [{"text": _text(option, _OPTION), "value": option} for option in field.options]
    element: Block = {"type": "static_select", "action_id": ACTION, "options": options}
    chosen = next((option for option in options if option["value"] == field.initial), None)
    return {**element, "initial_option": chosen} if chosen else element


def _text(words: str, most: int) -> Block:
    return {"type": "plain_text", "text": cut(plain(words), most)}


def _checked(view: View) -> View:
    validate_view(view)
    return view
