"""Text laid out for a terminal of any width: indented paragraphs and rows of evidence, no blanks at the ends of lines.

Rich's own Padding and Table fill each line up with blanks, which are in the way when text is copied or piped.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

GAP = 2
NARROWEST = 40
"""Columns that the words of evidence need beside their source; with fewer they go below it."""


@dataclass(frozen=True)
class Indented:
    """A paragraph that stands `left` columns in, also where it wraps."""

    text: Text
    left: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in _wrapped(self.text, options.max_width - self.left, console):
            yield _at(self.left, line)


@dataclass(frozen=True)
class Row:
    """One piece of evidence: where it comes from, what it says, how old it is."""

    source: Text
    text: Text
    age: Text


@dataclass(frozen=True)
class Rows:
    """Evidence side by side in columns; on a narrow terminal each source has a line, with what it says below."""

    rows: Sequence[Row]
    left: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        source = max(row.source.cell_len for row in self.rows)
        age = max(row.age.cell_len for row in self.rows)
        text = max(row.text.cell_len for row in self.rows)
        room = options.max_width - self.left - source - GAP - (age + GAP if age else 0)
        for row in self.rows:
            if room >= min(text, NARROWEST):
                yield from self._beside(row, (source, min(text, room), age), console)
            else:
                yield from self._below(row, console)

    def _beside(self, row: Row, widths: tuple[int, int, int], console: Console) -> Iterable[Text]:
        cells = (row.source, row.text, row.age)
        columns = [_wrapped(cell, width, console) for cell, width in zip(cells, widths, strict=True)]
        for pieces in zip_longest(*columns, fillvalue=Text()):
            line = Text()
            for piece, width in zip(pieces, widths, strict=True):
                line.append_text(piece)
                line.append(" " * (width - piece.cell_len + GAP))
            line.rstrip()
            yield _at(self.left, line)

    def _below(self, row: Row, console: Console) -> Iterable[Indented]:
        source = row.source.copy()
        if row.age.plain:
            source.append(" · ", "dim").append_text(row.age)
        yield Indented(source, self.left)
        yield Indented(row.text, self.left + GAP)


def _wrapped(text: Text, width: int, console: Console) -> Sequence[Text]:
    lines = text.wrap(console, max(width, 1))
    for line in lines:
        line.rstrip()
    return list(lines)


def _at(left: int, line: Text) -> Text:
    return Text(" " * left if line.plain else "", no_wrap=True, overflow="ignore").append_text(line)
