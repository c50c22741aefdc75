"""Addresses in one text, and where exactly they stand in it: a URL, a connection string, `host:port`, a bare name.

A name may stand in a text more than once, and only one of those is the host: `redis://redis:6379`,
`postgres://postgres@postgres/postgres`, `dbname=pg host=pg`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from explainers.patterns import pattern
from explainers.redaction import LOGIN

DEFAULT_PORTS = {
    "http": 80, "https": 443, "ws": 80, "wss": 443, "redis": 6379, "rediss": 6379, "postgres": 5432,
    "postgresql": 5432, "mysql": 3306, "mariadb": 3306, "amqp": 5672, "amqps": 5671, "mongodb": 27017,
    "nats": 4222, "ftp": 21, "ldap": 389, "ldaps": 636, "smtp": 25, "memcached": 11211, "grpc": 443,
}  # fmt: skip

_LABEL = r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?"
_HOST = rf"{_LABEL}(?:\.{_LABEL})*\.?"
_URL = pattern(
    rf"\b(?P<scheme>[a-z][a-z0-9+.:-]*)://(?:[^\s/@'\"]*@)?(?P<host>{_HOST})(?::(?P<port>\d{{1,5}}))?(?![\w.:@-])", re.I
)
_MORE = pattern(rf",(?P<host>{_HOST})(?::(?P<port>\d{{1,5}}))?(?=[,/?]|$)", re.I)
_WORD = pattern(r"[^\s'\"]+")
_PIECE = pattern(r"[^,\s](?:[^,]*[^,\s])?")
_HOST_PORT = pattern(rf"(?P<host>{_HOST}):(?P<port>\d{{1,5}})(?:/.*)?", re.I)
_KEYWORDS = pattern(
    r"(?:^|[\s;])(?P<word>host|server|data source|addr)\s*=\s*(?:tcp:)?"
    rf"(?P<host>{_HOST})(?:,(?P<port>\d+))?(?=[\s;]|$)",
    re.I,
)
_AT = pattern(rf"@(?://|(?:tcp|udp)?\()?(?P<host>{_HOST}):(?P<port>\d{{1,5}})(?=[:/)]|$)", re.I)
_KEYWORD_PORT = pattern(r"(?:^|[\s;])port\s*=\s*(?P<port>\d{1,5})", re.I)
_HOST_NAMED = pattern(r"(?:^|[_.-])?(?:HOST|HOSTNAME|ADDR|ADDRESS|SERVER|SERVERS|ENDPOINT|UPSTREAM|BROKERS?)$", re.I)

_UNQUOTED = pattern(r"[@/?#]")
_ANY_LOGIN = pattern(r"(?<=://)[^\s/@'\"]*@")

Span = tuple[int, int]


@dataclass(frozen=True)
class Place:
    """One address of a text: `port` is 0 where none is given or implied. `host_at` and `port_at` are where they stand
    in the text, first letter and the one after the last; `before_port` is what joins a port to the host."""

    host: str
    port: int
    scheme: str
    host_at: Span
    port_at: Span | None = None
    before_port: str = ":"


def in_text(value: str, variable: str = "") -> list[tuple[str, int, str]]:
    """(host, port, scheme) of every address in one value; a bare name counts only in a variable named for hosts."""
    return [(one.host, one.port, one.scheme) for one in places(value, variable)]


def places(value: str, variable: str = "") -> list[Place]:
    """Every address in one value, with its place."""
    found = [_place(match, scheme=_last_scheme(match["scheme"])) for match in unquoted(value)]
    if found:
        return found
    found = [_place(match, scheme=_last_scheme(match["scheme"])) for match in _URL.finditer(value)]
    if found:
        return [*found, *_more(value, found[0])]
    keyword = _KEYWORDS.search(value)
    if keyword and "\n" not in value:  # else it is a script, and a variable of that
        return [_of_keyword(value, keyword)]
    dialled = _AT.search(value)
    if dialled:  # `app:…@tcp(mysql:3306)/shop` of Go's driver, `jdbc:oracle:thin:@//db:1521/SHOP`
        return [_place(dialled)]
    pieces = list(_PIECE.finditer(value))
    pairs = [_place(match, start=piece.start()) for piece in pieces if (match := _HOST_PORT.fullmatch(piece[0]))]
    if pairs:
        return [one for one in pairs if re.search("[a-z]", one.host, re.I)]
    if _HOST_NAMED.search(variable):
        hosts = [piece for piece in pieces if re.fullmatch(_HOST, piece[0], re.I) and not piece[0].isdecimal()]
        return [Place(one[0], 0, "", one.span()) for one in hosts]
    return []


def unquoted(value: str) -> list["re.Match[str]"]:
    """The logins of URLs whose password has a character that ends or cuts an address, unless percent-encoded.

    Source: https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1
    """
    return [match for match in LOGIN.finditer(value) if _UNQUOTED.search(match["password"])] if "@" in value else []


def without_logins(value: str) -> str:
    """The text without what its URLs say before the `@` of their hosts."""
    for match in reversed(list(LOGIN.finditer(value))):
        value = value[: match.start("user")] + value[match.start("host") :]
    return _ANY_LOGIN.sub("", value)


def rewritten(value: str, variable: str, host: str, port: int, instead: str, instead_port: int) -> str:
    """The text with another host (`instead`) or port (`instead_port`) where it says to call `host` at `port`; what is
    empty or 0 stays. Where it says so more than once, the first is changed; the same text where it does not."""
    named = [one for one in places(value, variable) if one.host.rstrip(".").lower() == host.rstrip(".").lower()]
    fitting = [one for one in named if one.port == port] or named
    if not fitting:
        return value
    one = fitting[0]
    changes = {one.host_at: instead} if instead else {}
    if instead_port and one.port_at:
        changes[one.port_at] = str(instead_port)
    elif instead_port:
        changes[one.host_at] = f"{instead or value[slice(*one.host_at)]}{one.before_port}{instead_port}"
    for (start, end), text in sorted(changes.items(), reverse=True):
        value = value[:start] + text + value[end:]
    return value


def _last_scheme(scheme: str) -> str:
    """`postgresql` of `jdbc:postgresql`, `postgresql` of `postgresql+psycopg2`."""
    return scheme.lower().split(":")[-1].split("+")[0]


def _place(match: "re.Match[str]", scheme: str = "", start: int = 0, port: int = 0) -> Place:
    """A match of one of the patterns, in a text that begins at `start`; `port` is what holds where it says none."""
    known = int(match["port"] or 0) or port or DEFAULT_PORTS.get(scheme, 0)
    first, end = match.span("host")
    port_at = (match.start("port") + start, match.end("port") + start) if match["port"] else None
    return Place(match["host"], known, scheme, (first + start, end + start), port_at)


def _more(value: str, first: Place) -> Iterator[Place]:
    """The further hosts of `nats://a:1,b:2`; not the rest of a script."""
    for word in _WORD.finditer(value):
        if "://" in word[0]:
            for match in _MORE.finditer(word[0]):
                yield _place(match, first.scheme, word.start(), first.port)


def _of_keyword(value: str, match: "re.Match[str]") -> Place:
    """`host=pg port=5433`, `Server=tcp:sql,1433`."""
    if match["port"]:
        return _place(match)
    apart = _KEYWORD_PORT.search(value)
    join = (";Port=" if ";" in value else " port=") if match["word"].lower() == "host" else ","
    port_at = apart.span("port") if apart else None
    return Place(match["host"], int(apart["port"]) if apart else 0, "", match.span("host"), port_at, join)
