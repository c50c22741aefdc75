"""`tessera broker` and `tessera reconcile`: a team's broker without a chat, and its ledger against the cluster."""

import json
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from bot.terminal.mistakes import Telling
from bot.terminal.options import RUN, Context, OutputOption
from bot.terminal.output import Output
from bot.terminal.render import show
from bot.terminal.retire import retire
from commands.base.errors import UsageError
from explainers.document import Document, Evidence, Tone

if TYPE_CHECKING:
    from commands.broker.reconciling import Finding

Repair = Annotated[bool, typer.Option("--repair", help="Mend what is the broker's own: make it again, write it again.")]
RemoveUnknown = Annotated[
    bool, typer.Option("--remove-unknown", help="Delete what carries the broker's label and is not in its ledger.")
]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for command in (broker, reconcile, retire):
        app.command(cls=Telling, rich_help_panel=RUN)(command)


def broker() -> None:
    """Serve a team's catalog over the Open Service Broker API and do its work, without any chat.

    Settings come from TESSERA_… variables; manifests/broker/README.md says which.
    """
    from bot.broker_service import run
    from bot.observe.logs import configure_logs
    from bot.settings import load

    configure_logs()
    run(load())


def reconcile(
    context: Context = "",
    repair: Repair = False,
    remove_unknown: RemoveUnknown = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Compare what the broker has promised with what the cluster holds; mend it with `--repair`.

    Exit code 0: all is as it should be, or was mended. 1: something is left.
    """
    from bot import wiring
    from bot.broker.own import OwnObjects
    from bot.brokering import brokering, kinds_of
    from bot.settings import load
    from bot.state.connect import connect_redis
    from commands.base.request import Identity
    from commands.broker.reconciling import Finding, reconcile

    settings = load()
    clusters = wiring.live_clusters(context or settings.context)
    made = brokering(settings, clusters, connect_redis(settings.redis_url), wiring.SystemClock())
    if made is None:
        raise UsageError("There is no broker here.", "set `TESSERA_BROKER_NAMESPACE`, see manifests/broker/README.md")
    own = OwnObjects(clusters.as_identity(Identity()), made.broker, kinds_of(settings))
    found = reconcile(made.broker, own, repair, remove_unknown)
    found += [Finding(one, "unchecked", "the broker may not list it") for one in own.unread]
    left = [one for one in found if not one.mended]
    if output is Output.JSON:
        typer.echo(json.dumps({"findings": [vars(one) for one in found]}, indent=2))
    else:
        show(_document(found, left, repair), Console())
    raise typer.Exit(1 if left else 0)


def _document(found: "list[Finding]", left: "list[Finding]", repair: bool) -> Document:
    rows = tuple(Evidence(one.about, " · ".join(filter(None, (one.what, one.detail, one.mended)))) for one in found)
    if not found:
        return Document(Tone.HEALTHY, "The cluster holds what the broker has promised, and nothing else of it.")
    if not left:
        mended = "The difference is mended." if len(found) == 1 else f"All {len(found)} differences are mended."
        return Document(Tone.HEALTHY, mended, evidence=rows)
    fact = () if repair else ("`--repair` mends what is missing or changed",)
    differences = f"{len(left)} difference{'s' if len(left) != 1 else ''}"
    return Document(
        Tone.FAULT, f"{differences} between the broker's ledger and the cluster.", facts=fact, evidence=rows
    )
