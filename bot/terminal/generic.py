"""Every registered command in the terminal, with the arguments that it has in a chat.

The modules of `commands/` are imported when their command is asked for, or listed: `tessera diagnose` starts with none
of the others. What changes something is shown and asked about first.
"""

import shlex
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from bot.terminal.connecting import live, live_with_broker, live_with_builds
from bot.terminal.forms import filled
from bot.terminal.mistakes import Telling
from bot.terminal.options import PROBE_IMAGE, RUN, Context, Namespace, OutputOption, ProbeImage
from bot.terminal.output import Output
from bot.terminal.run import Asked, run
from bot.terminal.wording import module_names, typed_here
from commands.base.ports import Audience, Services
from commands.base.registry import Command, Group, never
from commands.base.registry import commands as registered
from explainers.diagnosis.near import nearest_one

CHAT_ONLY = frozenset({"help", "cancel"})
"""`--help` and Ctrl-C do the same here."""
HIDDEN = {"ignore_unknown_options": True}
PANELS = (*Group, RUN)
"""Of the help, in its order."""

Words = Annotated[list[str] | None, typer.Argument(hidden=True)]
Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking; for scripts.")]
Fields = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="FIELD=VALUE",
        help="Fill a field of its form instead of being asked; several times. With `--yes` the others keep what stands"
        " in them already.",
    ),
]
MINE = "--mine"
"""What a namespace, or a team, has from the catalog."""


class Commands(TyperGroup):
    """The commands that are written out for the terminal, and all other registered ones."""

    def list_commands(self, ctx: Any) -> list[str]:
        for name in module_names():
            import_module(f"commands.{name}")
        written = super().list_commands(ctx)
        names = [*written, *(name for name in registered() if name not in (*written, *CHAT_ONLY))]
        return sorted(names, key=lambda name: PANELS.index(self.get_command(ctx, name).rich_help_panel))

    def resolve_command(self, ctx: Any, args: Any) -> Any:
        """As usual; an unknown name is answered with the nearest of all commands, not only of those written out."""
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            near = nearest_one(name, self.list_commands(ctx))
            ctx.fail(f"There is no command {name!r}." + (f" Did you mean {near!r}?" if near else ""))
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        written = super().get_command(ctx, cmd_name)
        if written or cmd_name in CHAT_ONLY:
            return written
        found = registered_command(cmd_name)
        if found is None:
            self.list_commands(ctx)
            found = registered_command(cmd_name)
        return found


def registered_command(name: str) -> Any:
    """The terminal's command for the registered one of that name; None where there is none."""
    if name in module_names():
        import_module(f"commands.{name}")
    found = registered().get(name)
    return command_for(found) if found else None


def command_for(found: Command) -> Any:
    """The terminal's command for a registered one; its usage and docstring are the help."""

    def go(
        words: Words = None,
        namespace: Namespace = "",
        context: Context = "",
        probe_image: ProbeImage = PROBE_IMAGE,
        yes: Yes = False,
        output: OutputOption = Output.TEXT,
        fields: Fields = None,
    ) -> None:
        where = ["--namespace", namespace] if namespace else []

        def connect(audience: Audience) -> Services:
            return _connection(found, words or [])(context, audience, probe_image)

        text = shlex.join([*(words or []), *where])
        asked = Asked(found.name, found.handler, text, output, yes, filled(fields or []))
        raise typer.Exit(run(asked, connect))

    one = typer.Typer(rich_markup_mode="markdown", add_completion=False, pretty_exceptions_enable=False)
    said = f"{found.help}\n\nFor example `{typed_here(found.example, found.name)}`"
    one.command(found.name, cls=Telling, help=said, context_settings=HIDDEN, rich_help_panel=found.group.value)(go)
    made: Any = typer.main.get_command(one)
    made.form = found.usage
    if found.asks is never:
        made.params = [one for one in made.params if one.name != "fields"]
    return made


def _connection(found: Command, words: Sequence[str]) -> Callable[[str, Audience, str], Services]:
    """The ports that a command needs, no more: what is not needed is not loaded either."""
    if found.builds:
        return live_with_builds
    return live_with_broker if found.group is Group.CATALOG or MINE in words else live
