"""`tessera keys`: the keys that stored credentials are encrypted with."""

import typer
from rich.console import Console

from bot.terminal.mistakes import Telling

keys = typer.Typer(help="Make and change the keys that stored credentials are encrypted with.", no_args_is_help=True)


@keys.command(cls=Telling)
def new() -> None:
    """Print a new random key, one line of the file that TESSERA_SECRET_KEYS_FILE names.

    Keep that file apart from Redis: `(umask 077; tessera keys new > keys)`.
    """
    from bot.secrets.keys import new_key

    print(new_key())


@keys.command(cls=Telling)
def rotate() -> None:
    """Encrypt every stored credential with the first key of the file; afterwards the others may be removed."""
    from bot.building import vault
    from bot.settings import load
    from bot.state.connect import connect_redis
    from bot.state.store import RedisState
    from commands.base.errors import UsageError

    settings = load()
    if not settings.redis_url:
        raise UsageError("TESSERA_REDIS_URL is not set, so nothing is stored.", "name the Redis of `tessera serve`")
    renewed = vault(settings, RedisState(connect_redis(settings.redis_url))).rotate()
    Console().print(f"{renewed} stored, all encrypted with the first key now.", highlight=False)
