"""What is proposed, one thing after another: accepted, edited or skipped by whoever sits at the terminal."""

from collections.abc import Iterable

import typer
from rich.console import Console

from bot.terminal.render import copied, inline
from commands.base.request import Choice

ANSWERS = ("accept", "edit", "skip")


def chosen(choice: Choice) -> str | None:
    """What the command is given for the answer; None to skip it. A first letter is enough, and Enter skips."""
    console = Console(stderr=True)
    console.print(inline(f"\n  `{choice.thing}` from {choice.told}"))
    while True:
        said = str(typer.prompt("  Accept, edit or skip?", default="skip", err=True)).strip().lower()
        match next((word for word in ANSWERS if said and word.startswith(said)), ""):
            case "accept":
                return choice.accept
            case "edit":
                return choice.edit
            case "skip":
                return None
        console.print(inline("✗ Type `accept`, `edit` or `skip`, or its first letter."))


def lines(each: Iterable[str]) -> None:
    """The lines to type instead, whole, so that they can be copied."""
    console = Console()
    console.print(inline("\n  To do it:"))
    for line in each:
        console.print(copied(f"    {line}"), soft_wrap=True)
