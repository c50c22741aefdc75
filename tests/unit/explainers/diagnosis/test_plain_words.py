"""Failed connections in programs' own words, and lines that only talk of connections."""

from time import perf_counter

import pytest

from explainers.diagnosis.logs.connections import Failure, every_failure, failed_connections
from explainers.diagnosis.logs.plain_words import called_by_name
from tests.unit.explainers.diagnosis.test_connections import where

FAILED, REFUSED, TIMEOUT, NXDOMAIN = Failure.FAILED, Failure.REFUSED, Failure.TIMEOUT, Failure.NXDOMAIN
UNREACHABLE = Failure.UNREACHABLE

FAILURES = (
    ("2026-12-01T15:55:27Z ERROR redis store:6379 connection failed, retry in 3s", FAILED, "store:6379"),
    ("ERROR cannot connect to store:6379: timed out", TIMEOUT, "store:6379"),
    ("WARN store:6379 is unreachable", FAILED, "store:6379"),
    ("store:6379 not reachable, waiting 5 s", FAILED, "store:6379"),
    ("[warn] cache redis://store:6379/0 is unavailable", FAILED, "store:6379"),
    ("broker queue.data:5672 unavailable", FAILED, "queue.data:5672"),
    ("ERROR store:6379 timed out after 2000 ms", TIMEOUT, "store:6379"),
    ("store:6379: refused", REFUSED, "store:6379"),
    ("mailer: store:6379 could not be reached", FAILED, "store:6379"),
    ("memcached:11211 is down", FAILED, "memcached:11211"),
    ("Dalli::Server memcached:11211 failed (count: 0) Errno::ECONNREFUSED", REFUSED, "memcached:11211"),
    ("store:6379 lost connection, reconnecting", FAILED, "store:6379"),
    ("WARN pool store:6379 disconnected", FAILED, "store:6379"),
    ("store:6379 - no response", REFUSED, "store:6379"),
    ("db (pg:5432): no response", TIMEOUT, "pg:5432"),
    ("pg:5432 does not respond", TIMEOUT, "pg:5432"),
    ("pg:5432: giving up after 5 attempts", FAILED, "pg:5432"),
    ("E connection to store:6379 failed", FAILED, "store:6379"),
    ("connection to redis at store:6379 has been lost", FAILED, "store:6379"),
    ("ERROR [store:6379] connect error: EOF", FAILED, "store:6379"),
    ("store:6379: connect error", FAILED, "store:6379"),
    ("redis.clients.jedis.exceptions.JedisConnectionException: Failed connecting to store:6379", FAILED, "store:6379"),
    ("Failed connecting to host store:6379", FAILED, "store:6379"),
    ("error while connecting to amqp://app:secret@queue:5672/", FAILED, "queue:5672"),
    ("unable to reach orders-db, will retry", REFUSED, "orders-db"),
    ("unable to reach 'orders'", REFUSED, "orders"),
    ("lost contact with orders.shop:9000", FAILED, "orders.shop:9000"),
    ("no response from store:6379", TIMEOUT, "store:6379"),
    ("no connection to mq:5672, messages are kept", FAILED, "mq:5672"),
    ('{"level":"error","msg":"connect failed","addr":"store:6379"}', FAILED, "store:6379"),
    ('{"severity":"ERROR","hostname":"mailer-6b6","pid":7,"msg":"connection error","host":"store","port":6379}',
     FAILED, "store:6379"),
    ('level=error msg="connection failed" error="EOF" host=store port=6379', FAILED, "store:6379"),
    ('level=error msg="dial failed" upstream=10.43.0.7:6379 attempt=3', FAILED, ":6379 [10.43.0.7]"),
    ('{"level":"error","error":"connection refused","redis_host":"store","redis_port":"6379"}', REFUSED, "store:6379"),
    ('time="2026" level=error msg="reconnect failed" broker=kafka:9092 error="closed"', FAILED, "kafka:9092"),
    ('{"level":"ERROR","logger":"kafkajs","message":"[Connection] Connection error: ","broker":"kafka:9092"}',
     FAILED, "kafka:9092"),
    ("Connection to node -1 (kafka/10.0.0.5:9092) could not be established.", REFUSED, "kafka:9092 [10.0.0.5]"),
    ("%3|17.1|FAIL|rdkafka#1| [thrd:kafka:9092/bootstrap]: kafka:9092/bootstrap: Connect to ipv4#10.0.0.5:9092 failed",
     FAILED, "kafka:9092 [10.0.0.5]"),
    ("MongoNetworkError: failed to connect to server [mongo:27017] on first connect", REFUSED, "mongo:27017"),
    ("com.mongodb.MongoSocketOpenException: Exception opening socket: mongo:27017: connection attempt failed", FAILED,
     "mongo:27017"),
    ("[s0] Error connecting to Node(endPoint=cassandra/10.0.0.1:9042), trying next node", REFUSED,
     "cassandra:9042 [10.0.0.1]"),
    ("Cannot connect to host api:8080 ssl:default [Connect call failed ('10.0.0.1', 8080)]", REFUSED, "api:8080"),
    ("stream_socket_client(): unable to connect to tcp://store:6379 (Connection refused)", REFUSED, "store:6379"),
    ("Predis\\Connection\\ConnectionException: Connection refused [tcp://store:6379]", REFUSED, "store:6379"),
    ("pymongo.errors.ServerSelectionTimeoutError: mongo:27017: [Errno 111] Connection refused", REFUSED, "mongo:27017"),
    ("could not open connection to ldap.corp:389", FAILED, "ldap.corp:389"),
    ("smtp mail.corp:25 handshake failed", FAILED, "mail.corp:25"),
    ("io.lettuce.core.RedisConnectionException: Unable to connect to store:6379", REFUSED, "store:6379"),
    ("2026-12-01 ERROR db=pg:5432 | connection aborted", FAILED, "pg:5432"),
    ("proxy:8080 says: connection to store:6379 failed", FAILED, "store:6379"),
    ("connection to pg:5432 failed, check if it is running", FAILED, "pg:5432"),
    ("worker:12 ERROR store:6379 connection lost", FAILED, "store:6379"),
    ("disconnected from nats:4222, trying again", FAILED, "nats:4222"),
    ("trouble reaching pay.shop:8443", FAILED, "pay.shop:8443"),
)  # fmt: skip
"""What a program said, how it failed, and where: host:port, and the address in brackets."""

TALK = (
    "retry policy for store:6379: connection failed, 3 times",
    "retries on connection failure to store:6379: 5",
    "will retry store:6379 on connection failure",
    "if store:6379 is unavailable, requests are queued",
    "when store:6379 is down the cache is skipped",
    "should store:6379 be unreachable, writes are kept",
    "connected to store:6379",
    "connection to store:6379 established after 2 failed attempts",
    "reconnected to store:6379, connection lost for 3 s",
    "store:6379 is back online, connection failed twice before",
    "store:6379 no longer unreachable",
    "store:6379 is reachable",
    "pool store:6379: 0 failed, 12 open connections",
    "connections to store:6379: failed=0 open=4",
    "no failed connections to store:6379",
    '{"msg":"stats","addr":"store:6379","connect_failed":0,"connect_errors":12}',
    "connection errors: 3 of 4000 (store:6379)",
    "closing idle connection to store:6379",
    "idle connection to store:6379 dropped",
    "graceful shutdown: disconnected from store:6379",
    "connection to store:6379 closed",
    "client 10.0.0.4:51514 disconnected",
    "10.0.0.4:51514 disconnected",
    "node worker-3:9100 is down",
    "members: web-0:7000 up, web-1:7000 down",
    "listening on 0.0.0.0:8080, connection timeout 5s",
    "main.go:42 connection pool size 5",
    "job:1234 failed",
    "attempt:33 failed, task:1200 unavailable",
    "postgres:16 failed to pull",
    "connection error handler registered for store:6379",
    "simulated connection failed for store:6379",
    "api:8080 failed: 404",
    '10.0.0.9 - - "GET /connection/failed HTTP/1.1" 200 store:6379',
    "scaling down web:8080 to 2",
    "connection failed",
    "closing AMQP connection <0.1.0> (10.42.0.5:41234 -> 10.42.0.6:5672): client unexpectedly closed TCP connection",
    "Error on AMQP connection <0.1.0> (10.42.0.5:41234 -> 10.42.0.6:5672): connection_closed",
    "Connection with replica client id #5 lost.",
    '{"c":"NETWORK","msg":"Error receiving request from client. Ending connection","attr":{"remote":"10.0.0.4:34210"}}',
    "client 10.42.0.9:5123 connection lost",
    "lost connection from 10.42.0.9:5123",
    '{"level":"info","msg":"connect","addr":"store:6379","success":true}',
)


@pytest.mark.parametrize(("line", "failure", "reached"), FAILURES, ids=[line[0][:60] for line in FAILURES])
def test_what_could_not_be_reached_in_any_order(line: str, failure: Failure, reached: str) -> None:
    (found,) = failed_connections(f"starting\n{line}\nbye\n")
    assert (found.failure, where(found)) == (failure, reached)


def test_a_subject_before_a_colon_is_no_field() -> None:
    (found,) = failed_connections("ERROR broker: AUTH failed: WRONGPASS invalid username-password pair")
    assert (found.failure, where(found)) == (Failure.AUTH, "")


@pytest.mark.parametrize(
    ("line", "host", "is_it"),
    [
        ("unable to reach store, retry in 3s", "store", True),
        ("lost connection to `store`", "store.data.svc", True),
        ("unable to reach the store", "store", True),
        ("store: unable to reach cache", "store", False),
        ("connecting to store-2", "store", False),
        ("connecting to store", "", False),
    ],
)
def test_a_bare_name_that_was_called(line: str, host: str, is_it: bool) -> None:
    assert called_by_name(line, host) is is_it


@pytest.mark.parametrize("line", TALK)
def test_what_only_talks_of_connections_is_no_failure(line: str) -> None:
    assert failed_connections(line) == ()


def test_the_line_before_names_what_plain_words_do_not() -> None:
    (found,) = failed_connections("connecting to store:6379\nERROR connection failed, retry in 3s\n")
    assert (found.failure, where(found)) == (FAILED, "store:6379")


@pytest.mark.parametrize(
    "line",
    ["a:1" * 330, "connection to " + "x " * 490, "a." * 480 + " down", "is " * 300 + "down", "failed " * 140,
     "host=" * 190, "a-b" * 320 + ":80", "store:6379 " * 90, "connection to a:80 " * 50, "no response from " * 58],
)  # fmt: skip
def test_a_long_line_costs_little(line: str) -> None:
    every_failure("warm up: connection failed")
    before = perf_counter()
    every_failure(f"{line}\n" * 20)
    assert perf_counter() - before < 2
