"""The hosts in the scripts of init containers."""

from typing import Any

import pytest

from explainers.diagnosis.views.pods import Container, Pod
from explainers.diagnosis.views.waiting import in_script

SCRIPTS = {
    "until nc -z -w1 pg-main 5432; do sleep 1; done": [("pg-main", 5432)],
    "while ! nc -zv mysql.shop 3306; do :; done": [("mysql.shop", 3306)],
    "until nslookup cache.$NS.svc.cluster.local; do sleep 2; done": [("cache.shop.svc.cluster.local", 0)],
    "until pg_isready -h $DB_HOST -p 5433 -U shop; do sleep 1; done": [("db-of-env", 5433)],
    "until redis-cli -h ${REDIS:-redis} ping; do sleep 1; done": [("redis", 0)],
    "until curl -sf http://api:8080/healthz; do sleep 1; done": [("api", 8080)],
    "until wget -q -O- auth/ready; do sleep 1; done": [("auth", 0)],
    "until (echo > /dev/tcp/broker/9092) 2>/dev/null; do sleep 1; done": [("broker", 9092)],
    "./wait-for-it.sh queue:5672 -t 0": [("queue", 5672)],
    "mysqladmin ping --host=mariadb": [("mariadb", 0)],
    "echo prepared; sleep 5": [],
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_hosts_of_a_script(script: str) -> None:
    spec: dict[str, Any] = {"name": "wait", "command": ["sh", "-c", script]}
    values = {"DB_HOST": "db-of-env", "NS": "shop"}
    found = dict(in_script(Container(Pod({}), "wait", spec, {}, True), values))
    assert list(found.items()) == SCRIPTS[script]
