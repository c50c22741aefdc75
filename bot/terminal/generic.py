"""Every registered command in the terminal, with the arguments that it has in a chat.

The modules of `commands/` are imported when their command is asked for, or listed: `tessera diagnose` starts with none
of the others. What changes something is shown and asked about first.
"""

import pkgutil
import shlex
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import commands
from bot.terminal.connecting import live, live_with_builds
from bot.terminal.mistakes import Telling, typed_here
from bot.terminal.options import PROBE_IMAGE, RUN, Context, Namespace, OutputOption, ProbeImage
from bot.terminal.output import Output
from bot.terminal.run import Asked, run
from commands.base.ports import Audience, Services
from commands.base.registry import Command, Group
from commands.base.registry import commands as registered
from explainers.diagnosis.near import nearest_one

CHAT_ONLY = frozenset({"help", "cancel"})
"""`--help` and Ctrl-C do the same here."""
HIDDEN = {"ignore_unknown_options": True}
PANELS = (*Group, RUN)
"""Of the help, in its order."""

Words = Annotated[list[str] | None, typer.Argument(hidden=True)]
Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking; for scripts.")]


class Commands(TyperGroup):
    """The commands that are written out for the terminal, and all other registered ones."""

    def list_commands(self, ctx: Any) -> list[str]:
        for name in _modules():
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
    if name in _modules():
        import_module(f"commands.{name}")
    found = registered().get(name)
    return command_for(found) if found else None


def _modules() -> list[str]:
    return [module.name for module in pkgutil.iter_modules(commands.__path__) if not module.ispkg]


def command_for(found: Command) -> Any:
    """The terminal's command for a registered one; its usage and docstring are the help."""

    def go(
        words: Words = None,
        namespace: Namespace = "",
        context: Context = "",
        probe_image: ProbeImage = PROBE_IMAGE,
        yes: Yes = False,
        output: OutputOption = Output.TEXT,
    ) -> None:
        where = ["--namespace", namespace] if namespace else []

        def connect(audience: Audience) -> Services:
            return (live_with_builds if found.builds else live)(context, audience, probe_image)

        asked = Asked(found.name, found.handler, shlex.join([*(words or []), *where]), output, yes)
        raise typer.Exit(run(asked, connect))

    one = typer.Typer(rich_markup_mode="markdown", add_completion=False, pretty_exceptions_enable=False)
    said = f"{found.help}\n\nFor example `{typed_here(found.example, found.name)}`"
    one.command(found.name, cls=Telling, help=said, context_settings=HIDDEN, rich_help_panel=found.group.value)(go)
    made: Any = typer.main.get_command(one)
    made.form = found.usage
    return made
