"""`tessera policy check`: why somebody in Slack may or may not do something."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.terminal.mistakes import Telling
from bot.terminal.render import show
from commands.base.errors import UsageError

policy = typer.Typer(help="Look at who may do what.", no_args_is_help=True)
FORM = "for example `tessera policy check U0123 diagnose shop/web --team T0123`"
WITH_FILE = "for example `tessera policy check U0123 diagnose shop/web --file policy.yaml`"


@policy.command(cls=Telling)
def check(
    user: Annotated[str, typer.Argument(metavar="USER", help="Slack user id, e.g. U0123ABCD.")],
    command: Annotated[str, typer.Argument(metavar="COMMAND", help="Command, e.g. diagnose.")],
    target: Annotated[str, typer.Argument(metavar="NAMESPACE/NAME", help="What it would be asked about.")],
    file: Annotated[Path | None, typer.Option("--file", envvar="TESSERA_POLICY_FILE", help="The policy file.")] = None,
    team: Annotated[str, typer.Option(help="Slack workspace id; needed when the policy names several.")] = "",
    channel: Annotated[str, typer.Option(help="Slack channel id; a channel can only take away.")] = "",
) -> None:
    """Explain one decision: the identity and its reach, or the line that an administrator would add.

    Exit code 0: allowed. 1: refused. 2: the question or the policy file is wrong.
    """
    from bot.policy_file import load_policy
    from bot.registered import load_commands
    from commands.base.policy import decide
    from commands.base.policy_words import explain
    from commands.base.registry import commands
    from commands.base.request import Actor

    load_commands()
    if file is None:
        raise UsageError("Which policy? Name it with --file or TESSERA_POLICY_FILE.", WITH_FILE)
    rules = load_policy(file)
    actor = Actor(user, team=team or _only_team(list(rules.teams)), channel=channel)
    namespace, _, name = target.rpartition("/")
    if not namespace:
        raise UsageError(f"`{target}` names no namespace.", FORM)
    if command not in commands():
        known = ", ".join(f"`{each}`" for each in commands())
        raise UsageError(f"I know no command `{command}`.", f"commands: {known}")
    show(explain(rules, actor, command, namespace, name), Console())
    raise typer.Exit(0 if decide(rules, actor, command, namespace).allowed else 1)


def _only_team(teams: list[str]) -> str:
    if len(teams) != 1:
        raise UsageError(f"The policy names {len(teams)} workspaces; say which with --team.", FORM)
    return teams[0]
