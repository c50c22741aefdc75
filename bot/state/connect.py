"""One Redis connection for state and jobs: a server where a URL says, otherwise one inside the process.

The server inside the process (fakeredis) lives as long as the process: right for a laptop and the demo, and said so
by `tessera doctor`; several processes need a real server.
"""

from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 10.0


def connect_redis(url: str = "") -> "Redis":
    """A client of the Redis at `url` (`redis://`, `rediss://` or `unix://`), or of one inside this process.

    Nothing is sent yet. A command lost to a broken connection is repeated up to three times, so that one which
    got through unanswered may run twice: whoever claims something with `put_new` compares the value afterwards.
    Raises ValueError for a URL that redis-py does not know.
    """
    if not url:
        from fakeredis import FakeRedis

        return FakeRedis()
    return Redis.from_url(
        url,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        health_check_interval=30,
        retry=Retry(ExponentialBackoff(cap=1.0, base=0.05), 3),
        retry_on_error=[RedisConnectionError, RedisTimeoutError],
    )
