"""The commands that keep running: the bot, its worker, the console, the demo."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from bot.terminal.mistakes import Telling
from bot.terminal.options import RUN, Context, Namespace, Port
from bot.terminal.render import show

if TYPE_CHECKING:
    from bot.local import Local

TO_TRY = ("/services", "/diagnose NAME", "/tessera help")


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for command in (demo, console, serve, worker):
        app.command(cls=Telling, rich_help_panel=RUN)(command)


def serve() -> None:
    """Take requests from Slack, over HTTP or Socket Mode; settings come from TESSERA_… variables.

    A setting may also be a file of the same name in small letters, in the folder that `TESSERA_SECRETS` names.

    - `TESSERA_SLACK_BOT_TOKEN`, `TESSERA_SLACK_SIGNING_SECRET`: of the Slack app
    - `TESSERA_SLACK_MODE`: `http` (Slack calls `/slack/events` here), or `socket` with `TESSERA_SLACK_APP_TOKEN`
    - `TESSERA_POLICY_FILE`: who may ask
    - `TESSERA_REDIS_URL`: where state and jobs are kept; needed as soon as a `tessera worker` runs beside
    - `TESSERA_HOST`, `TESSERA_PORT`: where to listen; `/healthz`, `/readyz` and `/metrics` are there, too

    `bot/settings.py` lists them all. `tessera doctor` tries every one and says what is missing.
    """
    _run(takes=True, works=False)


def worker() -> None:
    """Answer the requests that `tessera serve` takes; run as many as needed.

    It needs the settings of `tessera serve`, `TESSERA_REDIS_URL` among them. A worker may die at any time: another
    takes its requests over and answers each once.
    """
    _run(takes=False, works=True)


def _run(takes: bool, works: bool) -> None:
    from bot.observe.logs import configure_logs
    from bot.service import Roles, run
    from bot.settings import load

    configure_logs()
    run(load(), Roles(takes, works))


def console(context: Context = "", namespace: Namespace = "", port: Port = 8070) -> None:
    """Try the whole bot on your cluster in a local Slack, in the browser; no Slack account is needed.

    The page is for this machine alone. Everybody on it asks with your kubeconfig's own rights. Ctrl-C ends it.
    """
    from bot import local, wiring
    from bot.observe.logs import configure_logs
    from bot.settings import load
    from commands.base.request import Identity

    configure_logs("WARNING")
    clusters = wiring.live_clusters(context)
    home = namespace or clusters.as_identity(Identity()).default_namespace
    running = local.start(clusters, home, load().probe_image, own_identity=True, port=port, to_try=TO_TRY)
    _keep(running, port, TO_TRY)


def demo(port: Port = 8070) -> None:
    """Diagnose a broken service on a sandbox cluster, then serve the console until Ctrl-C.

    Without a terminal it ends after the verdict.
    """
    from bot import demo as shop
    from bot.observe.logs import configure_logs

    configure_logs("WARNING")
    console = Console()
    console.print(f"$ tessera diagnose {shop.BROKEN} -n {shop.NAMESPACE}\n", highlight=False)
    show(shop.verdict(), console)
    typer.echo("\nThe cluster is a sandbox inside this process; nothing of yours was read or changed.")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return
    from bot import local

    with shop.stage() as stage:
        running = local.start(
            stage.clusters,
            shop.NAMESPACE,
            shop.PROBE_IMAGE,
            own_identity=False,
            port=port,
            settings=stage.settings,
            to_try=shop.DIAGNOSES if stage.why else shop.TO_TRY,
        )
        _keep(running, port, (*shop.TO_TRY, *_about_builds(stage.why)))


def _about_builds(why: str) -> tuple[str, ...]:
    """What `/build` lacks here, if anything."""
    if not why:
        return ()
    return ("", f"/build cannot build here. {why}", "A Docker Engine: https://docs.docker.com/engine/install/")


def _keep(running: "Local", port: int, to_try: Sequence[str]) -> None:
    """Serve until Ctrl-C."""
    from bot.http.serving import asked_to_end

    ended = asked_to_end()  # before "Ctrl-C ends it" is said
    if port and port != running.console.port:
        typer.echo(f"\nPort {port} is taken, so the console took a free one.")
    typer.echo(f"\nThe whole bot in a local Slack: {running.url}\nTry there:\n")
    typer.echo("\n".join(f"  {line}" for line in to_try))
    typer.echo("\nCtrl-C ends it.")
    ended.wait()
    running.stop()
