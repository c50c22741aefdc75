"""What servers and their clients say of replicas: that one takes no writes, and that one does not reach its master.

Sources: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/,
https://www.postgresql.org/docs/current/hot-standby.html,
https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html (1290) and
https://www.mongodb.com/docs/manual/reference/error-codes/ (10107)
"""

import re
from dataclasses import dataclass

from explainers.patterns import Pattern, pattern


@dataclass(frozen=True)
class Kind:
    """A kind of server: how it turns a write down, and its usual port and names."""

    says: Pattern
    port: int
    names: Pattern


_KINDS = (
    Kind(pattern(r"\bREADONLY You can't write against a read only (?:replica|slave)"), 6379, pattern(r"redis|valkey")),
    Kind(pattern(r"\bcannot execute [A-Z ]+ in a read-only transaction"), 5432, pattern(r"postgres|pg|patroni")),
    Kind(pattern(r"running with the --(?:super-)?read-only option"), 3306, pattern(r"mysql|mariadb")),
    Kind(pattern(r"\bNotWritablePrimary\b|\bnot (?:master|primary)\b.{0,40}\b10107\b"), 27017, pattern(r"mongo")),
)
_OF_SERVER = pattern(
    r"\bfor SYNC\b|\bMASTER <-> REPLICA\b|\bConnecting to MASTER\b|\bSync with master\b"
    r"|could not connect to the primary server|\bwal ?receiver\b|\bstreaming replication\b"
    r"|\b(?:Slave|Replica) I/O\b|error (?:re)?connecting to (?:master|source)\b",
    re.IGNORECASE,
)
_MASTER = pattern(r"\bConnecting to MASTER ([\w.:-]+:\d+)")


def turned_down(line: str) -> Kind | None:
    """The kind of server that, as a line says, turned a write down because it is read-only."""
    return next((kind for kind in _KINDS if kind.says.search(line)), None)


def of_server(line: str) -> bool:
    """Whether a line is what a server says of its own replication."""
    return _OF_SERVER.search(line) is not None


def master(log: str) -> str:
    """The address of the master that a Redis connects to, as its log says last; empty where it does not."""
    found = _MASTER.findall(log)
    return found[-1] if found else ""
