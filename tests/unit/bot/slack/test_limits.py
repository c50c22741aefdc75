"""Every limit of the table is known to the validator, and what can be cut is cut."""

from typing import Any

import pytest

from bot.slack.limits import LimitError, fit_message, validate_message, validate_view
from bot.slack.message import Message, section


def text(characters: int, kind: str = "plain_text") -> dict[str, str]:
    return {"type": kind, "text": "x" * characters}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def button(**more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": "a", "text": text(4), **more}


CONFIRM = {"title": text(9), "text": text(9), "confirm": text(3), "deny": text(3)}
SELECT = {"type": "static_select", "action_id": "s"}
OPTION = {"text": text(3), "value": "v"}
TOO_MUCH = {
    "51 blocks": [section("x")] * 51,
    "section": [section("x" * 3001)],
    "empty section": [section("")],
    "fields": [{"type": "section", "fields": [text(3)] * 11}],
    "field": [{"type": "section", "fields": [text(2001)]}],
    "header": [{"type": "header", "text": text(151)}],
    "actions": [actions(*[button(action_id=str(n)) for n in range(26)])],
    "context": [{"type": "context", "elements": [text(3)] * 11}],
    "button text": [actions(button(text=text(76)))],
    "button value": [actions(button(value="x" * 2001))],
    "button url": [actions(button(url="x" * 3001))],
    "action_id": [actions(button(action_id="x" * 256))],
    "same action_id": [actions(button(), button())],
    "block_id": [{**section("x"), "block_id": "x" * 256}],
    "same block_id": [{**section("x"), "block_id": "b"}] * 2,
    "options": [actions({**SELECT, "options": [OPTION] * 101})],
    "option": [actions({"type": "static_select", "action_id": "s", "options": [{"text": text(76), "value": "v"}]})],
    "option value": [actions({"type": "static_select", "options": [{"text": text(3), "value": "v" * 151}]})],
    "confirm title": [actions(button(confirm={**CONFIRM, "title": text(101)}))],
    "confirm text": [actions(button(confirm={**CONFIRM, "text": text(301)}))],
    "confirm button": [actions(button(confirm={**CONFIRM, "deny": text(31)}))],
    "unknown block": [{"type": "sectoin", "text": text(3)}],
    "all blocks": [section("x" * 2900)] * 5,
}


@pytest.mark.parametrize("blocks", TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_too_much_is_refused(blocks: list[dict[str, Any]]) -> None:
    with pytest.raises(LimitError):
        validate_message(Message("text", tuple(blocks)))


def test_the_text_must_say_something_and_not_everything() -> None:
    for wrong in ("", "  ", "x" * 40_001):
        with pytest.raises(LimitError):
            validate_message(Message(wrong))


@pytest.mark.parametrize(
    "view",
    [
        {"title": text(25)},
        {"submit": text(25)},
        {"close": text(25)},
        {"private_metadata": "x" * 3001},
        {"blocks": [section("x")] * 101},
    ],
)
def test_views_have_limits_too(view: dict[str, Any]) -> None:
    with pytest.raises(LimitError):
        validate_view({"title": text(5), **view})


@pytest.mark.parametrize("name", ["51 blocks", "section", "header", "all blocks"])
def test_what_can_be_cut_is_cut(name: str) -> None:
    message = fit_message(Message("t" * 50_000, tuple(TOO_MUCH[name])))
    validate_message(message)
    assert len(message.text) <= 4000


def test_a_cut_code_block_stays_a_code_block() -> None:
    fitted = fit_message(Message("t", (section("```" + "x" * 4000 + "```"),)))
    assert fitted.blocks[0]["text"]["text"].endswith("…```")


def test_a_message_within_the_limits_stays_as_it_is() -> None:
    message = Message("text", (section("x"), actions(button(value="v"))))
    validate_message(message)
    assert fit_message(message) == message
