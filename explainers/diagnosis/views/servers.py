"""What the pods behind a Service were made with, in the variables that the usual images of databases read.

Source: the descriptions of the images at https://hub.docker.com/_/postgres, https://hub.docker.com/_/mysql,
https://hub.docker.com/_/mariadb, https://hub.docker.com/_/mongo and https://hub.docker.com/_/rabbitmq
"""

from collections.abc import Sequence

from explainers.diagnosis.case import Case
from explainers.diagnosis.views.addresses import addresses
from explainers.diagnosis.views.environment import Variable, environment
from explainers.diagnosis.views.mounted import file_at
from explainers.diagnosis.views.pods import Container, Pod, dicts, number
from explainers.kinds import Ref
from explainers.patterns import pattern

DATABASES = ("POSTGRES_DB", "POSTGRESQL_DATABASE", "MYSQL_DATABASE", "MARIADB_DATABASE", "CLICKHOUSE_DB")
PASSWORDS = (
    "POSTGRES_PASSWORD", "POSTGRESQL_PASSWORD", "MYSQL_PASSWORD", "MARIADB_PASSWORD", "MONGO_INITDB_ROOT_PASSWORD",
    "REDIS_PASSWORD", "RABBITMQ_DEFAULT_PASS", "MSSQL_SA_PASSWORD", "SA_PASSWORD", "CLICKHOUSE_PASSWORD",
)  # fmt: skip
OF_ROOT = ("MYSQL_ROOT_PASSWORD", "MARIADB_ROOT_PASSWORD")
MADE_ONCE = frozenset({*DATABASES, *OF_ROOT, *PASSWORDS}) - {"REDIS_PASSWORD"}
"""What counts only when their data folder is made: a new start changes nothing."""


_IMAGE = pattern(
    r"(?:^|[/-])(?:postg|pgsql|timescale|mysql|mariadb|percona|mongo|redis|valkey|cockroach|clickhouse|rabbitmq|mssql)"
)
_SPOKEN = (
    ("postgres", pattern(r"(?:^|[/-])(?:postg(?!rest)|pgsql|pgbouncer|timescale|cockroach)")),
    ("mysql", pattern(r"(?:^|[/-])(?:mysql|mariadb|percona-server)")),
    ("redis", pattern(r"(?:^|[/-])(?:redis|valkey|keydb|dragonfly)")),
    ("mongodb", pattern(r"(?:^|[/-])(?:mongo(?!-express)|percona-server-mongodb)")),
    ("amqp", pattern(r"(?:^|[/-])rabbitmq")),
    ("memcached", pattern(r"(?:^|[/-])memcached")),
    ("nats", pattern(r"(?:^|[/-])nats(?![a-z])")),
)
_NO_SERVER = pattern(r"exporter|commander|insight|admin|proxy|operator|-ui\b|backup")
SPEAKS = {
    "postgres": "postgres", "postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql", "redis": "redis",
    "rediss": "redis", "mongodb": "mongodb", "amqp": "amqp", "amqps": "amqp", "nats": "nats", "memcached": "memcached",
}  # fmt: skip
"""The kind of server that a scheme is meant for."""
_PORTS = frozenset({5432, 3306, 27017, 6379, 26257, 5672, 1433, 1521})


def spoken(image: str) -> str:
    """The kind of server that an image is by its name; empty where that does not tell."""
    name = image.rpartition("@")[0] or image
    return "" if _NO_SERVER.search(name) else next((kind for kind, like in _SPOKEN if like.search(name)), "")


def is_server(case: Case, container: Container) -> bool:
    """Whether a container is a database, a cache or a broker and is told to call nothing: its log complains of its
    clients."""
    ports = {number(one, "containerPort") for one in dicts(container.spec, "ports")}
    like = _IMAGE.search(container.image) is not None or bool(ports & _PORTS)
    return like and not any(one.container == container.name for one in addresses(case))


def made_with(case: Case, service: Ref, names: Sequence[str]) -> Variable | None:
    """The first of these variables that a pod behind a Service has, or is to have by its template where none was read
    whole; `origin` is where its value comes from, for `POSTGRES_PASSWORD_FILE` too. Raises Missing until all is read.
    """
    called = case.follow(service)
    for pod in [*(one for one in called.pods if one.whole), Pod(called.template)][:1]:
        for container in pod.main_containers:
            have = environment(called, container.spec)
            for name in names:
                if name in have:
                    return have[name]
                path = have.get(f"{name}_FILE", Variable("", "")).value or ""
                if path and (file := file_at(called, container, path)):
                    return Variable(f"{name}_FILE", None, f"{file.kind} {file.name}", file.key)
    return None


def place(one: Variable) -> str:
    """Where the value of a variable stands, as a sentence needs it; the value of a credential is not said."""
    kind, _, name = one.origin.partition(" ")
    return f"the key `{one.key}` of the {kind} `{name}` (`{one.name}`)" if name else f"`{one.name}` in its template"
