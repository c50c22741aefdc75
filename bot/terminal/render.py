"""Document → terminal text (Rich). One renderer; no command knows about it."""

import re
from collections.abc import Iterable

from rich.console import Console, RenderableType
from rich.text import Text

from bot.terminal.layout import Indented, Row, Rows
from bot.terminal.wording import typed_here
from explainers.document import Document, Stage, Tone
from explainers.plan import Step

_COLOURS = {
    Tone.HEALTHY: "green", Tone.FAULT: "red", Tone.UNKNOWN: "yellow", Tone.INFO: "cyan", Tone.REFUSED: "red",
    Tone.WORKING: "cyan",
}  # fmt: skip
_INDENT = 2
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def inline(text: str, style: str = "") -> Text:
    """Document text as Rich text: `backticks` become bold names, forms of the chat those of the terminal; control
    characters are dropped."""
    pieces = typed_here(_CONTROL.sub("", text)).split("`")
    whole = Text(style=style)
    for index, piece in enumerate(pieces):
        inside = index % 2 == 1
        named = inside and index < len(pieces) - 1
        whole.append(f"`{piece}" if inside and not named else piece, "bold" if named else "")
    return whole


def render(document: Document) -> list[RenderableType]:
    """Everything that the document says, in reading order; lines to be copied are Text that never wraps."""
    head = Text(f"{document.tone.sign} ", style=f"bold {_COLOURS[document.tone]}")
    head.append_text(inline(document.headline))
    parts: list[RenderableType] = [Indented(head, 0)]
    if document.facts:
        parts.append(Indented(inline(" · ".join(document.facts), "dim"), _INDENT))
    parts += map(_stage, document.stages)
    parts += _observations(document)
    parts += _plan(document)
    if document.code:
        parts += [Text(""), *(copied(f"  {line}") for line in document.code.splitlines())]
    if document.explanation:
        parts += [Text(""), Indented(inline("Why: " + document.explanation), _INDENT)]
    parts += [copied(f"  Read: {link.url}") for link in document.reading]
    return parts


def _observations(document: Document) -> Iterable[RenderableType]:
    if document.evidence:
        rows = [Row(inline(one.source, "cyan"), inline(one.text), inline(one.age, "dim")) for one in document.evidence]
        title: list[RenderableType] = []
        if document.evidence_title:
            title.append(Text(f"  {document.evidence_title}", style="bold"))
        yield from (Text(""), *title, Rows(rows, 4))
    if document.consequences:
        yield Indented(inline("Also: " + " · ".join(document.consequences)), _INDENT)
    if document.fine:
        yield Indented(inline("Fine: " + " · ".join(document.fine), "dim"), _INDENT)
    for hidden in document.unchecked:
        needs = f" (needs {hidden.missing})" if hidden.missing else ""
        yield Indented(inline(f"Not checked: {hidden.what}{needs}", "yellow"), _INDENT)
        if hidden.grant:
            yield copied(f"      grant   {hidden.grant}")


def _plan(document: Document) -> Iterable[RenderableType]:
    plan = document.plan
    if plan.steps:
        yield from (Text(""), Text(f"  {document.plan_title}", style="bold"))
    for number, step in enumerate(plan.steps, start=1):
        yield from _step(f"{number}", step)
    if plan.alternatives:
        yield Text("    or, if that is not what was meant:", style="dim")
    for step in plan.alternatives:
        yield from _step(" ", step)


def _step(label: str, step: Step) -> Iterable[RenderableType]:
    yield copied(f"   {label:>2}  {'changes' if step.changes else 'reads  '}   {step.operation.line()}")
    yield Indented(inline(step.told, "dim"), 17)
    if step.inverse:
        yield copied(f"{'':17}Undo: {step.reversible}", "dim")
    elif step.changes:
        yield Text(f"{'':17}No undo is offered for this step.", "dim")


def working(document: Document) -> Text:
    """An interim document in few lines: the headline, the stages, the end of the output."""
    lines = [inline(document.headline), *map(_stage, document.stages)]
    lines += [inline(f"  {line}", "dim") for line in document.code.splitlines()]
    return Text("\n").join(lines)


def _stage(stage: Stage) -> Text:
    took = f" ({stage.took})" if stage.took else ""
    return inline(f"  {stage.state.sign} {stage.name}{took}" + (f": {stage.detail}" if stage.detail else ""))


def copied(line: str, style: str = "") -> Text:
    """A line to be copied whole: never wrapped, never re-flowed; control characters are dropped."""
    return Text(_CONTROL.sub("", line), style, no_wrap=True, overflow="ignore")


def show(document: Document, console: Console) -> None:
    """Print a document; commands stay whole, so that they can be copied from a narrow terminal too."""
    for part in render(document):
        console.print(part, soft_wrap=isinstance(part, Text) and bool(part.no_wrap))
