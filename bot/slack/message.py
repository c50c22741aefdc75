"""A Slack message as data, and the few blocks that Tessera's messages are made of."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.slack.mrkdwn import code_block, cut

Block = dict[str, Any]

SECTION = 2_900  # characters of one section, below Slack's 3,000 to leave room for closing marks
PAGE_BLOCKS = 45  # blocks of one message, below Slack's 50
PAGE_CHARACTERS = 11_000  # of all blocks as JSON, below the about 13,000 that end in msg_blocks_too_long
ROOT_CHARACTERS = PAGE_CHARACTERS - 3_000  # the same where footer and buttons follow
FALLBACK = 3_000  # characters of `text`, below the 4,000 that Slack advises


@dataclass(frozen=True)
class Message:
    """One message: `text` is what notifications and screen readers get, `blocks` what is seen."""

    text: str
    blocks: tuple[Block, ...] = ()


def section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": cut(text, SECTION), "verbatim": True}]}


def fit_code(text: str) -> str:
    """A code block that fits one section, whatever escaping adds."""
    block = code_block(text)
    return block if len(block) <= SECTION else cut(block.removesuffix("```"), SECTION - 3) + "```"


def size(blocks: Iterable[Block]) -> int:
    """Characters of the blocks as JSON, which is what Slack's limit on a whole message counts, roughly."""
    return len(json.dumps(list(blocks), ensure_ascii=False))


def sections(lines: Iterable[str], limit: int = SECTION) -> list[Block]:
    """Lines as sections, as many lines in each as fit; a single longer line is cut."""
    pages: list[str] = []
    for line in lines:
        line = cut(line, limit)
        if not line.strip():
            continue
        if pages and len(pages[-1]) + 1 + len(line) <= limit:
            pages[-1] += f"\n{line}"
        else:
            pages.append(line)
    return [section(page) for page in pages]


def paginate(blocks: Sequence[Block], text: str, characters: int = PAGE_CHARACTERS) -> list[Message]:
    """Blocks as messages that respect the limits of one message; later ones say that they continue."""
    pages: list[list[Block]] = []
    used = 0
    for block in blocks:
        cost = size([block]) + 1
        if not pages or len(pages[-1]) >= PAGE_BLOCKS or used + cost > characters:
            pages.append([])
            used = 2
        pages[-1].append(block)
        used += cost
    fallback = cut(text, FALLBACK - 20)
    return [
        Message(fallback if number == 0 else f"(continued) {fallback}", tuple(page))
        for number, page in enumerate(pages)
    ]
