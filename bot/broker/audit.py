"""The broker's audit: one line for each thing done, in Redis, only ever added to, and in the log."""

import json
from datetime import UTC, datetime
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from bot.broker.ledger import PREFIX
from bot.observe.logs import logger

_log = logger(__name__)


class RedisAudit:
    """Who, what, about what, with what result; no credential is ever passed here."""

    def __init__(self, client: "Redis", name: str) -> None:
        self._client: Any = client
        self._key = f"{PREFIX}{name}:audit"

    def note(self, by: str, what: str, about: str, result: str) -> None:
        _log.info("audit", by=by, what=what, about=about, result=result)
        at = datetime.now(UTC).isoformat(timespec="seconds")
        line = json.dumps({"at": at, "by": by, "what": what, "about": about, "result": result})
        try:
            self._client.rpush(self._key, line)
        except RedisError as error:  # the log has it
            _log.warning("audit not stored", error=str(error))

    def lines(self) -> list[dict[str, str]]:
        """Everything noted, oldest first."""
        return [json.loads(line) for line in self._client.lrange(self._key, 0, -1)]
