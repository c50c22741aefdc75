"""A form in the terminal: one prompt a field; what is secret is not shown while it is typed."""

import sys
from pathlib import Path

import typer
from rich.console import Console

from bot.terminal.render import inline
from commands.base.errors import UsageError
from explainers.document import Document
from explainers.form import Field, FieldKind, Form


def fill(form: Form, about: Document) -> dict[str, str]:
    """What somebody types into each field, asked again while it is wrong at first sight. `about` is why it is asked.

    Raises UsageError where nobody sits at the terminal.
    """
    if not sys.stdin.isatty():
        instead = about.facts[0] if about.facts else "run it in a terminal"
        raise UsageError(f"{about.headline} This asks questions, and nobody is here to answer them.", instead)
    console = Console(stderr=True)
    if form.text:
        console.print(inline(form.text))
    return {field.name: _ask(field, console) for field in form.fields}


def _ask(field: Field, console: Console) -> str:
    if field.problem:
        console.print(inline(f"✗ {field.problem}"))
    elif field.hint and field.kind is not FieldKind.SECRET:  # those speak of Slack
        console.print(inline(field.hint))
    while True:
        value = _typed(field)
        wrong = field.wrong(value)
        if not wrong:
            return value
        console.print(inline(f"✗ {wrong}"))


def _typed(field: Field) -> str:
    offered = f" ({', '.join(field.options)})" if field.options else ""
    offered += ", or a file that holds it" if field.lines else ""
    hidden = field.kind is FieldKind.SECRET
    value: str = typer.prompt(
        f"{field.label}{offered}", default=field.initial, hide_input=hidden, show_default=bool(field.initial), err=True
    )
    return _read(value) if field.lines else value


def _read(value: str) -> str:
    """What a file holds, where it is named instead of typed; otherwise what was typed."""
    path = Path(value.strip()).expanduser()
    try:
        return path.read_text("utf-8") if value.strip() and path.is_file() else value
    except (OSError, ValueError):
        return value
