"""`tessera catalog`: what the teams offer, and what is wrong with it, be it in a cluster or in files."""

import json
from enum import StrEnum
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from bot.terminal.generic import registered_command
from bot.terminal.mistakes import Telling
from bot.terminal.options import PROBE_IMAGE, Context
from bot.terminal.output import Output

LIST = "list"
Paths = Annotated[list[str] | None, typer.Argument(metavar="FILES…", help="Files and folders; none for a cluster.")]
Broker = Annotated[str, typer.Option("-n", "--namespace", help="Look into this namespace of the cluster, too.")]
Kinds = Annotated[
    str, typer.Option(envvar="TESSERA_BROKER_KINDS", help="Kinds that the broker may make besides the usual ones.")
]
Printed = Annotated[Output, typer.Option("-o", "--output", help="`text`, a mistake a line, or `json` for scripts.")]


class Form(StrEnum):
    A = "a"
    B = "b"


class Catalog(TyperGroup):
    """What is no command of the group is for the listing: `tessera catalog postgres`."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*([LIST] if self._listing() else []), *super().list_commands(ctx)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return self._listing() if cmd_name == LIST else super().get_command(ctx, cmd_name)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        own = {*super().list_commands(ctx), LIST, "--help"}
        if self._listing() and not (args and args[0] in own):
            args = [LIST, *args]
        return super().parse_args(ctx, args)

    def _listing(self) -> Any:
        """The registered command `catalog`, with the same arguments as in a chat."""
        found = registered_command("catalog")
        if found:
            found.called, found.name, found.rich_help_panel = found.name, LIST, None
        return found


catalog = typer.Typer(
    cls=Catalog,
    help="See what the teams offer, and what is wrong with it.",
    rich_markup_mode="markdown",
    no_args_is_help=True,
)


@catalog.command(cls=Telling)
def lint(
    paths: Paths = None,
    namespace: Broker = "",
    context: Context = "",
    kinds: Kinds = "",
    output: Printed = Output.TEXT,
) -> None:
    """Name every mistake in catalog entries and their objects, with file, line and key.

    Reads files (`tessera catalog lint entries/`), or the ConfigMaps of a broker's namespace (`-n NAMESPACE`). With
    both, the files are read and the cluster says whether the Secrets and Services that they name are there.

    Exit code 0: nothing is wrong. 1: mistakes were found. 2: could not read or check all of it.
    """
    from bot.terminal.linting import linted
    from commands.base.errors import UsageError
    from explainers.catalog.lint import Rules

    if output is Output.HTML:
        raise UsageError("The mistakes are printed as text or json.", "for example `tessera catalog lint -o json`")
    rules = Rules(tuple(kind.strip() for kind in kinds.split(",") if kind.strip()), namespace=namespace)
    found = linted(paths or [], rules, context, PROBE_IMAGE)
    if output is Output.JSON:
        print(json.dumps(found.data(), indent=2))
    else:
        print("\n".join(found.lines()))
    raise typer.Exit(found.exit_code)


@catalog.command(cls=Telling)
def schema(
    form: Annotated[
        Form, typer.Argument(help="`a`: provisionkind and provisiondata; `b`: a block named after its kind.")
    ],
) -> None:
    """Print the JSON Schema of an entry, for editors that complete and check while you type."""
    from explainers.catalog.schema import entry_schema

    print(json.dumps(entry_schema(form), indent=2))
