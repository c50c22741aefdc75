"""Composition objects and elements of Block Kit, as checks.

Sources: docs.slack.dev/reference/block-kit/composition-objects and .../block-elements.
"""

from collections.abc import Mapping

from bot.console import block_rules as rules
from bot.console import limits
from bot.console.schema import (
    Check,
    anything,
    array,
    boolean,
    by_type,
    every,
    fields,
    integer,
    matching,
    one_of,
    string,
    url,
)


def plain(most: int) -> Check:
    """A `plain_text` object of at most `most` characters."""
    return by_type({"plain_text": texts(most)["plain_text"]})


def text(most: int) -> Check:
    """A `plain_text` or `mrkdwn` object of at most `most` characters."""
    return by_type(texts(most))


def texts(most: int) -> Mapping[str, Check]:
    """Both kinds of text by their type."""
    return {
        "plain_text": fields({"text": string(most)}, {"emoji": boolean}),
        "mrkdwn": fields({"text": string(most)}, {"verbatim": boolean}),
    }


CONFIRM = fields(
    {
        "title": plain(limits.CONFIRM_TITLE),
        "text": text(limits.CONFIRM_TEXT),
        "confirm": plain(limits.CONFIRM_BUTTON),
        "deny": plain(limits.CONFIRM_BUTTON),
    },
    {"style": one_of("primary", "danger")},
)


def option(label: Check, **extra: Check) -> Check:
    """An option of a select, overflow menu, checkbox or radio group; which kinds of text depends on the element."""
    described = {"description": text(limits.OPTION_DESCRIPTION), **extra}
    return fields({"text": label, "value": string(limits.OPTION_VALUE)}, described)


OPTION = option(plain(limits.OPTION_TEXT))
CHOICE = option(text(limits.OPTION_TEXT))
OVERFLOW_OPTION = option(plain(limits.OPTION_TEXT), url=url(limits.OPTION_URL))
OPTIONS = array(OPTION, limits.OPTIONS)
OPTION_GROUPS = array(fields({"label": plain(limits.OPTION_GROUP_LABEL), "options": OPTIONS}), limits.OPTION_GROUPS)

_ACTION: Mapping[str, Check] = {"action_id": string(limits.ACTION_ID)}
_CONFIRMED: Mapping[str, Check] = {**_ACTION, "confirm": CONFIRM}
_FOCUSED: Mapping[str, Check] = {
    **_ACTION,
    "placeholder": plain(limits.PLACEHOLDER),
    "focus_on_load": boolean,
}
_SELECT: Mapping[str, Check] = {**_FOCUSED, "confirm": CONFIRM}
_DISPATCH = fields(
    {},
    {"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), 2)},
)


_CHOSEN = every(rules.initial_is_offered, rules.unique_values)

BUTTON = fields(
    {"text": plain(limits.BUTTON_TEXT)},
    {
        **_CONFIRMED,
        "url": url(limits.BUTTON_URL),
        "value": string(limits.BUTTON_VALUE),
        "style": one_of("primary", "danger"),
        "accessibility_label": string(limits.ACCESSIBILITY_LABEL),
    },
)
OVERFLOW = every(
    fields({"options": array(OVERFLOW_OPTION, limits.OVERFLOW_OPTIONS)}, _CONFIRMED),
    _CHOSEN,
)
STATIC_SELECT = every(
    fields(
        {},
        {**_SELECT, "options": OPTIONS, "option_groups": OPTION_GROUPS, "initial_option": OPTION},
    ),
    rules.options_or_groups,
    _CHOSEN,
)
MULTI_STATIC_SELECT = every(
    fields(
        {},
        {
            **_SELECT,
            "options": OPTIONS,
            "option_groups": OPTION_GROUPS,
            "initial_options": array(OPTION, limits.OPTIONS),
            "max_selected_items": integer(1, limits.OPTIONS),
        },
    ),
    rules.options_or_groups,
    _CHOSEN,
)
EXTERNAL_SELECT = fields({}, {**_SELECT, "initial_option": OPTION, "min_query_length": integer(0, limits.INPUT_TEXT)})
USERS_SELECT = fields({}, {**_SELECT, "initial_user": string(limits.ACTION_ID)})
CHANNELS_SELECT = fields(
    {},
    {**_SELECT, "initial_channel": string(limits.ACTION_ID), "response_url_enabled": boolean},
)
CHECKBOXES = every(
    fields(
        {"options": array(CHOICE, limits.CHOICE_OPTIONS)},
        {**_CONFIRMED, "initial_options": array(CHOICE, limits.CHOICE_OPTIONS), "focus_on_load": boolean},
    ),
    _CHOSEN,
)
RADIO_BUTTONS = every(
    fields(
        {"options": array(CHOICE, limits.CHOICE_OPTIONS)},
        {**_CONFIRMED, "initial_option": CHOICE, "focus_on_load": boolean},
    ),
    _CHOSEN,
)
DATEPICKER = fields(
    {},
    {**_SELECT, "initial_date": matching(r"\d{4}-\d{2}-\d{2}", "a date in the form YYYY-MM-DD")},
)
TIMEPICKER = fields(
    {},
    {**_SELECT, "initial_time": matching(r"\d{2}:\d{2}", "a time in the form HH:mm"), "timezone": string(100)},
)
PLAIN_TEXT_INPUT = every(
    fields(
        {},
        {
            **_FOCUSED,
            "initial_value": string(limits.INPUT_TEXT, 0),
            "multiline": boolean,
            "min_length": integer(0, limits.INPUT_TEXT),
            "max_length": integer(1, limits.INPUT_TEXT),
            "dispatch_action_config": _DISPATCH,
        },
    ),
    rules.lengths_in_order,
)
NUMBER_INPUT = fields(
    {"is_decimal_allowed": boolean},
    {
        **_FOCUSED,
        "initial_value": string(100),
        "min_value": string(100),
        "max_value": string(100),
        "dispatch_action_config": _DISPATCH,
    },
)
URL_INPUT = fields({}, {**_FOCUSED, "initial_value": string(limits.INPUT_TEXT), "dispatch_action_config": _DISPATCH})


_SLACK_FILE = fields({}, {"id": string(255), "url": url(limits.IMAGE_URL)})
IMAGE_SOURCE: Mapping[str, Check] = {"image_url": url(limits.IMAGE_URL), "slack_file": _SLACK_FILE}
IMAGE = every(
    fields({"alt_text": string(limits.ALT_TEXT)}, IMAGE_SOURCE),
    rules.one_image_source,
)

BUTTONS_AND_MENUS: Mapping[str, Check] = {
    "button": BUTTON,
    "overflow": OVERFLOW,
    "static_select": STATIC_SELECT,
    "external_select": EXTERNAL_SELECT,
    "users_select": USERS_SELECT,
    "channels_select": CHANNELS_SELECT,
    "conversations_select": fields(
        {},
        {
            **_SELECT,
            "initial_conversation": string(255),
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": anything,
        },
    ),
    "checkboxes": CHECKBOXES,
    "radio_buttons": RADIO_BUTTONS,
    "datepicker": DATEPICKER,
    "timepicker": TIMEPICKER,
}
ACCESSORIES: Mapping[str, Check] = {
    **BUTTONS_AND_MENUS,
    "multi_static_select": MULTI_STATIC_SELECT,
    "image": IMAGE,
}
INPUTS: Mapping[str, Check] = {
    **{name: check for name, check in BUTTONS_AND_MENUS.items() if name not in ("button", "overflow")},
    "multi_static_select": MULTI_STATIC_SELECT,
    "plain_text_input": PLAIN_TEXT_INPUT,
    "number_input": NUMBER_INPUT,
    "url_text_input": URL_INPUT,
    "email_text_input": URL_INPUT,
}
