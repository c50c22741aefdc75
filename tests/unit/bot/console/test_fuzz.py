"""Whatever a bot sends, the console answers as Slack would: accepted or refused by code, never by a crash."""

from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.console import api, limits
from bot.console.block_kit import message_problems, view_problems
from bot.console.errors import SlackError
from bot.console.methods import METHODS
from bot.console.response_urls import respond
from tests.unit.bot.console.build import APP_TOKEN, TOKEN, Slack, actions, button, modal, select, text_input

assert api
NAMES = st.sampled_from(
    [
        "type",
        "text",
        "blocks",
        "elements",
        "element",
        "options",
        "option_groups",
        "initial_option",
        "initial_options",
        "fields",
        "accessory",
        "confirm",
        "action_id",
        "block_id",
        "label",
        "value",
        "rows",
        "style",
        "title",
    ]
)
WORDS = st.sampled_from(
    [
        "section",
        "actions",
        "input",
        "button",
        "static_select",
        "checkboxes",
        "rich_text",
        "mrkdwn",
        "plain_text",
        "table",
        "image",
        "context",
        "header",
        "modal",
        "home",
        "markdown",
        "rich_text_section",
    ]
)
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(max_size=5), inner, max_size=5),
    max_leaves=25,
)
GOOD = [actions(button(), select()), text_input(), modal()]


def mutated(value: Any, path: list[int], what: Any) -> Any:
    """`value` with something else somewhere inside."""
    if not path or not isinstance(value, dict | list) or not value:
        return what
    if isinstance(value, list):
        index = path[0] % len(value)
        return [*value[:index], mutated(value[index], path[1:], what), *value[index + 1 :]]
    name = sorted(value)[path[0] % len(value)]
    return {**value, name: mutated(value[name], path[1:], what)}


@given(st.sampled_from(GOOD), st.lists(st.integers(0, 50), max_size=6), ANYTHING)
def test_checks_never_crash(good: Any, path: list[int], what: Any) -> None:
    broken = mutated(good, path, what)
    assert isinstance(message_problems([broken]), list)
    assert isinstance(message_problems(broken), list)
    assert isinstance(view_problems(broken), list)
    assert isinstance(view_problems(broken, "home"), list)


ARGUMENTS = st.dictionaries(
    st.sampled_from(
        [
            "channel",
            "text",
            "blocks",
            "thread_ts",
            "ts",
            "user",
            "users",
            "view",
            "trigger_id",
            "files",
            "limit",
            "cursor",
            "oldest",
            "name",
            "timestamp",
            "metadata",
            "attachments",
            "length",
            "filename",
            "channel_id",
        ]
    ),
    ANYTHING | st.sampled_from(["C0SHOP", "U0ANA", "D0ANA", "1.000001", "[]", "{}", '[{"type":"divider"}]']),
    max_size=6,
)


@given(st.sampled_from(sorted(METHODS)), ARGUMENTS)
def test_methods_answer_or_refuse(name: str, values: dict[str, Any]) -> None:
    slack = Slack(enforce_rates=False)
    slack.backend.new_link = lambda: "ws://127.0.0.1/link/"
    token = APP_TOKEN if name == "apps.connections.open" else TOKEN
    refused = False
    try:
        slack.call(name, token, **values)
    except SlackError:
        refused = True
    assert len(slack.backend.refusals) == int(refused)


@given(ANYTHING)
def test_response_urls_answer_or_refuse(body: Any) -> None:
    slack = Slack(enforce_rates=False)
    name = slack.backend.passes.response_url("U0ANA", "C0SHOP")
    with suppress(SlackError):
        respond(slack.backend, name, body)
    assert len(slack.workspace.ephemerals("C0SHOP", "U0ANA")) <= limits.RESPONSE_URL_USES
