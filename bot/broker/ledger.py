"""The port Ledger in Redis: a hash of instances and one of bindings, what is hidden encrypted with the keys.

A record is `REVISION JSON`. It is stored only over the revision that it was read at, in one step inside Redis, so two
workers never undo each other's word. Redis must keep its append-only file; without a URL the same code runs over a
Redis inside the process, for trials.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from bot.broker.stored import BINDINGS, INSTANCES, Keys, opened, read_binding, read_instance, written
from commands.base.errors import Unavailable
from commands.broker.errors import Conflict
from commands.broker.ports import R
from commands.broker.records import Binding, Instance

PREFIX = "tessera:broker:"
GONE_SECONDS = 7 * 86_400

_SAVE = """
local stored = redis.call('HGET', KEYS[1], ARGV[1])
if stored == ARGV[3] then return 1 end
local revision = stored and tonumber(string.match(stored, '^%d+')) or 0
if revision ~= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
if ARGV[4] ~= '' then redis.call('SADD', KEYS[2], ARGV[1]) end
redis.call('DEL', KEYS[3])
return 1
"""
_REMOVE = """
local stored = redis.call('HGET', KEYS[1], ARGV[1])
if not stored then return 1 end
if tonumber(string.match(stored, '^%d+')) ~= tonumber(ARGV[2]) then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('SREM', KEYS[2], ARGV[1])
redis.call('SET', KEYS[3], 'yes', 'EX', ARGV[3])
return 1
"""


class RedisLedger:
    """The ledger of the broker called `name`; brokers that share a Redis do not see each other's."""

    def __init__(self, client: "Redis", name: str, keys: Keys) -> None:
        self._client: Any = client
        self._root = f"{PREFIX}{name}:"
        self._keys = keys

    def instance(self, id: str) -> Instance | None:
        found = self._read(INSTANCES, id)
        return read_instance(found, self._keys) if found else None

    def binding(self, id: str) -> Binding | None:
        found = self._read(BINDINGS, id)
        return read_binding(found, self._keys) if found else None

    def instances(self) -> Sequence[Instance]:
        with _reachable():
            found = self._client.hvals(self._root + INSTANCES)
        return sorted((read_instance(one.decode(), None) for one in found), key=lambda one: (one.created, one.id))

    def bindings(self, instance: str = "") -> Sequence[Binding]:
        with _reachable():
            if instance:
                ids = sorted(self._client.smembers(self._of(instance)))
                found = self._client.hmget(self._root + BINDINGS, ids) if ids else []
            else:
                found = self._client.hvals(self._root + BINDINGS)
        read = (read_binding(one.decode(), None) for one in found if one)
        return sorted(read, key=lambda one: (one.created, one.id))

    def save(self, record: R) -> R:
        table, text = written(record, record.revision + 1, self._keys)
        owner = record.instance if isinstance(record, Binding) else ""
        keys = [self._root + table, self._of(owner), self._gone(record.id)]
        with _reachable():
            stored = self._client.eval(_SAVE, 3, *keys, record.id, record.revision, text, owner)
        if not stored:
            raise Conflict(record.id)
        return opened(record, record.revision + 1)

    def remove(self, record: Instance | Binding) -> None:
        table = BINDINGS if isinstance(record, Binding) else INSTANCES
        owner = record.instance if isinstance(record, Binding) else record.id
        keys = [self._root + table, self._of(owner), self._gone(record.id)]
        with _reachable():
            removed = self._client.eval(_REMOVE, 3, *keys, record.id, record.revision, GONE_SECONDS)
        if not removed:
            raise Conflict(record.id)

    def gone(self, id: str) -> bool:
        with _reachable():
            return bool(self._client.exists(self._gone(id)))

    def _read(self, table: str, id: str) -> str:
        with _reachable():
            found = self._client.hget(self._root + table, id)
        return found.decode() if found else ""

    def _of(self, instance: str) -> str:
        return f"{self._root}of:{instance}"

    def _gone(self, id: str) -> str:
        return f"{self._root}gone:{id}"


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except RedisError as error:
        raise Unavailable(f"Redis does not answer: {str(error).rstrip('.')}. Nothing was changed.") from error
