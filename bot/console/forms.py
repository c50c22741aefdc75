"""Elements that people operate: finding them, turning a choice into Slack's state, checking a form before it is sent.

People and tests give plain values ("yes", ["a", "b"]); Slack's payloads wrap them by element type
(docs.slack.dev/reference/interaction-payloads/block_actions-payload).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.console.errors import SlackError
from bot.console.schema import Json

_VALUE_FIELD = {
    "plain_text_input": "value",
    "number_input": "value",
    "url_text_input": "value",
    "email_text_input": "value",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "users_select": "selected_user",
    "channels_select": "selected_channel",
    "conversations_select": "selected_conversation",
}
_INITIAL_FIELD = {
    "datepicker": "initial_date",
    "timepicker": "initial_time",
    "users_select": "initial_user",
    "channels_select": "initial_channel",
    "conversations_select": "initial_conversation",
}
_ONE_OPTION = ("static_select", "external_select", "radio_buttons", "overflow")
_MANY_OPTIONS = ("checkboxes", "multi_static_select")


def elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Every interactive element with its block."""
    for block in blocks:
        for each in [block.get("accessory"), block.get("element"), *(block.get("elements") or [])]:
            if isinstance(each, dict) and each.get("action_id"):
                yield block, each


def find_element(blocks: list[Json], name: str, block_id: str = "", value: Any = None) -> tuple[Json, Json]:
    """By action id, else by value, else by the words on the button. Raises LookupError.

    A message that the bot updates has blocks with new ids. A button that was pressed before, while its question was
    open, is the one of the same `value`.
    """
    every = list(elements(blocks))
    known = [each for each in every if not block_id or each[0]["block_id"] == block_id]
    again = [each for each in every if not known and value and each[1].get("value") == value]
    if again:
        return again[0]
    for key in ("action_id", "value", "label"):
        for block, element in known:
            if name == (element.get("text", {}).get("text") if key == "label" else element.get(key)):
                return block, element
    offered = ", ".join(f"{each['action_id']} ({each['type']})" for _, each in known) or "none"
    raise LookupError(f"no element {name!r} here; there are: {offered}")


def chosen(element: Json, value: Any) -> Json:
    """The state of an element: `{"type": ..., "selected_option": ...}` and the like. Raises LookupError."""
    kind = element["type"]
    if kind in _ONE_OPTION:
        return {"type": kind, "selected_option": _option(element, value) if value else None}
    if kind in _MANY_OPTIONS:
        return {"type": kind, "selected_options": [_option(element, each) for each in value or []]}
    return {"type": kind, _VALUE_FIELD.get(kind, "value"): value or None}


def _option(element: Json, value: str) -> Json:
    groups = [group["options"] for group in element.get("option_groups") or []]
    for option in [*(element.get("options") or []), *(each for group in groups for each in group)]:
        if value in (option["value"], option["text"]["text"]):
            return dict(option)
    raise LookupError(f"no option {value!r} in {element['action_id']}")


def initial(element: Json) -> Json:
    """The state of an element that nobody touched."""
    kind = element["type"]
    if kind in _ONE_OPTION:
        return {"type": kind, "selected_option": element.get("initial_option")}
    if kind in _MANY_OPTIONS:
        return {"type": kind, "selected_options": element.get("initial_options") or []}
    field = _INITIAL_FIELD.get(kind, "initial_value")
    return {"type": kind, _VALUE_FIELD.get(kind, "value"): element.get(field)}


def action(block: Json, element: Json, value: Any, action_ts: str) -> Json:
    """One entry of `actions` in a payload."""
    found: Json = {"action_id": element["action_id"], "block_id": block["block_id"], "action_ts": action_ts}
    if element["type"] == "button":
        kept = {key: element[key] for key in ("text", "value", "style", "url", "confirm") if key in element}
        return found | {"type": "button", **kept}
    return found | chosen(element, value)


def state_values(blocks: list[Json], given: Mapping[str, Any]) -> Json:
    """`state.values` of a form; `given` maps `block id/action id`, or one of the two where that is clear, to plain
    values; the rest stay initial.

    Raises LookupError for a name or an option that the form does not have.
    """
    values: Json = {}
    used: set[str] = set()
    for block, element in elements(blocks):
        if element["type"] in ("button", "overflow"):
            continue
        place = f"{block['block_id']}/{element['action_id']}"
        name = next((key for key in (place, element["action_id"], block["block_id"]) if key in given), None)
        used.add(name or "")
        state = initial(element) if name is None else chosen(element, given[name])
        values.setdefault(block["block_id"], {})[element["action_id"]] = state
    unknown = sorted(set(given) - used)
    if unknown:
        raise LookupError(f"the form has no field {', '.join(unknown)}")
    return values


def incomplete(blocks: list[Json], values: Json) -> dict[str, str]:
    """What Slack itself complains about before it sends a form: block id to sentence."""
    found: dict[str, str] = {}
    for block in blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        state = values.get(block["block_id"], {}).get(element["action_id"], {})
        content = next((value for key, value in state.items() if key != "type"), None)
        complaint = _complaint(block, element, content)
        if complaint:
            found[block["block_id"]] = complaint
    return found


def _complaint(block: Json, element: Json, content: Any) -> str:
    if not content:
        return "" if block.get("optional") else "Please complete this required field."
    least, most = element.get("min_length", 0), element.get("max_length", 3_000)
    if element["type"] == "plain_text_input" and not least <= len(content) <= most:
        return f"Please enter {least} to {most} characters."
    if element["type"] == "number_input":
        return _number_complaint(element, str(content))
    return ""


def _number_complaint(element: Json, content: str) -> str:
    try:
        number = float(content) if element["is_decimal_allowed"] else int(content)
    except ValueError:
        return "Please enter a number." if element["is_decimal_allowed"] else "Please enter a whole number."
    if "min_value" in element and number < float(element["min_value"]):
        return f"Please enter a number of at least {element['min_value']}."
    if "max_value" in element and number > float(element["max_value"]):
        return f"Please enter a number of at most {element['max_value']}."
    return ""


def check_error_response(blocks: list[Json], errors: Any) -> dict[str, str]:
    """The `errors` of a `response_action`. Raises `invalid_response_action` unless each names an input block."""
    inputs = {block["block_id"] for block in blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
        raise SlackError("invalid_response_action", ["[ERROR] errors must name input blocks of the view"])
    return {str(name): str(text) for name, text in errors.items()}
