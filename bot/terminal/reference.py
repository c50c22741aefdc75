"""The command reference of the README, generated from the code: `python -m bot.terminal.reference --write`."""

import sys
from pathlib import Path
from typing import Any

import typer

from bot.registered import load_commands
from bot.terminal.app import app
from commands.base.registry import commands

README = Path(__file__).parents[2] / "README.md"
START, END = "<!-- commands -->\n", "<!-- /commands -->"


def reference() -> str:
    """Both tables as Markdown."""
    return f"\n{_chat()}\n{_terminal()}\n"


def _chat() -> str:
    load_commands()
    rows = ["| in Slack | what it does |", "| --- | --- |"]
    for one in commands().values():
        typed = f"{'/' if one.slash else '/tessera '}{one.name} {one.usage}".strip()
        rows.append(f"| `{_cell(typed)}` | {one.summary} |")
    words = ", ".join(f"`{one.name}`" for one in commands().values() if one.follow_up)
    return (
        "\n".join(rows)
        + f"\n\nIn a thread, mention the bot with one word about that thread's target: {words}, `recheck`.\n"
    )


def _cell(text: str) -> str:
    """Text that may stand in a Markdown table, also in code."""
    return text.replace("|", "\\|")


def _terminal() -> str:
    rows = ["| in the terminal | what it does |", "| --- | --- |"]
    group = typer.main.get_command(app)
    rows += [f"| `tessera {name}` | {_first(command)} |" for name, command in _leaves(group)]
    return "\n".join(rows) + "\n"


def _leaves(group: object, before: str = "") -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    known: Any = group
    context: Any = None
    for name in known.list_commands(context):
        command = known.get_command(context, name)
        whole = f"{before}{name}"
        found += _leaves(command, f"{whole} ") if hasattr(command, "list_commands") else [(whole, command)]
    return found


def _first(command: object) -> str:
    return str(getattr(command, "help", "")).strip().split("\n")[0]


def written() -> str:
    """The README with the section renewed. Raises ValueError when its markers are missing."""
    before, _, rest = README.read_text(encoding="utf-8").partition(START)
    _, _, after = rest.partition(END)
    if not rest:
        raise ValueError(f"README.md has no {START.strip()}")
    return f"{before}{START}{reference()}{END}{after}"


if __name__ == "__main__":
    if "--write" in sys.argv:
        README.write_text(written(), encoding="utf-8")
    else:
        print(reference())
