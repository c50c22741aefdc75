"""Addresses in environment values and arguments, and the services that host names mean."""

import pytest

from explainers.diagnosis.plans.addresses import has_password
from explainers.diagnosis.views.address_texts import in_text
from explainers.diagnosis.views.addresses import Address, service_of
from explainers.diagnosis.views.calls import shown


@pytest.mark.parametrize(
    ("value", "variable", "expected"),
    [
        ("http://api:8080/v1", "API_URL", [("api", 8080, "http")]),
        ("https://api", "API_URL", [("api", 443, "https")]),
        ("postgres://u:p@pg:5432/shop?sslmode=off", "DATABASE_URL", [("pg", 5432, "postgres")]),
        ("postgresql+psycopg2://u:p%40x@pg/shop", "DSN", [("pg", 5432, "postgresql")]),
        ("jdbc:postgresql://pg.shop:6432/x", "JDBC", [("pg.shop", 6432, "postgresql")]),
        ("mongodb://a:1,b:2,c/db", "M", [("a", 1, "mongodb"), ("b", 2, "mongodb"), ("c", 1, "mongodb")]),
        ("kafka-0.kafka:9092,kafka-1.kafka:9092", "KAFKA", [("kafka-0.kafka", 9092, ""), ("kafka-1.kafka", 9092, "")]),
        ("host=pg port=5433 dbname=shop", "DSN", [("pg", 5433, "")]),
        ("Server=tcp:sql,1433;Database=x", "CONN", [("sql", 1433, "")]),
        ("app:pw@tcp(mysql:3306)/shop", "DSN", [("mysql", 3306, "")]),
        ("jdbc:oracle:thin:@//oracle:1521/RISK", "URL", [("oracle", 1521, "")]),
        ("jdbc:oracle:thin:scott/tiger@db.data:1521:ERP", "URL", [("db.data", 1521, "")]),
        ("ana@example.com", "MAIL", []),
        ("cache", "REDIS_HOST", [("cache", 0, "")]),
        ("cache", "LOG_LEVEL", []),
        ("12:30", "START", []),
        ("a sentence about nothing: 12", "TEXT", []),
        ("", "PGHOST", []),
        ("pg", "PGHOST", [("pg", 0, "")]),
    ],
)
def test_addresses_in_a_value(value: str, variable: str, expected: list[tuple[str, int, str]]) -> None:
    assert in_text(value, variable) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("api", ("api", "shop")),
        ("api.data", ("api", "data")),
        ("api.data.svc", ("api", "data")),
        ("api.data.svc.cluster.local.", ("api", "data")),
        ("pg-0.pg", ("pg", "shop")),
        ("pg-0.pg.data", ("pg", "data")),
        ("pg-0.pg.data.svc.example", ("pg", "data")),
        ("example.com", None),
        ("www.example.com", None),
        ("10.0.0.1", None),
        ("", None),
        ("a..b", None),
    ],
)
def test_services_behind_host_names(host: str, expected: tuple[str, str] | None) -> None:
    assert service_of(host, "shop") == expected


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        ("postgres://app:hunter2@pg/shop", "postgres://pg/shop"),
        ("app:hunter2@tcp(mysql:3306)/shop", "…@tcp(mysql:3306)/shop"),
        ("jdbc:oracle:thin:scott/hunter2@//db:1521/ERP", "jdbc:oracle:thin:…@//db:1521/ERP"),
    ],
)
def test_a_login_is_neither_shown_nor_written_out(value: str, seen: str) -> None:
    assert shown(Address("db", 0, "", "web", value, "DSN")) == seen
    assert has_password(value)


@pytest.mark.parametrize("value", ["http://api:8080", "jdbc:oracle:thin:@//db:1521/ERP", "host=pg port=5432"])
def test_an_address_without_a_login_is_written_out(value: str) -> None:
    assert not has_password(value)


def test_the_words_of_a_script_beside_a_url_are_no_hosts() -> None:
    script = "import ssl,urllib.request,time,os,sys\nurlopen('https://api/x',time,os)\nos.remove('/tmp/ok')"
    assert in_text(script) == [("api", 443, "https")]
    assert in_text("exec app --servers nats://a:1,b:2") == [("a", 1, "nats"), ("b", 2, "nats")]
