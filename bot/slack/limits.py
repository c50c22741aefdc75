"""Slack's limits, in one table, checked on everything that leaves: slack_sdk's models miss some of them.

Sources: https://docs.slack.dev/reference/block-kit/blocks (and .../block-elements, .../composition-objects),
https://docs.slack.dev/reference/methods/chat.postMessage (text), https://docs.slack.dev/reference/views (views).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.slack.message import Block, Message, size
from bot.slack.mrkdwn import cut

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
MESSAGE_TEXT = 40_000
ADVISED_TEXT = 4_000
ALL_BLOCKS = 13_000
IDENTIFIER = 255
PRIVATE_METADATA = 3_000
FIELDS = 10
FIELD = 2_000
OPTIONS = 100

_TEXTS = {
    "section": {"text": 3_000},
    "header": {"text": 150},
    "button": {"text": 75, "value": 2_000, "url": 3_000},
    "option": {"text": 75, "value": 150},
    "confirm": {"title": 100, "text": 300, "confirm": 30, "deny": 30},
    "context": {},
    "actions": {},
    "divider": {},
    "input": {"label": 2_000, "hint": 2_000},
    "plain_text_input": {"initial_value": 3_000, "placeholder": 150},
    "image": {"alt_text": 2_000, "image_url": 3_000, "title": 2_000},
    "view": {"title": 24, "submit": 24, "close": 24},
}
_COUNTS = {"actions": 25, "context": 10}
_SELECTS = ("static_select", "multi_static_select", "overflow", "radio_buttons", "checkboxes")


class LimitError(ValueError):
    """A message that Slack would refuse; the message names every limit that it breaks."""


def validate_message(message: Message) -> None:
    """Check every limit of one message.

    Raises LimitError naming all that is wrong.
    """
    found = list(_message_problems(message))
    if found:
        raise LimitError("; ".join(found))


def validate_view(view: Mapping[str, Any]) -> None:
    """Check every limit of one modal or Home view.

    Raises LimitError naming all that is wrong.
    """
    found = [*_texts("view", view, "view"), *_blocks(view.get("blocks", []), VIEW_BLOCKS)]
    if "submit" not in view and any(block.get("type") == "input" for block in view.get("blocks", [])):
        found.append("view has inputs and no submit")
    if len(str(view.get("private_metadata", ""))) > PRIVATE_METADATA:
        found.append(f"view.private_metadata is longer than {PRIVATE_METADATA}")
    if found:
        raise LimitError("; ".join(found))


def checked(message: Message) -> Message:
    """The message as it may be sent: fitted to the limits and validated. Raises LimitError."""
    fitted = fit_message(message)
    validate_message(fitted)
    return fitted


def fit_message(message: Message) -> Message:
    """Bring a message within the limits where cutting keeps the sense: `text`, sections, headers, too many blocks.

    What cannot be cut (ids, values, addresses, counts of buttons) stays, for `validate_message` to refuse.
    """
    blocks = [_fit_block(block) for block in message.blocks]
    note: Block = {
        "type": "context",
        "elements": [
            {"type": "plain_text", "text": "The rest is left out: the answer is longer than a message may be."}
        ],
    }
    while len(blocks) > MESSAGE_BLOCKS or size(blocks) > ALL_BLOCKS:
        blocks = [*blocks[: min(len(blocks) - 2, MESSAGE_BLOCKS - 1)], note]
    return Message(cut(message.text, ADVISED_TEXT), tuple(blocks))


def _fit_block(block: Block) -> Block:
    limit = _TEXTS.get(str(block.get("type")), {}).get("text")
    text = block.get("text")
    if limit is None or not isinstance(text, dict) or len(str(text.get("text", ""))) <= limit:
        return block
    body = str(text["text"])
    closing = "```" if body.endswith("```") else ""
    return {**block, "text": {**text, "text": cut(body.removesuffix(closing), limit - len(closing)) + closing}}


def _message_problems(message: Message) -> Iterator[str]:
    if not message.text.strip():
        yield "text is empty: notifications and screen readers would get nothing"
    if len(message.text) > MESSAGE_TEXT:
        yield f"text is longer than {MESSAGE_TEXT}"
    if size(message.blocks) > ALL_BLOCKS:
        yield f"the blocks together are longer than {ALL_BLOCKS} (msg_blocks_too_long)"
    yield from _blocks(message.blocks, MESSAGE_BLOCKS)


def _blocks(blocks: Sequence[Block], most: int) -> Iterator[str]:
    if len(blocks) > most:
        yield f"{len(blocks)} blocks are more than {most}"
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(ids) != len(set(ids)):
        yield "a block_id is used twice"
    for number, block in enumerate(blocks):
        yield from _block(block, f"blocks[{number}]")


def _block(block: Block, place: str) -> Iterator[str]:
    kind = str(block.get("type"))
    if kind not in ("section", "header", "context", "actions", "divider", "image", "input"):
        yield f"{place} has the unknown type {kind!r}"
        return
    yield from _texts(kind, block, place)
    yield from _identifier(block, "block_id", place)
    if kind == "section" and not ("text" in block or "fields" in block):
        yield f"{place} has neither text nor fields"
    fields = block.get("fields", [])
    if len(fields) > FIELDS:
        yield f"{place} has more than {FIELDS} fields"
    if any(not 1 <= len(_content(item)) <= FIELD for item in fields):
        yield f"{place} has a field that is empty or longer than {FIELD}"
    if kind == "input" and "element" not in block:
        yield f"{place} has no element"
    elements = [*block.get("elements", []), *([block["element"]] if kind == "input" and "element" in block else [])]
    if kind in _COUNTS and not 1 <= len(elements) <= _COUNTS[kind]:
        yield f"{place} has {len(elements)} elements; 1 to {_COUNTS[kind]} are allowed"
    actions = [item["action_id"] for item in elements if "action_id" in item]
    if len(actions) != len(set(actions)):
        yield f"{place} uses an action_id twice"
    for number, element in enumerate((*elements, *([block["accessory"]] if "accessory" in block else []))):
        yield from _element(element, f"{place}.elements[{number}]")


def _element(element: Mapping[str, Any], place: str) -> Iterator[str]:
    kind = str(element.get("type"))
    yield from _identifier(element, "action_id", place)
    if kind in ("mrkdwn", "plain_text") and not 1 <= len(_content(element)) <= 3_000:
        yield f"{place} is empty or longer than 3000"
    if kind in _TEXTS:
        yield from _texts(kind, element, place)
    if kind in _SELECTS:
        options = element.get("options", [])
        if not 1 <= len(options) <= OPTIONS:
            yield f"{place} has {len(options)} options; 1 to {OPTIONS} are allowed"
        for number, option in enumerate(options):
            yield from _texts("option", option, f"{place}.options[{number}]")
    if "confirm" in element:
        yield from _texts("confirm", element["confirm"], f"{place}.confirm")


def _texts(kind: str, item: Mapping[str, Any], place: str) -> Iterator[str]:
    for key, limit in _TEXTS[kind].items():
        if key in item and not 1 <= len(_content(item[key])) <= limit:
            yield f"{place}.{key} is empty or longer than {limit}"


def _identifier(item: Mapping[str, Any], key: str, place: str) -> Iterator[str]:
    if key in item and not 1 <= len(str(item[key])) <= IDENTIFIER:
        yield f"{place}.{key} is empty or longer than {IDENTIFIER}"


def _content(value: Any) -> str:
    """The characters of a text, whether it is a text object or a plain string."""
    return str(value.get("text", "")) if isinstance(value, Mapping) else str(value)
