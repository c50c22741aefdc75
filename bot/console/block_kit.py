"""Blocks, messages and views of Block Kit, checked as Slack checks them.

`message_problems` and `view_problems` list every reason for which Slack would answer `invalid_blocks` or
`invalid_arguments`; an empty list means accepted. Source: docs.slack.dev/reference/block-kit/blocks and
.../reference/views.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.console import block_elements as element
from bot.console import block_rules as rules
from bot.console import limits
from bot.console.rich_text import RICH_TEXT
from bot.console.schema import Check, Json, Problem, array, boolean, by_type, every, fields, one_of, string

_BLOCK: Mapping[str, Check] = {"block_id": string(limits.BLOCK_ID)}


SECTION = every(
    fields(
        {},
        {
            **_BLOCK,
            "text": element.text(limits.SECTION_TEXT),
            "fields": array(element.text(limits.FIELD_TEXT), limits.SECTION_FIELDS),
            "accessory": by_type(element.ACCESSORIES),
            "expand": boolean,
        },
    ),
    rules.text_or_fields,
)
CONTEXT = fields(
    {
        "elements": array(
            by_type({"image": element.IMAGE, **element.texts(limits.TEXT_OBJECT)}),
            limits.CONTEXT_ELEMENTS,
        ),
    },
    _BLOCK,
)
IMAGE = every(
    fields(
        {"alt_text": string(limits.ALT_TEXT)},
        {**_BLOCK, **element.IMAGE_SOURCE, "title": element.plain(limits.IMAGE_TITLE)},
    ),
    rules.one_image_source,
)
INPUT = fields(
    {"label": element.plain(limits.INPUT_LABEL), "element": by_type(element.INPUTS)},
    {
        **_BLOCK,
        "hint": element.plain(limits.INPUT_HINT),
        "optional": boolean,
        "dispatch_action": boolean,
    },
)
_CELL = by_type({"raw_text": fields({"text": string(limits.TEXT_OBJECT, 0)}), "rich_text": RICH_TEXT})
TABLE = fields(
    {"rows": array(array(_CELL, limits.TABLE_COLUMNS), limits.TABLE_ROWS)},
    {
        **_BLOCK,
        "column_settings": array(
            fields({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean}), limits.TABLE_COLUMNS
        ),
    },
)

_EVERYWHERE: Mapping[str, Check] = {
    "section": SECTION,
    "header": fields({"text": element.plain(limits.HEADER_TEXT)}, _BLOCK),
    "divider": fields({}, _BLOCK),
    "context": CONTEXT,
    "actions": fields({"elements": array(by_type(element.BUTTONS_AND_MENUS), limits.ACTIONS_ELEMENTS)}, _BLOCK),
    "image": IMAGE,
    "input": INPUT,
    "rich_text": RICH_TEXT,
}
_MESSAGE_ONLY: Mapping[str, Check] = {
    "markdown": fields({"text": string(limits.MARKDOWN_TEXT)}, _BLOCK),
    "table": TABLE,
}


MESSAGE_BLOCKS = every(
    array(by_type({**_EVERYWHERE, **_MESSAGE_ONLY}), limits.MESSAGE_BLOCKS, 0),
    rules.unique_ids,
    rules.one_table,
    rules.markdown_together,
)
VIEW_BLOCKS = every(array(by_type(_EVERYWHERE), limits.VIEW_BLOCKS, 0), rules.unique_ids)

_VIEW: Mapping[str, Check] = {
    "private_metadata": string(limits.PRIVATE_METADATA, 0),
    "callback_id": string(limits.CALLBACK_ID, 0),
    "external_id": string(limits.CALLBACK_ID, 0),
}


MODAL = every(
    fields(
        {"title": element.plain(limits.VIEW_TITLE), "blocks": VIEW_BLOCKS},
        {
            **_VIEW,
            "submit": element.plain(limits.VIEW_BUTTON),
            "close": element.plain(limits.VIEW_BUTTON),
            "clear_on_close": boolean,
            "notify_on_close": boolean,
            "submit_disabled": boolean,
        },
    ),
    rules.submit_for_inputs,
)
HOME = fields({"blocks": VIEW_BLOCKS}, _VIEW)


def message_problems(blocks: Any) -> list[Problem]:
    """Everything wrong with a message's blocks; pointers start at `/blocks`."""
    return list(MESSAGE_BLOCKS(blocks, "/blocks"))


def view_problems(view: Any, kind: str = "modal") -> list[Problem]:
    """Everything wrong with a view of `kind` ("modal" or "home"); pointers start at `/view`."""
    return list(by_type({kind: MODAL if kind == "modal" else HOME})(view, "/view"))


def visible_length(blocks: list[Json]) -> int:
    """The characters of all blocks together as `msg_blocks_too_long` counts them, within its measured accuracy."""
    spare = limits.MESSAGE_BLOCK_COST * max(0, len(blocks) - 1)
    return spare + sum(len(each) for each in _texts(blocks))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            if isinstance(each, str):
                if name in ("text", "alt_text"):
                    yield each
            else:
                yield from _texts(each)
