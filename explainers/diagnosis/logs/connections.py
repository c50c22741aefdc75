"""Lines of a log that say that another host could not be reached, over many languages and tools.

Python, Go, Node, Java, Ruby, .NET, libpq, redis-cli, curl, wget, nc, nslookup, nginx: each says the same few things in
its own words. What could not be connected to is often named only by its IP address, and sometimes not at all.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import lru_cache

from explainers.diagnosis.logs.databases import no_connection_left
from explainers.diagnosis.logs.lines import clean, lines_of, says_no_error
from explainers.diagnosis.logs.plain_words import bare, may_tell_plainly, of_fields, told_plainly
from explainers.diagnosis.logs.tongues import reader
from explainers.diagnosis.logs.trust import doubt
from explainers.diagnosis.logs.words import ACCESS
from explainers.patterns import Pattern, pattern

LONGEST = 1000
"""Characters of a line that are looked at."""


class Failure(Enum):
    """How a connection failed."""

    NXDOMAIN = "nxdomain"  # the name does not exist
    NO_DNS = "no-dns"  # the name server gave no answer
    REFUSED = "refused"  # nobody listens
    TIMEOUT = "timeout"  # no answer at all
    UNREACHABLE = "unreachable"  # no route
    AUTH = "auth"  # reached, but the login was turned down
    TRUST = "trust"  # reached, but its certificate is not trusted
    PLAIN = "plain"  # reached, but it speaks no TLS where that is spoken to it
    FULL = "full"  # reached, but it takes no more clients
    ANSWERED = "answered"  # reached, and answered with an HTTP status of 500 and more
    FAILED = "failed"  # the line does not say how


@dataclass(frozen=True)
class Connection:
    """A connection that failed. `host` is a name or empty, `ip` an address or empty, `port` 0 where it is not said.

    `line` is the log line cleaned for reading, `index` its place among the lines that say something, from 0; `at` is
    when it was written, where that was looked for. `old` says that it would be history, if what is called could answer.
    """

    failure: Failure
    host: str
    port: int
    ip: str
    line: str
    index: int
    at: datetime | None = None
    old: bool = False

    @property
    def target(self) -> str:
        """`pg:5432` as far as it is known."""
        where = self.host or self.ip
        return f"{where}:{self.port}" if where and self.port else where


@lru_cache(maxsize=16)
def failed_connections(log: str) -> tuple[Connection, ...]:
    """The failed connections of a log, the latest first; the same failure of the same target once."""
    found: dict[tuple[Failure, str, int, str], Connection] = {}
    for one in every_failure(log):
        key = (one.failure, one.host, one.port, one.ip)
        found.pop(key, None)
        found[key] = one
    return tuple(reversed(found.values()))


@lru_cache(maxsize=16)
def every_failure(log: str) -> tuple[Connection, ...]:
    """Every line of a log that tells of a failed connection, in their order; see `refused_by_itself`."""
    return tuple(one for one in _all(log) if not _to_itself(one))


def refused_by_itself(log: str) -> tuple[Connection, ...]:
    """Every line that tells of a connection to a port of the pod's own that was refused, in their order."""
    return tuple(one for one in _all(log) if one.failure is Failure.REFUSED and one.port and _to_itself(one))


@lru_cache(maxsize=16)
def _all(log: str) -> tuple[Connection, ...]:
    return tuple(_each(lines_of(log), reader(log)))


def _to_itself(one: Connection) -> bool:
    return one.host in _SELF or one.ip in _SELF


def _each(lines: list[str], read: Callable[[str], str]) -> Iterator[Connection]:
    for index, raw in enumerate(lines):
        said = read(raw)
        known = _worth_a_look(said)
        if not (known or may_tell_plainly(said)) or _HANDLER.search(said) or says_no_error(raw):
            continue
        line = _MANUAL.sub("", said[:LONGEST].replace('\\"', '"'))
        failure, (host, port, ip), named = _told(line, known)
        if failure is None:
            continue
        if not (host or ip):
            host, port, ip = next((found for near in _beside(lines, index) if any(found := _target(near))), _NOBODY)
        if not (host or ip or named):
            continue
        yield Connection(failure, host, port, ip, clean(raw[:LONGEST].replace('\\"', '"')), index)


def _told(line: str, known: bool) -> tuple[Failure | None, tuple[str, int, str], bool]:
    """What a line tells of: how a connection failed, what was called, and whether it counts where that is not said."""
    if known and (failure := _failure(line)):
        at = _target(line)
        place = None if any(at) else of_fields(line) or bare(line)
        return failure, (place.host, place.port, place.ip) if place else at, True
    told = told_plainly(line)
    if told is None:
        return None, _NOBODY, False
    return Failure(told.how), (told.place.host, told.place.port, told.place.ip) if told.place else _NOBODY, False


def _beside(lines: list[str], index: int) -> Iterator[str]:
    """The lines beside one that may name what it does not: the next that goes on with it or says what has failed, and
    the one before that says what is tried."""
    after, before = lines[index + 1 : index + 2], lines[max(0, index - 1) : index]
    yield from (line[:LONGEST] for line in after if _CONTINUED.search(line))
    yield from (line[:LONGEST] for line in before if _TRIES.search(line))


def _worth_a_look(line: str) -> bool:
    """A cheap look first: most lines of most logs have none of these."""
    low = line.lower()
    return any(stem in low for stem in _STEMS)


def _failure(line: str) -> Failure | None:
    if doubt(line):
        return Failure.TRUST
    if no_connection_left(line):
        return Failure.FULL
    if _PLAIN.search(line) and not _OF_A_CLIENT.search(line):
        return Failure.PLAIN
    told = next((failure for failure, pattern in _KINDS if pattern.search(line)), None)
    if told is None and _GRPC.search(line):
        return Failure.FAILED
    if told is None and _BY_STATUS.search(line):
        return Failure.ANSWERED
    if told or "://" not in line or ACCESS.search(line) or _INCOMING.search(line):
        return told
    if _ANSWERED.search(line):
        return Failure.ANSWERED
    return Failure.FAILED if _FAILED.search(line) and not _STATUS.search(line) else None


def of_a_client(one: Connection) -> bool:
    """Whether a login was turned down by the one that says so: it names the address that it came from."""
    return one.failure is Failure.AUTH and _FROM_A_CLIENT.search(one.line) is not None


def _target(line: str) -> tuple[str, int, str]:
    """(host, port, IP address) of the first form that fits the line."""
    for form in _TARGETS:
        for match in form.finditer(line):
            parts = match.groupdict()
            host, ip = (parts.get("host") or "").rstrip("."), parts.get("ip") or ""
            if re.fullmatch(_IP, host):
                host, ip = "", host
            if ip and host in _NO_NAMES:
                host = ""
            if _CODE.search(host) or host.lower() in _NO_HOSTS or not (host or ip):
                continue
            return host.lower(), _port(parts.get("port"), line), ip
    return "", 0, ""


def _port(found: str | None, line: str) -> int:
    if not found:
        said = _PORT.search(line)
        found = said[1] if said else "0"
    return int(found) if int(found) < 65536 else 0


def _any(*patterns: str) -> Pattern:
    return pattern("|".join(patterns), re.IGNORECASE)


_CURL = r"\bcurl(?::? (?:exit(?:ed)?|returned|failed|error))+(?: with| code| status)* \(?{}\)?(?![\d.])"
"""What scripts make of the exit code of curl. Source: https://curl.se/docs/manpage.html#EXIT"""
_NO_DNS = (
    r"temporary failure in name resolution", r"\bEAI_AGAIN\b", r"\bSERVFAIL\b", r"server misbehaving",
    r"no servers could be reached", r"\blookup \S+ on \S+:\d+.*(?:i/o timeout|connection refused)",
    r"\bdial \w+:? lookup \S+ .*i/o timeout", r"resolving timed out",
)  # fmt: skip
_NO_HOST = (
    r":? (?:the )?(?:[\"'`]?[./@]|(?:placeholder|symbol|reference|dependenc|module|all |plugin|import|entry|type"
    r"|conflict|parameter|variable|bean|class|path|schema|config|artifact|template|view|revision|ref\b|version|package|argument"
    r"|method|property|expression|annotation)\w*)"
)
"""What else programs fail to resolve: names of their own, and files."""
_NO_SUCH_HOST = r"\blookup \S+.*no such host\b|\bno such host(?=(?: is)? known|[ \t]*(?:$|[^\w\s])| (?:for|error))"
"""Go and Windows; without the end of a failure it may be the name of a setting."""
_NXDOMAIN = (
    r"\bNXDOMAIN\b", _NO_SUCH_HOST, r"\bENOTFOUND\b", r"name or service not known", r"name does not resolve",
    r"nodename nor servname", r"unknown (?:\w+ )*host\b", r"unknownhost", r"non-existing domain", r"\(SocketError\)",
    r"domain name not found", r"(?:dns|name) resolution failed", r"name resolver error", r"unresolved ?address",
    r"<unresolved>", r"target host or object does not exist",
    rf"(?:could not|couldn't|cannot|can't|unable to|failed to) resolve\b(?!{_NO_HOST})",
    r"bad address", r"host not found", r"could not translate host name", r"getaddrinfo failed", r"not resolved",
    r"no address associated with hostname", r"failed to lookup address", r"temporary failure resolving",
    _CURL.format(6),
)  # fmt: skip
_AUTH = (
    r"password authentication failed", r"access denied for user", r"\bNOAUTH\b", r"\bWRONGPASS\b", r"invalid password",
    r"authentication (?:failed|failure|error|required)", r"\bpg_hba\.conf (?:entry|rejects)", r"login failed for user",
    r"\bACCESS_REFUSED\b", r"invalid username-password pair", r"bad auth", r"no password supplied",
    r"requires authentication", r"\bDENIED Redis is running in protected mode",
)  # fmt: skip
_REFUSED = (
    r"connection[ _]refused", r"\bECONNREFUSED\b", r"actively refused",
    r"connection to \S+ refused", r"connectionrefused",
    r"couldn't connect to server", r":\d+ - no response", r"(?:errno|os error|error) 111\b",
    r"(?:can't|could not|cannot|failed to|unable to) connect to(?! .*timed? ?out)", r"\berror connecting to\b",
    r"(?:can't|could not|cannot|unable to) (?:reach|contact)\b", r"\bcould not be established", r"\bno listener\b",
    r"\bunabletoconnect\b", r"brokerunreachable", r"no servers available for connection",
    r"\bno live upstreams\b",
    r"TCP/IP connection to the host \S+ port \d+ has failed", _CURL.format(7),
)  # fmt: skip
_UNREACHABLE = (r"no route to host", r"\bEHOSTUNREACH\b", r"\bENETUNREACH\b", r"(?:network|host) is unreachable")
_TIMEOUT = (
    r"\bETIMEDOUT\b", r"connect(?:ion|ing|ed)?\b.*\btimed? ?out", r"dial tcp .*(?:i/o timeout|deadline exceeded)",
    r"(?:errno|os error|error) 110\b", r"connecttimeout", r"timeout was reached", r"timeout connecting",
    r"connection timeout", r"upstream timed out", r"socket\.?timeout", r"\bTimeoutError: (?:timed out|\[)",
    r"\bi/o timeout\b", r"://\S+.*\b(?:deadline exceeded|timed out)\b", r"(?:read|urlopen error) timed out",
    r"failed to connect\b.*timed? ?out",
    r"[a-z0-9]:\d{2,5}\b.*\btimed out\b", r"the connection attempt failed", r"communications link failure",
    r"server was not found or was not accessible", _CURL.format(28),
)  # fmt: skip

_ANSWERED = pattern(
    r"(?:HTTP Error|status(?:[ _]?code)?|returned|respon\w+|answered|got|->|failed|error)\W{0,3}(?:with )?"
    r"(?:status |code )*5\d\d\b"
    r"|://\S+\s+5\d\d\b"
    r"|\b50[0234] (?:Internal Server Error|Bad Gateway|Service (?:Temporarily )?Unavailable|Gateway Time-?out)",
    re.IGNORECASE,
)
_BY_STATUS = pattern(
    r"\bcurl: \(22\) .{0,60}\berror: 5\d\d\b|\bserver returned error: HTTP/[\d.]+ 5\d\d\b|\bERROR 50[0-4]: [A-Z]"
)
"""What curl and wget say of a status, without the URL that they were given."""
_PLAIN = pattern(
    r"\bwrong[ _]version[ _]number\b|server gave HTTP response to HTTPS client|first record does not look like a TLS"
    r"|unrecognized SSL message|\bRECORD_LAYER_FAILURE\b|received corrupt message of type"
    r"|unexpected TLS packet was received|cannot determine the frame size|SSL\w*:unknown protocol",
    re.IGNORECASE,
)
"""OpenSSL, Go, Java, rustls, GnuTLS and .NET, where the first bytes of an answer are not those of TLS."""
_OF_A_CLIENT = pattern(r"TLS handshake error from|\bclient sent an HTTP request\b", re.IGNORECASE)
"""What a server notes of one that calls it."""
_FAILED = pattern(
    r"\b(?:fail(?:ed|ure)?|giving up|is (?:away|down|unavailable)|unavailable|unreachable)\b", re.IGNORECASE
)
_GRPC = pattern(r"\bStatusCode\.UNAVAILABLE\b|\bcode ?= ?Unavailable\b|\b(?:StatusRuntimeException:|14) UNAVAILABLE\b")
"""gRPC, where a connection does not come to be; often its words say no more.

Source: https://grpc.github.io/grpc/core/md_doc_statuscodes.html
"""
_STATUS = pattern(r"(?<![\d.:])[1-4]\d\d(?![\d.:])|\b0 (?:failed|failures)\b")
"""An HTTP status, or what may be one: then the call came through, and what failed is not the connection."""
_HANDLER = pattern(r"\b(?:handler|hook|callback)s? (?:\w+ )?(?:registered|installed|added|set)\b", re.IGNORECASE)
"""What is to be done about a failure that has not happened."""
_FROM_A_CLIENT = pattern(r"\bfrom \W?(?:\w+[ :=]+)?\d{1,3}(?:\.\d{1,3}){3}\b")
_INCOMING = pattern(r"referr?er|user[-_ ]?agent|remote_?(?:addr|ip)|client_?ip|x-forwarded", re.IGNORECASE)
"""The record of a request that came in."""
_MANUAL = pattern(r"\(?\bsee:? https?://\S+", re.IGNORECASE)
"""Where a message tells to read more."""

_KINDS = (
    (Failure.NO_DNS, _any(*_NO_DNS)),
    (Failure.NXDOMAIN, _any(*_NXDOMAIN)),
    (Failure.AUTH, _any(*_AUTH)),
    (Failure.UNREACHABLE, _any(*_UNREACHABLE)),
    (Failure.TIMEOUT, _any(*_TIMEOUT)),
    (Failure.REFUSED, _any(*_REFUSED)),
)
_STEMS = (
    "refused", "resol", "timeout", "timed out", "timedout", "no such host", "not known", "unreach", "no route",
    "nxdomain", "servfail", "enotfound", "eai_again", "misbehaving", "authentication", "auth", "unknownhost",
    "unknown host", "bad address", "host not found", "translate host", "getaddrinfo", "nodename", "access denied",
    "connect to", "lookup address", "wrongpass", "errno 11", "os error 11", "error 11", "no response",
    "deadline exceeded", "password", "login failed", "pg_hba", "no address associated", "no servers",
    "reach", "established", "listener", "contact", "existing domain", "domain name", "unabletoconnect", "socketerror",
    "unknown mysql", "target host", "connecting to", "has failed", "attempt failed", "link failure",
    "not accessible", "curl", "cert", "://", "ssl", "tls", "wrong version", "frame size", "corrupt message",
    "too many c", "connection slots", "of clients", "too many open conn", "more connections", "ora-", "max_user_conn",
    "unavailable", "protected mode", "returned error", "error 50",
)  # fmt: skip

_NAME = r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?"
_IP = r"\d{1,3}(?:\.\d{1,3}){3}"
_HOST, _AT_IP, _TO_PORT = rf"(?P<host>{_NAME})\.?", rf"(?P<ip>{_IP})", r"(?P<port>\d{1,5})"
_QUOTE = "[\"'`‘’]"
_NO_NAMES = frozenset({"host", "server", "upstream", "peer", "address"})
_NO_HOSTS = frozenset(
    {"timed", "timeout", "failed", "error", "the", "a", "an", "name", "names", "host", "hostname", "information"}
)
_SELF = frozenset({"localhost", "localhost.localdomain", "127.0.0.1", "0.0.0.0"})  # noqa: S104 # nosec
_CONTINUED = pattern(r"^\s|\b(?:fail|error|retry|unable|cannot|could not|giving up)", re.IGNORECASE)
_TRIES = pattern(r"\b(?:connecting|dialing|calling|contacting|requesting|fetching|polling|trying)\b", re.IGNORECASE)
_NOBODY = ("", 0, "")
_PORT = pattern(r"\bport[ =:]+\"?(\d{1,5})\b", re.IGNORECASE)
_CODE = pattern(
    r"\.(?:go|py|js|mjs|ts|java|kt|rs|rb|php|cs|c|cc|cpp|scala|conf|ya?ml|sh)$|^\d+$|^0x[0-9a-f]+$"
    r"|(?:error|exception|getaddrinfo)$",
    re.IGNORECASE,
)
_TARGETS = tuple(
    pattern(form, re.IGNORECASE)
    for form in (
        rf"[»«„“「]\s?{_HOST}\s?[«»“”」](?: \({_AT_IP}\))?(?:.{{0,9}}\bport {_TO_PORT})?",
        rf'server at "{_HOST}"(?: \({_AT_IP}\))?, port {_TO_PORT}',
        rf'host(?: ?name)? "{_HOST}"(?: \({_AT_IP}\))?(?:.*\bport {_TO_PORT})?',
        rf"host={_QUOTE}?{_HOST}{_QUOTE}?(?:,? port={_QUOTE}?{_TO_PORT})?",
        rf"\bgetaddrinfo for {_HOST} failed",
        rf"\bhost:? {_QUOTE}?{_HOST}{_QUOTE}?, port:? {_TO_PORT}",
        rf"(?:server|host) (?:running )?at {_QUOTE}{_HOST}{_QUOTE}?:{_QUOTE}?{_TO_PORT}",
        rf"resolution failed for (?:target )?(?:dns:/*)?{_HOST}(?::{_TO_PORT})?",
        rf"\b{_HOST}: (?:name or service not known|no address associated|nodename nor servname)",
        rf"\b{_HOST}/<unresolved>(?::{_TO_PORT})?",
        rf"\b\w[\w+.-]*://(?:[^\s/@]*@)?{_HOST}(?::{_TO_PORT})?",
        rf"\blookup {_HOST}(?: on |:|$)",
        rf"(?:ENOTFOUND|EAI_AGAIN|UnknownHostException:) {_HOST}(?::{_TO_PORT})?",
        rf"(?:resolve|resolving|bad address|unknown (?:\w+ )*host|can't find|lookup address)"
        rf"(?: host| proxy)?(?: server| broker| hostname)?(?: address)?:? "
        rf"{_QUOTE}?{_HOST}(?::{_TO_PORT})?",
        rf"in upstream {_QUOTE}{_HOST}(?::{_TO_PORT})?",
        rf"\({_HOST}:{_TO_PORT}\)",
        rf"(?:connect(?:ing|ion|ed)?|server) (?:to|on|with) (?:\w+ at )?{_QUOTE}?{_HOST}{_QUOTE}?"
        rf"(?: \([\w.]+\)\|{_AT_IP}\|)?(?::| port ){_TO_PORT}",
        rf"(?:connect to|server on|connection to) {_QUOTE}{_HOST}{_QUOTE}",
        rf"\b{_HOST}/{_AT_IP}:{_TO_PORT}",
        rf"\b{_HOST} [(\[]{_AT_IP}(?:[)\]]?[: ]{_TO_PORT})?",
        rf"\b{_AT_IP}:{_TO_PORT}\b",
        rf"(?<![\w./-])(?P<host>[A-Za-z](?:[\w.-]*[A-Za-z0-9])?):{_TO_PORT}\b",
        rf"\({_AT_IP}\)",
        r"(?<![\w./-])(?P<host>[a-z][a-z0-9]*(?:-[a-z0-9]+)+): connection refused\b",
    )
)
