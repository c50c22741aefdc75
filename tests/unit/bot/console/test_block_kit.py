"""Every limit of Block Kit: the largest allowed passes, one more is refused at the right place."""

from typing import Any

import pytest

from bot.console.block_kit import message_problems, view_problems, visible_length
from tests.unit.bot.console.build import (
    Block,
    actions,
    button,
    confirm,
    image,
    modal,
    mrkdwn,
    option,
    plain,
    section,
    select,
    text_input,
)


def rich(*parts: Block) -> Block:
    return {"type": "rich_text", "elements": list(parts)}


def overflow(count: int) -> Block:
    return {"type": "overflow", "action_id": "o", "options": [option(n) for n in range(count)]}


def choices(kind: str, count: int) -> Block:
    return {"type": kind, "action_id": "c", "options": [option(n) for n in range(count)]}


def context(count: int) -> Block:
    return {"type": "context", "elements": [mrkdwn("x")] * count}


def table(rows: int, columns: int) -> Block:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * columns] * rows}


LIMITS: list[tuple[str, Block, Block, str]] = [
    ("section text", section("x" * 3000), section("x" * 3001), "/blocks/0/text/text"),
    (
        "section fields",
        {"type": "section", "fields": [mrkdwn("x")] * 10},
        {"type": "section", "fields": [mrkdwn("x")] * 11},
        "/blocks/0/fields",
    ),
    (
        "field text",
        {"type": "section", "fields": [mrkdwn("x" * 2000)]},
        {"type": "section", "fields": [mrkdwn("x" * 2001)]},
        "/blocks/0/fields/0/text",
    ),
    (
        "header",
        {"type": "header", "text": plain("x" * 150)},
        {"type": "header", "text": plain("x" * 151)},
        "/blocks/0/text/text",
    ),
    ("block_id", section(block_id="x" * 255), section(block_id="x" * 256), "/blocks/0/block_id"),
    (
        "actions elements",
        actions(*[button(f"a{n}") for n in range(25)]),
        actions(*[button(f"a{n}") for n in range(26)]),
        "/blocks/0/elements",
    ),
    ("context elements", context(10), context(11), "/blocks/0/elements"),
    (
        "button text",
        actions(button(text=plain("x" * 75))),
        actions(button(text=plain("x" * 76))),
        "/blocks/0/elements/0/text/text",
    ),
    (
        "button value",
        actions(button(value="x" * 2000)),
        actions(button(value="x" * 2001)),
        "/blocks/0/elements/0/value",
    ),
    (
        "button url",
        actions(button(url="https://x/" + "x" * 2990)),
        actions(button(url="https://x/" + "x" * 2991)),
        "/blocks/0/elements/0/url",
    ),
    ("action_id", actions(button("x" * 255)), actions(button("x" * 256)), "/blocks/0/elements/0/action_id"),
    ("select options", actions(select(100)), actions(select(101)), "/blocks/0/elements/0/options"),
    (
        "option text",
        actions(select(1, options=[option(text=plain("x" * 75))])),
        actions(select(1, options=[option(text=plain("x" * 76))])),
        "/blocks/0/elements/0/options/0/text/text",
    ),
    (
        "option value",
        actions(select(1, options=[option(value="x" * 150)])),
        actions(select(1, options=[option(value="x" * 151)])),
        "/blocks/0/elements/0/options/0/value",
    ),
    (
        "placeholder",
        actions(select(placeholder=plain("x" * 150))),
        actions(select(placeholder=plain("x" * 151))),
        "/blocks/0/elements/0/placeholder/text",
    ),
    ("overflow options", actions(overflow(5)), actions(overflow(6)), "/blocks/0/elements/0/options"),
    (
        "checkboxes",
        actions(choices("checkboxes", 10)),
        actions(choices("checkboxes", 11)),
        "/blocks/0/elements/0/options",
    ),
    (
        "radio buttons",
        actions(choices("radio_buttons", 10)),
        actions(choices("radio_buttons", 11)),
        "/blocks/0/elements/0/options",
    ),
    (
        "confirm title",
        actions(button(confirm=confirm(title=plain("x" * 100)))),
        actions(button(confirm=confirm(title=plain("x" * 101)))),
        "/blocks/0/elements/0/confirm/title/text",
    ),
    (
        "confirm text",
        actions(button(confirm=confirm(text=mrkdwn("x" * 300)))),
        actions(button(confirm=confirm(text=mrkdwn("x" * 301)))),
        "/blocks/0/elements/0/confirm/text/text",
    ),
    (
        "confirm button",
        actions(button(confirm=confirm(deny=plain("x" * 30)))),
        actions(button(confirm=confirm(deny=plain("x" * 31)))),
        "/blocks/0/elements/0/confirm/deny/text",
    ),
    ("alt text", image(alt_text="x" * 2000), image(alt_text="x" * 2001), "/blocks/0/alt_text"),
    ("image title", image(title=plain("x" * 2000)), image(title=plain("x" * 2001)), "/blocks/0/title/text"),
    (
        "image url",
        image(image_url="http://x/" + "x" * 2991),
        image(image_url="http://x/" + "x" * 2992),
        "/blocks/0/image_url",
    ),
    ("max_length", text_input(max_length=3000), text_input(max_length=3001), "/blocks/0/element/max_length"),
    ("table rows", table(100, 1), table(101, 1), "/blocks/0/rows"),
    ("table columns", table(1, 20), table(1, 21), "/blocks/0/rows/0"),
    (
        "markdown",
        {"type": "markdown", "text": "x" * 12_000},
        {"type": "markdown", "text": "x" * 12_001},
        "/blocks/0/text",
    ),
    (
        "list indent",
        rich(
            {
                "type": "rich_text_list",
                "style": "bullet",
                "indent": 8,
                "elements": [{"type": "rich_text_section", "elements": []}],
            }
        ),
        rich(
            {
                "type": "rich_text_list",
                "style": "bullet",
                "indent": 9,
                "elements": [{"type": "rich_text_section", "elements": []}],
            }
        ),
        "/blocks/0/elements/0/indent",
    ),
]


@pytest.mark.parametrize(
    ("fits", "exceeds", "pointer"), [each[1:] for each in LIMITS], ids=[each[0] for each in LIMITS]
)
def test_limit(fits: Block, exceeds: Block, pointer: str) -> None:
    assert message_problems([fits]) == []
    assert [each.pointer for each in message_problems([exceeds])] == [pointer]


WRONG: list[tuple[str, Any, str]] = [
    ("unknown block", {"type": "carousel-of-dreams"}, "unsupported type: carousel-of-dreams"),
    ("no type", {"text": plain("x")}, "missing required field: type"),
    ("not an object", "hello", "must provide an object"),
    ("unknown field", section(colour="red"), "invalid additional property: colour"),
    ("empty text", section(""), "must be more than 0 characters"),
    ("text as string", {"type": "section", "text": "x"}, "must provide an object"),
    ("number as text", {"type": "section", "text": {"type": "mrkdwn", "text": 1}}, "must provide a string"),
    ("section of nothing", {"type": "section"}, "must provide text or fields"),
    ("mrkdwn header", {"type": "header", "text": mrkdwn("x")}, "unsupported type: mrkdwn"),
    ("emoji", {"type": "section", "text": mrkdwn("x") | {"emoji": True}}, "invalid additional property: emoji"),
    ("button without text", actions({"type": "button", "action_id": "a"}), "missing required field: text"),
    ("button style", actions(button(style="default")), "must be a valid enum value (primary, danger)"),
    ("button url", actions(button(url="javascript:x")), "must be a valid URL"),
    ("same action twice", actions(button("a"), button("a")), "action_id a already exists in this block"),
    ("image in actions", actions(image()), "unsupported type: image"),
    ("button in context", {"type": "context", "elements": [button()]}, "unsupported type: button"),
    ("empty actions", actions(), "no fewer than 1 items allowed"),
    ("image without alt", {"type": "image", "image_url": "http://x/a.png"}, "missing required field: alt_text"),
    ("image without source", {"type": "image", "alt_text": "x"}, "must provide either image_url or slack_file"),
    ("data image", image(image_url="data:image/png;base64,x"), "must be a valid URL"),
    ("empty select", actions({"type": "static_select"}), "must provide either options or option_groups"),
    ("initial not offered", actions(select(initial_option=option(9))), "initial option must be one of the options"),
    ("values twice", actions(select(options=[option(1), option(1)])), "options must have unique values"),
    ("lengths", text_input(min_length=9, max_length=3), "min_length must be less than or equal to max_length"),
    ("confirm half", actions(button(confirm={"title": plain("x")})), "missing required field: text"),
    ("date", actions({"type": "datepicker", "initial_date": "tomorrow"}), "must be a date in the form YYYY-MM-DD"),
    ("boolean as string", text_input(multiline="true"), "must provide a boolean"),
]  # fmt: skip


@pytest.mark.parametrize(("block", "message"), [each[1:] for each in WRONG], ids=[each[0] for each in WRONG])
def test_wrong_shape(block: Any, message: str) -> None:
    assert message in [each.message for each in message_problems([block])]


def test_blocks_of_a_message() -> None:
    assert message_problems([section()] * 50) == []
    assert [str(each) for each in message_problems([section()] * 51)] == [
        "[ERROR] no more than 50 items allowed [json-pointer:/blocks]"
    ]


def test_block_ids_are_unique_in_a_message() -> None:
    twice = [section(block_id="a"), section(block_id="a")]
    assert [each.pointer for each in message_problems(twice)] == ["/blocks/1/block_id"]


def test_one_table_and_little_markdown_together() -> None:
    assert [each.message for each in message_problems([table(1, 1)] * 2)] == ["only_one_table_allowed"]
    assert len(message_problems([{"type": "markdown", "text": "x" * 7000}] * 2)) == 1


def test_text_of_all_blocks_counts_what_people_see() -> None:
    assert visible_length([section("x" * 100)]) == 100
    assert visible_length([section("x" * 100), {"type": "divider"}]) == 225


@pytest.mark.parametrize(
    ("view", "pointer"),
    [
        (modal(title=plain("x" * 25)), "/view/title/text"),
        (modal(submit=plain("x" * 25)), "/view/submit/text"),
        (modal(close=plain("x" * 25)), "/view/close/text"),
        (modal(private_metadata="x" * 3001), "/view/private_metadata"),
        (modal(callback_id="x" * 256), "/view/callback_id"),
        (modal(*[section()] * 101), "/view/blocks"),
        (modal({"type": "markdown", "text": "x"}), "/view/blocks/0/type"),
        (modal(text_input(), submit=None), "/view"),
        ({"type": "home", "blocks": []}, "/view/type"),
    ],
)
def test_view_is_refused(view: Block, pointer: str) -> None:
    assert [each.pointer for each in view_problems(view)] == [pointer]


def test_largest_view_is_accepted() -> None:
    view = modal(
        text_input(), *[section()] * 99, title=plain("x" * 24), close=plain("x" * 24), private_metadata="x" * 3000
    )
    assert view_problems(view) == []
    assert view_problems({"type": "home", "blocks": [section()] * 100}, "home") == []
