"""What goes wrong, told as sentences: what, and how to do it right. A traceback is for `--debug` alone.

Every mistake ends with exit code 2, because 1 says that a fault was found.
"""

import traceback
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from typer.core import TyperCommand

from bot.terminal.render import inline
from bot.terminal.wording import typed_here
from commands.base.errors import TesseraError

FAILED = 2


class Telling(TyperCommand):
    """A command that says what went wrong, be it the person's mistake, the cluster's, or Tessera's own.

    `form` is its usage where the words are parsed as in a chat; `called` its name there, where that is another one.
    """

    form = ""
    called = ""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """What follows the name in the usage, written as in the manuals of other programs."""
        if self.form:
            return [self.form, "[OPTIONS]"]
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort, BrokenPipeError):
            raise
        except TesseraError as error:
            raise typer.Exit(fail(error, self.called or self.name or "")) from error
        except Exception as error:
            if ctx.find_root().params.get("debug"):
                raise
            raise typer.Exit(fail(_own(error), self.called or self.name or "")) from error


def fail(error: TesseraError, command: str) -> int:
    """Print the error and its hint; the exit code."""
    console = Console(stderr=True)
    console.print(inline(f"? {typed_here(error.message, command)}"), soft_wrap=True)
    if error.hint:
        console.print(inline(f"  {typed_here(error.hint, command)}"), soft_wrap=True)
    return FAILED


def _own(error: Exception) -> TesseraError:
    """A mistake of Tessera's own, with the place in its code where it happened."""
    frames = traceback.extract_tb(error.__traceback__)
    at = next((frame for frame in reversed(frames) if "site-packages" not in Path(frame.filename).parts), frames[-1])
    where = f"{Path(at.filename).name}:{at.lineno}"
    return TesseraError(
        f"This is a mistake in Tessera itself: {type(error).__name__}: {error} ({where}).",
        "`tessera --debug …` shows where it happened; please report that.",
    )
