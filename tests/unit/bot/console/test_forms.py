"""Plain values become Slack's state, and forms complain as Slack's do."""

import pytest

from bot.console import forms
from bot.console.compose import with_ids
from bot.console.errors import SlackError
from tests.unit.bot.console.build import Block, actions, button, option, plain, section, select, text_input


def number(**more: object) -> Block:
    element = {"type": "number_input", "action_id": "n", "is_decimal_allowed": False, **more}
    return {"type": "input", "block_id": "n", "label": plain("Count"), "element": element}


def choices(kind: str, **more: object) -> Block:
    element = {"type": kind, "action_id": "c", "options": [option(1), option(2)], **more}
    return {"type": "input", "block_id": "c", "label": plain("Choice"), "element": element}


def named(block: Block, block_id: str = "b") -> Block:
    return {**block, "block_id": block_id}


def test_element_is_found_by_id_value_or_label() -> None:
    blocks = with_ids([actions(button("go", value="v", text=plain("Go on")), select())])
    for name in ("go", "v", "Go on"):
        assert forms.find_element(blocks, name)[1]["action_id"] == "go"
    with pytest.raises(LookupError, match=r"there are: go \(button\), s \(static_select\)"):
        forms.find_element(blocks, "stop")


def test_a_button_that_was_drawn_anew_while_it_was_pressed_is_the_one_of_the_same_value() -> None:
    def drawn(*values: str) -> list[Block]:
        return with_ids([actions(*(button(f"tessera.{n}", value=value) for n, value in enumerate(values)))])

    pressed, anew = drawn("cancel")[0]["block_id"], drawn("logs", "cancel")
    assert pressed != anew[0]["block_id"]
    assert forms.find_element(anew, "tessera.0", pressed, "cancel")[1]["action_id"] == "tessera.1"
    with pytest.raises(LookupError):  # what stands in its place now is another one
        forms.find_element(drawn("logs"), "tessera.0", pressed, "cancel")


def test_every_interactive_element_gets_an_action_id() -> None:
    blocks = with_ids([section(accessory={"type": "button", "text": plain("x")}), actions(select(action_id=None))])
    assert [len(element["action_id"]) > 3 for _, element in forms.elements(blocks)] == [True, True]


@pytest.mark.parametrize(
    ("element", "value", "state"),
    [
        (select(), "v1", {"type": "static_select", "selected_option": option(1)}),
        (select(), "option 0", {"type": "static_select", "selected_option": option(0)}),
        (select(), None, {"type": "static_select", "selected_option": None}),
        (choices("checkboxes")["element"], ["v1"], {"type": "checkboxes", "selected_options": [option(1)]}),
        ({"type": "datepicker"}, "2026-11-21", {"type": "datepicker", "selected_date": "2026-11-21"}),
        ({"type": "users_select"}, "U0ANA", {"type": "users_select", "selected_user": "U0ANA"}),
        ({"type": "plain_text_input"}, "", {"type": "plain_text_input", "value": None}),
    ],
)  # fmt: skip
def test_chosen_value_is_wrapped_by_kind(element: Block, value: object, state: Block) -> None:
    assert forms.chosen(element, value) == state


def test_unknown_option_and_unknown_field_are_refused() -> None:
    with pytest.raises(LookupError, match="no option 'v9'"):
        forms.chosen(select(), "v9")
    with pytest.raises(LookupError, match="no field nope"):
        forms.state_values([named(text_input())], {"nope": "x"})


def test_untouched_fields_keep_their_initial_value() -> None:
    blocks = [named(text_input(initial_value="web")), choices("radio_buttons", initial_option=option(2)), number()]
    values = forms.state_values(blocks, {"n": "3"})
    assert values["b"]["t"]["value"] == "web"
    assert values["c"]["c"]["selected_option"] == option(2)
    assert values["n"]["n"]["value"] == "3"
    assert forms.incomplete(blocks, values) == {}


@pytest.mark.parametrize(
    ("block", "value", "complaint"),
    [
        (named(text_input(), "x"), "", "Please complete this required field."),
        (named({**text_input(), "optional": True}, "x"), "", None),
        (named(text_input(min_length=3), "x"), "ab", "Please enter 3 to 3000 characters."),
        (named(text_input(max_length=3), "x"), "abcd", "Please enter 0 to 3 characters."),
        (named(number(), "x"), "many", "Please enter a whole number."),
        (named(number(), "x"), "1.5", "Please enter a whole number."),
        (named(number(is_decimal_allowed=True), "x"), "1.5", None),
        (named(number(min_value="2"), "x"), "1", "Please enter a number of at least 2."),
        (named(number(max_value="2"), "x"), "3", "Please enter a number of at most 2."),
    ],
)
def test_complaints_before_sending(block: Block, value: str, complaint: str | None) -> None:
    values = forms.state_values([block], {"x": value})
    assert forms.incomplete([block], values) == ({"x": complaint} if complaint else {})


def test_error_answers_name_input_blocks() -> None:
    blocks = [named(text_input()), section(block_id="s")]
    assert forms.check_error_response(blocks, {"b": "No."}) == {"b": "No."}
    for wrong in ({}, None, {"s": "No."}, {"nope": "No."}):
        with pytest.raises(SlackError, match="invalid_response_action"):
            forms.check_error_response(blocks, wrong)
