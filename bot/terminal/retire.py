"""`tessera retire`: the end of a team's broker, with everything that it made."""

import getpass
import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from bot.terminal.mistakes import FAILED
from bot.terminal.options import Context, OutputOption
from bot.terminal.output import Output
from bot.terminal.render import inline, show
from commands.base.errors import UsageError
from explainers.document import Document, Evidence, Tone

if TYPE_CHECKING:
    from bot.brokering import Brokering
    from commands.broker.reconciling import Own
    from commands.broker.retiring import Left

End = Annotated[bool, typer.Option("--end", help="End every instance first: Secrets, objects and all data in them go.")]
Abandon = Annotated[
    bool, typer.Option("--abandon", help="With `--end`: forget what does not go; the audit says what is left.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking; for scripts.")]


def retire(
    end: End = False,
    abandon: Abandon = False,
    yes: Yes = False,
    context: Context = "",
    output: OutputOption = Output.TEXT,
) -> None:
    """Retire a team's broker: nothing of it is left in the cluster, or in Redis.

    Refused while anything lives that it made, with the list; `--end` ends all of that first, after your yes. Nothing
    new is taken meanwhile. The audit goes last, and is printed. manifests/broker/README.md says what comes before and
    after.

    Exit code 0: nothing of it is left. 1: something is, and is named. 2: nothing was done.
    """
    from bot import wiring
    from bot.broker.own import OwnObjects
    from bot.brokering import brokering, kinds_of
    from bot.settings import load
    from bot.state.connect import connect_redis
    from commands.base.request import Identity
    from commands.broker.retiring import living

    settings = load()
    if not settings.redis_url:
        raise UsageError("A broker remembers in its Redis what it made.", "set TESSERA_REDIS_URL to that one")
    clusters = wiring.live_clusters(context or settings.context)
    made = brokering(settings, clusters, connect_redis(settings.redis_url), wiring.SystemClock())
    if made is None:
        raise UsageError("There is no broker here.", "set `TESSERA_BROKER_NAMESPACE`, see manifests/broker/README.md")
    own = OwnObjects(clusters.as_identity(Identity()), made.broker, kinds_of(settings))
    found = living(made.broker, own)
    unread = tuple(dict.fromkeys(own.unread))
    if found and not end:
        raise typer.Exit(_told(output, _alive(made, found, unread), found, [], 1))
    if not _agreed(output, yes, _asked(made, found, unread)):
        raise typer.Exit(FAILED)
    raise typer.Exit(_retired(made, own, abandon, output))


def _retired(made: "Brokering", own: "Own", abandon: bool, output: Output) -> int:
    """Do it, and say what came of it; the exit code."""
    from commands.broker.retiring import end

    console = Console(stderr=True)
    made.close()
    made.work(lambda _record: True)
    try:
        left = end(made.broker, own, getpass.getuser(), abandon, lambda told: console.print(inline(told)))
    finally:
        made.stop(works=True)
    stays = [one for one in left if not one.abandoned]
    if stays:
        return _told(output, _stuck(made, stays), left, [], 1)
    audit = made.forget()
    return _told(output, _gone(made, left), left, audit, 0)


def _agreed(output: Output, yes: bool, document: Document) -> bool:
    if yes:
        return True
    here = output is Output.TEXT and sys.stdin.isatty()
    if output is Output.TEXT:
        show(document, Console())
    if here and typer.confirm("\n  Retire it?", default=False):
        return True
    Console(stderr=True).print("Nothing was changed" + ("." if here else ": say --yes to do it without being asked."))
    return False


def _told(output: Output, document: Document, left: "list[Left]", audit: list[dict[str, str]], code: int) -> int:
    if output is Output.JSON:
        data: dict[str, Any] = {"retired": code == 0, "left": [vars(one) for one in left], "audit": audit}
        typer.echo(json.dumps(data, indent=2))
        return code
    show(document, Console())
    for line in audit:
        typer.echo(json.dumps(line))
    return code


def _rows(found: "list[Left]") -> tuple[Evidence, ...]:
    return tuple(Evidence(one.about, one.why) for one in found)


def _alive(made: "Brokering", found: "list[Left]", unread: tuple[str, ...]) -> Document:
    facts = ("`tessera retire --end` ends all of it first, with all data in it", *_hidden(unread))
    many = "1 thing lives" if len(found) == 1 else f"{len(found)} things live"
    return Document(
        Tone.FAULT,
        f"{many} that the broker `{made.name}` made, so it is not retired.",
        facts=facts,
        evidence=_rows(found),
    )


def _asked(made: "Brokering", found: "list[Left]", unread: tuple[str, ...]) -> Document:
    what = f"and the {len(found)} it made, with all data" if found else "which has nothing left"
    return Document(
        Tone.INFO, f"Retire the broker `{made.name}`, {what}?", facts=_hidden(unread), evidence=_rows(found)
    )


def _hidden(unread: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"not looked at: {one}" for one in unread)


def _stuck(made: "Brokering", stays: "list[Left]") -> Document:
    facts = (
        "mend what holds it and say it again, or add `--abandon`: it stays, and the audit says so",
        "until then, for a day at most, the broker takes nothing new",
    )
    said = f"The broker `{made.name}` is not retired: {len(stays)} did not go."
    return Document(Tone.FAULT, said, facts=facts, evidence=_rows(stays))


def _gone(made: "Brokering", left: "list[Left]") -> Document:
    said = f"The broker `{made.name}` is retired: nothing of it is left in Redis" + (
        f", and in the cluster the {len(left)} that were abandoned." if left else " or in the cluster."
    )
    facts = (
        "next: delete the objects of its Kustomize folder, and its RoleBindings in consumers' namespaces",
        "its audit follows",
    )
    return Document(Tone.HEALTHY, said, facts=facts, evidence=_rows(left))
