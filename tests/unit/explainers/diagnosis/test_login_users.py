"""Logins that are turned down: two Secrets, a user from another key, and the words of Redis for it."""

from typing import Any

import pytest

from explainers.diagnosis.logs.words import handled
from tests.unit.clusters import Json, thing
from tests.unit.explainers.diagnosis.test_both_sides import (
    ENDED,
    REFUSED,
    caller,
    literal,
    offered,
    owned,
    redis,
    verdict,
)

WRONG = "broker db:6379: authentication failed: -WRONGPASS invalid username-password pair or user is disabled."


def of(name: str, secret: str, key: str) -> Json:
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}


def secret(name: str, *keys: str) -> Json:
    made = thing("Secret", name, data=dict.fromkeys(keys, "(9 characters)"))
    fields: Json = {"f:data": {f"f:{key}": {} for key in keys}}
    made["metadata"]["managedFields"] = [{"time": "2026-01-01T10:00:00Z", "fieldsV1": fields}]
    made["metadata"]["creationTimestamp"] = "2026-01-01T10:00:00Z"
    return made


def crashing(env: list[Json]) -> list[Json]:
    made = caller(env)
    made[1]["status"]["containerStatuses"][0] |= {
        "restartCount": 4, "state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": ENDED},
    }  # fmt: skip
    return made


def test_a_user_that_is_disabled_is_no_failure_that_the_program_goes_on_without() -> None:
    assert not handled(WRONG)
    assert handled("cannot reach store:6379, cache is disabled")


def test_a_password_of_another_secret_than_that_of_a_cache() -> None:
    web, own = crashing([of("BROKER_PASSWORD", "web-auth", "password")]), [of("REDIS_PASSWORD", "db-auth", "password")]
    server = redis("redis-server", "--requirepass", "$(REDIS_PASSWORD)", env=own)
    said = verdict(*web, *server, *offered("db", 6379), secret("web-auth", "password"), secret("db-auth", "password"),
                   log=WRONG)  # fmt: skip
    assert said["cause"]["class"] == 55
    assert "the key `password` of the Secret `web-auth`" in said["headline"]
    assert "`db` was made with the key `password` of the Secret `db-auth`" in said["headline"]


def test_a_reference_of_the_server_that_stays_as_written_is_why_a_login_fails() -> None:
    web = crashing([of("BROKER_PASSWORD", "web-auth", "password")])
    server = redis(
        "redis-server", "--requirepass", "$(REDIS_PASSWORD)", env=[of("REDIS_PASSWD", "db-auth", "password")]
    )
    said = verdict(*web, *server, *offered("db", 6379), secret("web-auth", "password"), secret("db-auth", "password"),
                   log=WRONG)  # fmt: skip
    assert (said["cause"]["class"], said["cause"]["object"]) == (52, "deployment/db")
    assert "$(REDIS_PASSWD)" in said["plan"][0]["kubectl"]


def asked(user: Json, *more: Json, own: Json | None = None) -> Any:
    keys = secret("db", "NAME", "OWNER", "WORD")
    password, made = of("POSTGRES_PASSWORD", "db", "WORD"), own or of("POSTGRES_USER", "db", "OWNER")
    server = owned("db", [{"name": "pg", "image": "postgres:16", "env": [password, made]}])
    web = caller([literal("PGHOST", "db"), user, of("PGPASSWORD", "db", "WORD"), *more])
    return verdict(*web, *server, *offered("db", 5432), keys, log=REFUSED)


def test_a_user_from_another_key_than_the_servers_is_blamed_before_the_password() -> None:
    said = asked(of("PGUSER", "db", "NAME"), of("PGDATABASE", "db", "NAME"))
    assert (said["cause"]["class"], said["cause"]["confidence"]) == (55, "likely")
    assert "most likely for its user `app`: that comes from the key `NAME` of the Secret `db`" in said["headline"]
    assert (
        '"env":[{"name":"PGUSER","valueFrom":{"secretKeyRef":{"name":"db","key":"OWNER"}}}]'
        in said["plan"][0]["kubectl"]
    )
    assert "PGDATABASE" not in said["plan"][0]["kubectl"]


@pytest.mark.parametrize(
    ("user", "own"),
    [
        (of("PGUSER", "db", "OWNER"), None),
        (literal("PGUSER", "app"), None),
        (of("OTHER_USER", "db", "NAME"), literal("POSTGRES_USER", "app")),
    ],
)
def test_a_user_of_the_same_key_or_one_of_which_nothing_is_known_is_not_blamed(user: Json, own: Json | None) -> None:
    said = asked(user, own=own)
    assert said["cause"]["class"] == 55
    assert "most likely for its user" not in said["headline"]
