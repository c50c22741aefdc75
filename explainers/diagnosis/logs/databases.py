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


def missing_database(line: str) -> str:
    """The database that a line says does not exist, or an empty string."""
    return next((found["name"] for form in _FORMS if (found := form.search(line))), "")
