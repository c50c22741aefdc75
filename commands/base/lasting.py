"""What is to be kept must have somewhere to be kept."""

from commands.base.errors import UsageError
from commands.base.ports import Services


def need_lasting(services: Services, instead: str) -> None:
    """Raises UsageError where the state ends with this answer; `instead` is what lasts without it."""
    if not services.lasting:
        raise UsageError(
            "Nothing here would keep that: it would end with this answer.",
            f"set TESSERA_REDIS_URL to the bot's Redis, or {instead}",
        )
