"""`tessera doctor`: whether an installation has all that it needs, and how to get what is missing. Prints no secret."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from bot.terminal.mistakes import FAILED
from bot.terminal.options import Context
from bot.terminal.render import show
from commands.base.errors import TesseraError, Unavailable, UsageError
from commands.base.ports import BuildEngine, Connections, StateStore
from explainers.document import Document, Evidence, Tone

if TYPE_CHECKING:
    from bot.settings import Settings


@dataclass(frozen=True)
class Check:
    """One thing to look at: `look` says what it found, or raises TesseraError with how to get it."""

    name: str
    look: Callable[[], str]


def doctor(context: Context = "") -> None:
    """Check every connection and permission of an installation, and say what is missing and how to get it.

    Reads the same TESSERA_… settings as `tessera serve`. Exit code 0: all is well. 2: something is missing.
    """
    from bot.settings import load

    document = examined(list(_checks(load(), context)))
    show(document, Console())
    raise typer.Exit(0 if document.tone is Tone.HEALTHY else FAILED)


def examined(checks: list[Check]) -> Document:
    """Every check, in order, one failing without stopping the others."""
    rows, missing = [], 0
    for check in checks:
        try:
            rows.append(Evidence(check.name, f"✓ {check.look()}"))
        except TesseraError as error:
            missing += 1
            rows.append(Evidence(check.name, f"✗ {error.message} {error.hint}".strip()))
    if not missing:
        return Document(Tone.HEALTHY, "All that this installation uses works.", evidence=tuple(rows))
    many = "1 thing is" if missing == 1 else f"{missing} things are"
    return Document(Tone.FAULT, f"{many} missing or not working.", evidence=tuple(rows))


def _checks(settings: "Settings", context: str) -> Iterator[Check]:
    from bot.state.connect import connect_redis
    from bot.state.store import RedisState

    state = RedisState(connect_redis(settings.redis_url))
    yield Check("cluster", lambda: _cluster(context or settings.context))
    yield Check("Redis", lambda: _redis(settings, state))
    yield Check("Slack", lambda: _slack(settings))
    yield Check("policy", lambda: _policy(settings))
    yield Check("keys", lambda: _keys(settings, state))
    if settings.git_root:
        root = settings.git_root
        yield Check("git root", lambda: _folder(root))
    if settings.github_webhook_secret.get_secret_value():
        yield Check("pushes", lambda: _pushes(state))
    yield from _building(settings, state)


def _cluster(context: str) -> str:
    from bot import wiring
    from commands.base.login import check_login
    from commands.base.request import Identity
    from explainers import kinds
    from explainers.operations.reads import List

    cluster = wiring.live_clusters(context).as_identity(Identity())
    answer = cluster.run(List(kinds.NAMESPACE, "", limit=1))
    if answer.status == 0:
        raise Unavailable(f"`{cluster.name}` does not answer: {answer.reason}.", "check the kubeconfig, or `--context`")
    check_login(cluster.name, [answer])
    return f"`{cluster.name}` answers"


def _redis(settings: "Settings", state: StateStore) -> str:
    state.get("doctor")
    if settings.redis_url:
        return "answers"
    return "inside the process: right for one process; what is kept ends with it (else set `TESSERA_REDIS_URL`)"


def _pushes(state: StateStore) -> str:
    from commands.base.pushes import sponsors

    many = len(sponsors(state))
    return (
        f"those that are signed are taken at `/github/webhook`; {many} workload{'' if many == 1 else 's'} built on push"
    )


def _slack(settings: "Settings") -> str:
    from bot.slack.authorized import workspace

    if not settings.slack_bot_token.get_secret_value():
        raise UsageError("TESSERA_SLACK_BOT_TOKEN is not set.", "see manifests/slack/README.md")
    return f"the token is good for `{workspace(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)}`"


def _policy(settings: "Settings") -> str:
    from bot.service import policy_of

    teams = policy_of(settings).teams
    return f"names {len(teams)} workspace{'' if len(teams) == 1 else 's'}"


def _keys(settings: "Settings", state: StateStore) -> str:
    from bot.building import vault
    from bot.secrets.keys import HOW

    kept = vault(settings, state)
    if settings.secret_keys_file is None and not kept.listed():
        return f"none, so `/connect` can store no login; to let it, {HOW}"
    kept.ready()
    for one in kept.listed():
        kept.find(one.kind, one.host)
    return f"encrypt and decrypt; {len(kept.listed())} credentials stored"


def _building(settings: "Settings", state: StateStore) -> Iterator[Check]:
    from bot.building import builds

    try:
        found = builds(settings, state)
    except TesseraError as error:
        wrong = error
        yield Check("builds", lambda: _raised(wrong))
        return
    if found is None:
        yield Check("builds", lambda: "not set up (set `TESSERA_DOCKER_HOST` or `TESSERA_BUILDKIT_HOST` to build)")
        return
    engine = found.engine
    yield Check("build engine", lambda: _engine(engine))
    connections = found.connections
    if connections is None:
        return
    try:
        listed = connections.listed()
    except TesseraError as error:
        unread = error
        yield Check("connections", lambda: _raised(unread))
        return
    for one in listed:
        yield Check(f"{one.kind} {one.host}", _login(connections, one.kind, one.host))


def _folder(path: Path) -> str:
    try:
        return f"`{path}` holds {sum(1 for _ in path.iterdir())} entries"
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}.", "let the bot's user read it") from error


def _engine(engine: BuildEngine) -> str:
    engine.check()
    return f"`{engine.name}` answers"


def _login(connections: Connections, kind: str, host: str) -> Callable[[], str]:
    def look() -> str:
        return f"takes the login {connections.check(kind, host)}".strip()

    return look


def _raised(error: TesseraError) -> str:
    raise error
