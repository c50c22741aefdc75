"""The `tessera` command line. Help texts here and in the handlers are its documentation."""

from pathlib import Path
from typing import Annotated

import typer

from bot.terminal import broker, servers
from bot.terminal.catalog import catalog
from bot.terminal.connecting import captured, live
from bot.terminal.doctor import doctor
from bot.terminal.generic import Commands
from bot.terminal.keys import keys
from bot.terminal.mistakes import Telling
from bot.terminal.options import PROBE_IMAGE, RUN, Context, Namespace, OutputOption, ProbeImage
from bot.terminal.output import Output
from bot.terminal.policy import policy
from bot.terminal.run import Asked, answer, arguments, print_json, run
from commands.base.ports import Audience, Services
from commands.base.registry import Group

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    add_completion=False,
    pretty_exceptions_enable=False,
)

From = Annotated[Path | None, typer.Option("--from", help="Diagnose this capture instead of a live cluster.")]


@app.callback()
def tessera(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of a mistake in Tessera itself.")] = False,
) -> None:
    """Tessera, the Kubernetes copilot: says what is wrong with a service, why, and how to fix it yourself.

    It uses your kubeconfig and your own rights, like kubectl. The bot in Slack takes the same questions.

    - `tessera diagnose web -n shop`: what is wrong with web, the evidence, and the lines that fix it
    - `tessera services -n shop`: what runs there, the broken first
    - `tessera demo`: a broken service in a sandbox, where no cluster is at hand
    - `tessera console`: the whole bot on your cluster in a local Slack, in the browser

    What changes something is shown first, and sent only after your yes.

    Exit code 0: healthy, shown, or done. 1: a fault was found, by `diagnose`, `why`, `plan` or `network`. 2: could not
    tell or read what was asked for, or the question was not understood.
    """


@app.command(cls=Telling, rich_help_panel=Group.LOOK.value)
def diagnose(
    target: Annotated[
        list[str],
        typer.Argument(
            metavar="TARGET",
            help="A name, or kind/name: `web`, `deploy/web`, `svc/web`, `job/report`, `node/worker-1`.",
        ),
    ],
    namespace: Namespace = "",
    context: Context = "",
    capture: From = None,
    output: OutputOption = Output.TEXT,
    probe_image: ProbeImage = PROBE_IMAGE,
) -> None:
    """Say what is wrong with one workload, service or object, and how to fix it.

    The answer is the cause in one sentence, the evidence with source and age, what could not be checked and which
    right is missing for it, and a game plan of kubectl lines to copy. Nothing is changed.

    - `tessera diagnose web`: the Deployment, Service, Pod or other object of that name
    - `tessera diagnose svc/web -n shop`: one kind, with kubectl's kinds and short forms, in a namespace
    - `tessera diagnose web -o json`: for scripts; the fields are described in bot/terminal/VERDICT.md
    - `tessera diagnose web --from shop.json`: without the cluster, from what `tessera capture` wrote

    Exit code 0: healthy. 1: a fault was found. 2: could not tell, or no such object.
    """
    from commands.base.parse import parse
    from commands.diagnose import FORM
    from commands.diagnose import diagnose as handler

    text = arguments(*target, namespace=namespace)

    def connect(audience: Audience) -> Services:
        return (
            captured(capture, audience, parse(text, FORM).namespace)
            if capture
            else live(context, audience, probe_image)
        )

    raise typer.Exit(run(Asked("diagnose", handler, text, output), connect))


@app.command(cls=Telling, rich_help_panel=Group.LOOK.value)
def network(
    target: Annotated[list[str], typer.Argument(metavar="TARGET", help="A service, or the workload behind it.")],
    namespace: Namespace = "",
    source: Annotated[str, typer.Option("--from", help="Namespace that the probes come from.")] = "",
    caller: Annotated[str, typer.Option("--as", help="Workload whose labels the probes carry.")] = "",
    context: Context = "",
    probe_image: ProbeImage = PROBE_IMAGE,
) -> None:
    """Follow a connection step by step: name, DNS, endpoints, pods, ports.

    Probes run from a one-time pod, which is always removed. Exit code 0: it connects. 1: a step fails. 2: unknown.
    """
    from commands.network import network as handler

    def connect(audience: Audience) -> Services:
        return live(context, audience, probe_image)

    text = arguments(*target, namespace=namespace, **{"from": source, "as": caller})
    raise typer.Exit(run(Asked("network", handler, text), connect))


@app.command(cls=Telling, rich_help_panel=Group.LOOK.value)
def capture(namespace: Namespace = "", context: Context = "", probe_image: ProbeImage = PROBE_IMAGE) -> None:
    """Write what diagnosis would read of a namespace as JSON, secrets reduced to key names and lengths.

    `tessera capture -n shop > shop.json`, then anywhere: `tessera diagnose web --from shop.json`.
    """
    from commands.capture import capture as handler

    def connect(audience: Audience) -> Services:
        return live(context, audience, probe_image)

    print_json(answer(Asked("capture", handler, arguments(namespace=namespace)), connect).data)


servers.add_to(app)
app.add_typer(catalog, name="catalog", rich_help_panel=Group.CATALOG.value)
broker.add_to(app)
app.command(cls=Telling, rich_help_panel=RUN)(doctor)
app.add_typer(policy, name="policy", rich_help_panel=RUN)
app.add_typer(keys, name="keys", rich_help_panel=RUN)
