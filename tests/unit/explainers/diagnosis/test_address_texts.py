"""Another host or port is written where the address stands, and nowhere else in the same text."""

import pytest

from explainers.diagnosis.views.address_texts import rewritten
from explainers.diagnosis.views.addresses import Address, corrected, renamed
from explainers.diagnosis.views.waiting import other_host_in


@pytest.mark.parametrize(
    ("value", "host", "port", "instead", "instead_port", "expected"),
    [
        ("redis://redis:6380", "redis", 6380, "", 6379, "redis://redis:6379"),
        ("redis://redis:6380/0", "redis", 6380, "redis.data", 0, "redis://redis.data:6380/0"),
        ("http://http:80/v1", "http", 80, "", 8080, "http://http:8080/v1"),
        ("http://http/v1", "http", 80, "", 8080, "http://http:8080/v1"),
        ("postgres://postgres@postgres/postgres", "postgres", 5432, "pg", 6432, "postgres://postgres@pg:6432/postgres"),
        ("postgresql+psycopg2://u@postgresql/x", "postgresql", 5432, "pg", 0, "postgresql+psycopg2://u@pg/x"),
        ("jdbc:mysql://mysql:3307/mysql", "mysql", 3307, "", 3306, "jdbc:mysql://mysql:3306/mysql"),
        ("dbname=pg user=pg host=pg port=5433", "pg", 5433, "db", 5432, "dbname=pg user=pg host=db port=5432"),
        ("host=pg dbname=shop", "pg", 0, "", 6432, "host=pg port=6432 dbname=shop"),
        ("Host=pg;Database=pg", "pg", 0, "", 6432, "Host=pg;Port=6432;Database=pg"),
        ("Server=tcp:sql,1434;Database=sql", "sql", 1434, "", 1433, "Server=tcp:sql,1433;Database=sql"),
        ("app:app@tcp(app:3307)/app", "app", 3307, "db", 3306, "app:app@tcp(db:3306)/app"),
        ("jdbc:oracle:thin:@//oracle:1522/RISK", "oracle", 1522, "", 1521, "jdbc:oracle:thin:@//oracle:1521/RISK"),
        ("nats://a:1,b:2", "b", 2, "c", 3, "nats://a:1,c:3"),
        ("kafka:9092, kafka:9093", "kafka", 9093, "", 9094, "kafka:9092, kafka:9094"),
        ("CACHE:6380", "cache", 6380, "redis", 0, "redis:6380"),
        ("api.shop.:80", "api.shop", 80, "api.web", 0, "api.web:80"),
        ("http://elsewhere/", "api", 80, "web", 8080, "http://elsewhere/"),
    ],
)
def test_another_host_or_port(value: str, host: str, port: int, instead: str, instead_port: int, expected: str) -> None:
    assert rewritten(value, "URL", host, port, instead, instead_port) == expected


def test_a_bare_name_counts_where_a_host_is_named() -> None:
    assert rewritten("pg, cache", "DB_HOSTS", "pg", 0, "db", 0) == "pg, cache"
    assert rewritten("pg, cache", "DB_SERVERS", "pg", 0, "db", 0) == "db, cache"


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("--redis=redis:6380", "--redis=cache:6379"),
        ("-redis-host=redis", "-redis-host=cache:6379"),
        ("redis://redis:6380", "redis://cache:6379"),
        ("exec redis --at redis://redis:6380", "exec redis --at redis://cache:6379"),
    ],
)
def test_a_word_of_the_command_line(word: str, expected: str) -> None:
    port = 0 if "host" in word else 6380
    assert corrected(Address("redis", port, "", "web", word), "cache", 6379) == expected


@pytest.mark.parametrize(
    ("host", "service", "namespace", "expected"),
    [
        ("pg", "db", "", "db"),
        ("pg.data", "db", "", "db.data"),
        ("pg.data.svc.cluster.local.", "", "store", "pg.store.svc.cluster.local."),
        ("pg-0.pg", "db", "", "pg-0.db"),
        ("pg-0.pg.pg.svc", "db", "store", "pg-0.db.store.svc"),
        ("pg.pg", "", "store", "pg.store"),
        ("example.com", "db", "store", "example.com"),
    ],
)
def test_another_service_or_namespace_in_a_host_name(host: str, service: str, namespace: str, expected: str) -> None:
    assert renamed(host, service, namespace) == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("until mysql -h mysql -u mysql; do sleep 1; done", "until mysql -h db -u mysql; do sleep 1; done"),
        ("until nc -z mysql 3306; do echo mysql; done", "until nc -z db 3306; do echo mysql; done"),
        ("curl -s mysql://mysql:80/mysql", "curl -s mysql://db:80/mysql"),
        ("wait mysql", "wait db"),
    ],
)
def test_another_host_in_a_script(script: str, expected: str) -> None:
    assert other_host_in(script, "mysql", "db") == expected
