"""A form in the terminal: one prompt a field, unless it was filled beforehand; a secret is not shown while typed."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import typer
from rich.console import Console

from bot.terminal.render import inline
from commands.base.errors import UsageError
from explainers.document import Document
from explainers.form import Field, FieldKind, Form


@dataclass(frozen=True)
class Given:
    """What was said beforehand: `values` of fields, and whether what stands in a form already is `agreed` to."""

    values: Mapping[str, str] = field(default_factory=dict)
    agreed: bool = False

    def known(self, field: Field) -> str | None:
        """What needs not be asked; None for what must be, and for what was wrong the last time."""
        if field.problem:
            return None
        value = self.values.get(field.name, field.initial if self.agreed else None)
        if value == "" and field.name not in self.values:
            return "" if field.optional else None
        return value


NOTHING = Given()


def filled(words: Sequence[str]) -> dict[str, str]:
    """The values of `--set FIELD=VALUE`. Raises UsageError for what has another form."""
    pairs = [word.partition("=") for word in words]
    wrong = next((word for word, (name, equals, _) in zip(words, pairs, strict=True) if not (name and equals)), None)
    if wrong is not None:
        raise UsageError(f"`--set {wrong[:60]}` gives no field a value.", "for example `--set reason=tests`")
    return {name: value for name, _, value in pairs}


def fill(form: Form, about: Document, given: Given = NOTHING) -> dict[str, str]:
    """What somebody types into each field, asked again while it is wrong at first sight. `about` is why it is asked.

    Raises UsageError for a field that there is not, and where nobody sits at the terminal for what must be asked.
    """
    _check(form, given.values)
    if not sys.stdin.isatty():
        return _unasked(form, about, given)
    console = Console(stderr=True)
    if form.text:
        console.print(inline(form.text))
    return {field.name: _ask(field, given.known(field), console) for field in form.fields}


def _check(form: Form, values: Mapping[str, str]) -> None:
    names = [field.name for field in form.fields if field.name not in form.secrets]
    for name in values:
        if name in form.secrets:
            raise UsageError(f"`{name}` is secret, and others can read a command line.", "type it when you are asked")
        if name not in names:
            raise UsageError(f"There is no field `{name[:60]}`.", f"there is {', '.join(f'`{one}`' for one in names)}")


def _unasked(form: Form, about: Document, given: Given) -> dict[str, str]:
    """The values, where they are known without asking. Raises UsageError that names those that are not."""
    wrong = [f"`{field.name}`: {field.problem}" for field in form.fields if field.problem]
    if wrong:
        raise UsageError(" ".join(wrong), "say it with `--set FIELD=VALUE`")
    if not given.agreed:
        instead = about.facts[0] if about.facts else f"say `--yes`, and what you want other than that: {_listed(form)}"
        raise UsageError(f"{about.headline} This asks questions, and nobody is here to answer them.", instead)
    known = {field.name: given.known(field) for field in form.fields}
    missing = [f"`{name}`" for name, value in known.items() if value is None]
    if missing:
        raise UsageError(f"{about.headline} Say {' and '.join(missing)}.", _listed(form))
    values = {name: value or "" for name, value in known.items()}
    problems = [f"`{name}`: {problem}" for name, problem in form.problems(values).items()]
    if problems:
        raise UsageError(" ".join(problems), _listed(form))
    return values


def _listed(form: Form) -> str:
    """How each field is given, with what stands in it or may be chosen."""
    return " ".join(map(_said, form.fields))


def _said(one: Field) -> str:
    may = f" ({'|'.join(one.options)})" if one.options else ""
    return f"`--set {one.name}={one.initial or '…'}`{may}" + (" (optional)" if one.optional else "")


def _ask(field: Field, known: str | None, console: Console) -> str:
    problem = field.problem or (field.wrong(known) if known is not None else "")
    if known is not None and not problem:
        return known
    if problem:
        console.print(inline(f"✗ {problem}"))
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
