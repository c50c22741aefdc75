"""Failed connections in the words of many languages and tools."""

import pytest

from explainers.diagnosis.logs.connections import Connection, Failure, failed_connections

REFUSED, NXDOMAIN, TIMEOUT = Failure.REFUSED, Failure.NXDOMAIN, Failure.TIMEOUT
NO_DNS, UNREACHABLE, AUTH = Failure.NO_DNS, Failure.UNREACHABLE, Failure.AUTH

LINES = (
    ("Error: failed to lookup address information: Name or service not known", NXDOMAIN, ""),
    ("Error: P1001: Can't reach database server at `db`:`5432`", REFUSED, "db:5432"),
    ("Connection to node -1 (kafka/10.0.0.1:9092) could not be established.", REFUSED, "kafka:9092 [10.0.0.1]"),
    ("ERROR 2005 (HY000): Unknown MySQL server host 'mysql-primary' (-2)", NXDOMAIN, "mysql-primary"),
    ("ORA-12541: TNS:no listener", REFUSED, ""),
    ("php_network_getaddresses: getaddrinfo for mysql-db failed: Name or service not known", NXDOMAIN, "mysql-db"),
    ("SQLSTATE[HY000] [2002] Connection refused (Connection: mysql, Host: db, Port: 3306)", REFUSED, "db:3306"),
    ("RedisConnectionException: UnableToConnect on redis-cache:6379/Interactive", REFUSED, "redis-cache:6379"),
    ("RedisConnectionException: Unable to connect to cache/<unresolved>:6379", NXDOMAIN, "cache:6379"),
    ("com.mongodb.MongoSocketException: mongo-0.mongoo: Name or service not known", NXDOMAIN, "mongo-0.mongoo"),
    ("DNS resolution failed for orders-svc:50051: C-ares status: Domain name not found", NXDOMAIN, "orders-svc:50051"),
    ("Name resolution failed for target dns:orders-svc:50051", NXDOMAIN, "orders-svc:50051"),
    ("rpc error: code = Unavailable desc = name resolver error: produced zero addresses", NXDOMAIN, ""),
    ("Redis::CannotConnectError: Error connecting to Redis on queue:6379 (SocketError)", NXDOMAIN, "queue:6379"),
    ("The TCP/IP connection to the host mssql, port 1433 has failed.", REFUSED, "mssql:1433"),
    ("[NATS] Error: CONNECTION_REFUSED nats:4222", REFUSED, "nats:4222"),
    (
        'psql: error: connection to server at "pg" (198.19.0.5), port 5432 failed: Connection refused',
        REFUSED,
        "pg:5432 [198.19.0.5]",
    ),
    (
        'psycopg2.OperationalError: could not translate host name "pg-main" to address: Name or service not known',
        NXDOMAIN,
        "pg-main",
    ),
    ('could not translate host name "pg" to address: Temporary failure in name resolution', NO_DNS, "pg"),
    ("dial tcp: lookup pg-main on 10.96.0.10:53: no such host", NXDOMAIN, "pg-main"),
    ("dial tcp: lookup pg on 10.96.0.10:53: read udp: i/o timeout", NO_DNS, "pg"),
    ("2024/05/01 main.go:42: dial tcp 10.0.0.7:5432: connect: connection refused", REFUSED, ":5432 [10.0.0.7]"),
    ('Get "http://api:8080/v1/x": dial tcp 10.0.0.3:8080: connect: connection refused', REFUSED, "api:8080"),
    ("dial tcp 10.0.0.5:6379: i/o timeout", TIMEOUT, ":6379 [10.0.0.5]"),
    ("dial tcp 10.0.0.5:80: connect: no route to host", UNREACHABLE, ":80 [10.0.0.5]"),
    ("TimeoutError: timed out", TIMEOUT, ""),
    ("ERROR upstream http://api <urlopen error timed out>", TIMEOUT, "api"),
    ("ERROR fetching http://pay:8080/api: timed out", TIMEOUT, "pay:8080"),
    ('Get "http://api:8080/x": context deadline exceeded', TIMEOUT, "api:8080"),
    ("Error: connect ECONNREFUSED 10.0.0.1:5432", REFUSED, ":5432 [10.0.0.1]"),
    ("Error: getaddrinfo ENOTFOUND pg-main", NXDOMAIN, "pg-main"),
    ("Error: getaddrinfo EAI_AGAIN cache.shop", NO_DNS, "cache.shop"),
    ("java.net.UnknownHostException: orders-db", NXDOMAIN, "orders-db"),
    ("org.postgresql.util.PSQLException: Connection to pg:5432 refused. Check that the hostname", REFUSED, "pg:5432"),
    ("Connect to api:8080 [api/10.0.0.3] failed: Connection refused", REFUSED, "api:8080"),
    ("finishConnect(..) failed: Connection refused: api/10.1.2.3:8080", REFUSED, "api:8080 [10.1.2.3]"),
    (
        "redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Connection refused.",
        REFUSED,
        "redis:6379",
    ),
    ("Could not connect to Redis at cache:6379: Name or service not known", NXDOMAIN, "cache:6379"),
    ("Could not connect to Redis at cache:6379: Connection refused", REFUSED, "cache:6379"),
    (
        (
            "requests.exceptions.ConnectionError: HTTPConnectionPool(host='api', port=80): Max retries exceeded: / "
            "(Caused by NewConnectionError('Failed to establish a new connection: [Errno 111] Connection refused'))"
        ),
        REFUSED,
        "api:80",
    ),
    (
        "pymysql.err.OperationalError: (2003, \"Can't connect to MySQL server on 'mysql' ([Errno 111])\")",
        REFUSED,
        "mysql",
    ),
    ("curl: (6) Could not resolve host: api-v2", NXDOMAIN, "api-v2"),
    ("curl: (7) Failed to connect to api port 8080 after 2 ms: Couldn't connect to server", REFUSED, "api:8080"),
    ("curl: (28) Failed to connect to api port 80 after 3001 ms: Timeout was reached", TIMEOUT, "api:80"),
    ("wget: bad address 'api:8080'", NXDOMAIN, "api:8080"),
    ("wget: can't connect to remote host (10.0.0.9): Connection refused", REFUSED, " [10.0.0.9]"),
    ("nc: connect to pg port 5432 (tcp) failed: Connection refused", REFUSED, "pg:5432"),
    ('nc: getaddrinfo for host "pg" port 5432: Name or service not known', NXDOMAIN, "pg:5432"),
    ("pg [10.0.0.4] 5432 (postgresql) : Connection refused", REFUSED, "pg:5432 [10.0.0.4]"),
    ("** server can't find pg.shop.svc.cluster.local: NXDOMAIN", NXDOMAIN, "pg.shop.svc.cluster.local"),
    ('nginx: [emerg] host not found in upstream "api" in /etc/nginx/conf.d/default.conf:3', NXDOMAIN, "api"),
    ("pg:5432 - no response", REFUSED, "pg:5432"),
    ("ConnectionRefusedError: [Errno 111] Connection refused", REFUSED, ""),
    ('FATAL:  password authentication failed for user "shop"', AUTH, ""),
    ('{"level":"error","msg":"dial \\"redis://cache:6379\\": connection refused"}', REFUSED, "cache:6379"),
    ("Npgsql.NpgsqlException: Failed to connect to 10.0.0.4:5432 ---> Connection refused", REFUSED, ":5432 [10.0.0.4]"),
    ("System.Net.Http.HttpRequestException: Name or service not known (api:80)", NXDOMAIN, "api:80"),
    ('Failed to open TCP connection to api:80 (Connection refused - connect(2) for "api" port 80)', REFUSED, "api:80"),
)
"""What a program said, what failed, and where: host:port, and the address in brackets."""


def where(found: Connection) -> str:
    return found.host + (f":{found.port}" if found.port else "") + (f" [{found.ip}]" if found.ip else "")


@pytest.mark.parametrize(("line", "failure", "reached"), LINES, ids=[line[0][:50] for line in LINES])
def test_names_what_could_not_be_reached(line: str, failure: Failure, reached: str) -> None:
    (found,) = failed_connections(f"starting\n{line}\nbye\n")
    assert (found.failure, where(found)) == (failure, reached)


def test_the_older_libpq_names_the_host_on_the_next_line() -> None:
    log = (
        "could not connect to server: Connection refused\n"
        '\tIs the server running on host "pg" (10.0.0.5) and accepting\n\tTCP/IP connections on port 5432?\n'
    )
    (found,) = failed_connections(log)
    assert (found.host, found.ip) == ("pg", "10.0.0.5")


@pytest.mark.parametrize(
    "line",
    [
        "Could not resolve placeholder 'API_KEY' in value",
        "Can't resolve './App' in '/src'",
        "npm ERR! Could not resolve dependency: peer react",
        "listening on 0.0.0.0:8080",
        "request took 3 ms",
        "timeout is set to 30 s",
        "GET /refused 404",
        "",
    ],
)
def test_other_lines_say_nothing(line: str) -> None:
    assert failed_connections(line) == ()


def test_the_latest_comes_first_and_repeats_count_once() -> None:
    log = "dial tcp 10.0.0.5:80: i/o timeout\n" * 3 + "curl: (6) Could not resolve host: api\n" * 2
    assert [one.target for one in failed_connections(log)] == ["api", "10.0.0.5:80"]


@pytest.mark.parametrize("code", ["ETIMEDOUT", "ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH"])
def test_error_codes_of_node_pass_the_cheap_look(code: str) -> None:
    assert failed_connections(f"Error: connect {code} 10.96.0.2:80")


@pytest.mark.parametrize(
    ("line", "failure"),
    [
        ("ERROR inv unreachable: curl exit 28", Failure.TIMEOUT),
        ("ERROR inv unreachable: curl exited with code 7", Failure.REFUSED),
        ("lookup of inv: curl failed with status (6)", Failure.NXDOMAIN),
        ("curl 7.88.1 (x86_64-pc-linux-gnu)", None),
        ("curl exit 0", None),
        ("curl exit 22", None),
    ],
)
def test_the_exit_code_of_curl_in_a_script(line: str, failure: Failure | None) -> None:
    assert next((one.failure for one in failed_connections(line)), None) is failure
