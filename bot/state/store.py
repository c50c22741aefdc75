"""The StateStore port over Redis."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis import Redis
from redis.exceptions import RedisError

from commands.base.errors import Unavailable

PREFIX = "tessera:"


class RedisState:
    """Text values with expiry under `tessera:`; implements commands.base.ports.StateStore.

    Every method raises Unavailable when Redis does not answer.
    """

    def __init__(self, client: "Redis") -> None:
        self._client = client

    def put(self, key: str, value: str, seconds: int | None) -> None:
        with _reachable():
            self._client.set(PREFIX + key, value, ex=seconds)

    def put_new(self, key: str, value: str, seconds: int) -> bool:
        with _reachable():
            return bool(self._client.set(PREFIX + key, value, ex=seconds, nx=True))

    def get(self, key: str) -> str | None:
        with _reachable():
            return _text(self._client.get(PREFIX + key))

    def take(self, key: str) -> str | None:
        with _reachable():
            return _text(self._client.getdel(PREFIX + key))

    def delete(self, key: str) -> None:
        with _reachable():
            self._client.delete(PREFIX + key)

    def ready(self) -> bool:
        """Whether Redis answers now."""
        try:
            return bool(self._client.ping())
        except RedisError:
            return False


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except RedisError as error:
        raise Unavailable(f"Redis does not answer: {str(error).rstrip('.')}. Nothing was changed.") from error


def _text(value: object) -> str | None:
    return value.decode() if isinstance(value, bytes) else None
