"""Rules of Block Kit across fields and across blocks; a shape alone is no business of theirs.

Sources: docs.slack.dev/reference/block-kit/blocks, .../block-elements, .../reference/views.
"""

from typing import Any

from bot.console import limits
from bot.console.schema import Json, Problem, Problems, objects_only


@objects_only
def options_or_groups(value: Json, at: str) -> Problems:
    """A static menu has options or groups of them, never both."""
    if ("options" in value) == ("option_groups" in value):
        yield Problem("must provide either options or option_groups", at)


@objects_only
def initial_is_offered(value: Json, at: str) -> Problems:
    """What is chosen at first can be chosen."""
    offered = list(value.get("options") or [])
    for group in value.get("option_groups") or []:
        offered += group.get("options") or [] if isinstance(group, dict) else []
    chosen = value.get("initial_options") or []
    for each in [*chosen, *([value["initial_option"]] if value.get("initial_option") else [])]:
        if each not in offered:
            yield Problem("initial option must be one of the options", at)


@objects_only
def unique_values(value: Json, at: str) -> Problems:
    """No two options stand for the same value."""
    seen = [each.get("value") for each in value.get("options") or [] if isinstance(each, dict)]
    if len(set(map(str, seen))) != len(seen):
        yield Problem("options must have unique values", f"{at}/options")


@objects_only
def lengths_in_order(value: Json, at: str) -> Problems:
    """An input's least length is not above its most."""
    least, most = value.get("min_length"), value.get("max_length")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        yield Problem("min_length must be less than or equal to max_length", at)


@objects_only
def one_image_source(value: Json, at: str) -> Problems:
    """An image comes from one place."""
    if ("image_url" in value) == ("slack_file" in value):
        yield Problem("must provide either image_url or slack_file", at)


@objects_only
def text_or_fields(value: Json, at: str) -> Problems:
    """A section says something."""
    if value.get("text") is None and value.get("fields") is None:
        yield Problem("must provide text or fields", at)


def unique_ids(blocks: Any, at: str) -> Problems:
    """Block ids are unique in a message or view, action ids in a block."""
    seen: set[str] = set()
    for index, block in enumerate(_objects(blocks)):
        name = block.get("block_id")
        if isinstance(name, str) and name in seen:
            yield Problem(f"block_id {name} already exists", f"{at}/{index}/block_id")
        seen.add(str(name))
        yield from _unique_actions(block, f"{at}/{index}")


def _unique_actions(block: Json, at: str) -> Problems:
    seen: set[str] = set()
    for index, each in enumerate(_objects(block.get("elements"))):
        name = each.get("action_id")
        if isinstance(name, str) and name in seen:
            yield Problem(f"action_id {name} already exists in this block", f"{at}/elements/{index}/action_id")
        if isinstance(name, str):
            seen.add(name)


def one_table(blocks: Any, at: str) -> Problems:
    """A message has one table at the most."""
    tables = [block for block in _objects(blocks) if block.get("type") == "table"]
    if len(tables) > 1:
        yield Problem("only_one_table_allowed", at)


def markdown_together(blocks: Any, at: str) -> Problems:
    """All markdown blocks of a message share one limit."""
    lengths = [len(str(block.get("text"))) for block in _objects(blocks) if block.get("type") == "markdown"]
    if len(lengths) > 1 and sum(lengths) > limits.MARKDOWN_TEXT:
        yield Problem(f"markdown blocks must be less than {limits.MARKDOWN_TEXT + 1} characters together", at)


@objects_only
def submit_for_inputs(view: Json, at: str) -> Problems:
    """A form can be sent."""
    inputs = any(block.get("type") == "input" for block in _objects(view.get("blocks")))
    if inputs and view.get("submit") is None:
        yield Problem("must provide submit when the view contains an input block", at)


def _objects(value: Any) -> list[Json]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
