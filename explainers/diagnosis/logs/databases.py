"""How programs say that a server has no database of the name that they ask for.

Source: https://www.postgresql.org/docs/current/errcodes-appendix.html (3D000),
https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html (1049) and
https://learn.microsoft.com/en-us/sql/relational-databases/errors-events/mssqlserver-4060-database-engine-error
"""

import re

from explainers.patterns import pattern

_QUOTE = "\\\\?[\"'`]?"
_NAME = rf"{_QUOTE}(?P<name>[\w.$-]+){_QUOTE}"
_FORMS = (
    pattern(rf"\bdatabase {_NAME} (?:does not|doesn't) exist", re.IGNORECASE),
    pattern(rf"\bunknown database {_NAME}", re.IGNORECASE),
    pattern(rf"\bcannot open database {_NAME} requested", re.IGNORECASE),
)
_END = rf"{_QUOTE}(?P<name>[\w.$-]+)(?:[ \t\r\n]|\\[rn])+{_QUOTE}"
_CUT = (
    pattern(rf"\bdatabase {_END}(?<=[\"'`]) (?:does not|doesn't) exist", re.IGNORECASE),
    pattern(rf"\bunknown database {_END}(?<=[\"'`])", re.IGNORECASE),
    pattern(rf"\bcannot open database {_END}(?<=[\"'`]) requested", re.IGNORECASE),
)


def missing_database(line: str) -> str:
    """The database that a line says does not exist, or an empty string."""
    return next((found["name"] for form in _FORMS if (found := form.search(line))), "")


def cut_database(lines: str) -> str:
    """The database that does not exist because a line break or a blank ends its name, or an empty string."""
    return next((found["name"] for form in _CUT if (found := form.search(lines))), "")


_NO_TABLE = tuple(
    pattern(form, re.IGNORECASE)
    for form in (
        rf"\brelation {_NAME} does not exist",
        rf"\btable {_NAME} (?:doesn't|does not) exist",
        rf"\bno such table: {_NAME}",
        rf"\binvalid object name {_NAME}",
        rf"\bORA-00942: table or view (?:{_NAME} )?does not exist",
    )
)


def missing_table(line: str) -> str:
    """The table that a line says a database does not have, or an empty string: PostgreSQL, MySQL, SQLite, SQL Server,
    Oracle."""
    return next((found["name"] or "" for form in _NO_TABLE if (found := form.search(line))), "")


_FULL = pattern(
    r"sorry, too many clients already|remaining connection slots are reserved|\btoo many connections\b"
    r"|max(?:imum)? number of clients reached|too many open connections|no more connections allowed"
    r"|\bmax_user_connections\b|\bORA-(?:00018|00020|12516|12519|12520)\b",
    re.IGNORECASE,
)


def no_connection_left(line: str) -> bool:
    """Whether a line says that a server takes no more clients: PostgreSQL, MySQL, Redis, MongoDB, RabbitMQ, Oracle."""
    return _FULL.search(line) is not None


_USER = pattern(r"\b(?:user|role|principalName|login(?! failed))\W{1,4}(?P<name>[\w.$-]+)", re.IGNORECASE)


def user_of(line: str) -> str:
    """The user whose login a line says was turned down, or an empty string."""
    found = _USER.search(line)
    return found["name"] if found else ""


_ANSWER = pattern(
    r"^(?:NOTICE|WARNING):  |^(?:CREATE|ALTER|DROP) (?:TABLE|INDEX|SCHEMA|TYPE|EXTENSION|VIEW|SEQUENCE)\s*$"
    r"|^(?:INSERT \d+|UPDATE|DELETE|COPY|SELECT) \d+\s*$|^\(\d+ rows?\)|^Query OK, \d+|^(?:BEGIN|COMMIT)\s*$"
    r"|\bMigrating schema \S|\bRunning upgrade \S* ?-> |\bSuccessfully acquired change log lock\b"
    r"|\bSuccessfully validated \d+ migrations?\b|^\s*Applying \S+\.\S+\.\.\.",
    re.MULTILINE,
)
"""psql and mysql say this after a statement; Flyway, Alembic, Liquibase and Django while they change a schema."""


def said_by_database(log: str) -> bool:
    """Whether a log shows that statements ran: what it is about answers."""
    return _ANSWER.search(log) is not None
