"""Failed connections that programs tell in words of their own, not in those of a library.

What was called stands before the failure (`redis store:6379 connection failed, retry in 3s`), behind it (`failed
connecting to store:6379`), or in a field of its own (`"msg":"connect failed","addr":"store:6379"`). Such words alone
say little: a line counts where it names what was called, and does not speak of settings, of counts, or of what is over.
"""

import re
from dataclasses import dataclass

from explainers.diagnosis.logs.words import ACCESS
from explainers.patterns import pattern

EPHEMERAL = 32768
"""From here on a port is one that a client was given, where only an address stands before it."""
LEAST_PORT = 21


@dataclass(frozen=True)
class Place:
    """What was called: a name or an address, and the port, 0 where it is not said."""

    host: str
    port: int
    ip: str


@dataclass(frozen=True)
class Told:
    """How a connection failed, as a value of `Failure`, and to what; no place where the line names none."""

    how: str
    place: Place | None


def may_tell_plainly(line: str) -> bool:
    """A cheap look first: most lines of most logs have none of these."""
    low = line.lower()
    return any(stem in low for stem in _STEMS)


def told_plainly(line: str) -> Told | None:
    """The failed connection that a line tells of in plain words; None where it tells of none."""
    if not may_tell_plainly(line):
        return None
    found = _SAYS.search(line)
    if found and not _only_talk(line, found):
        return None if _no_failure(line) else Told(_how(line), _nearest(line, found) or of_fields(line) or bare(line))
    for match in _STATE.finditer(line):
        place = None if _of_others(line, match) or _only_talk(line, match) else _place(match)
        if place and not _ANSWERED_SO.search(line):
            return None if _no_failure(line) else Told(_how(line), place)
    return None


def _no_failure(line: str) -> bool:
    return ACCESS.search(line) is not None or _NO_FAILURE.search(line) is not None


def of_fields(line: str) -> Place | None:
    """What the fields of a line name (`"addr":"store:6379"`, `host=store port=6379`); None where none does."""
    apart = _PORT_FIELD.search(line)
    for match in _FIELD.finditer(line):
        port = match["port"] or (apart[1] if apart else "")
        name, prose = match["host"], match["sep"].rstrip("\"' ") == ":" and not match["port"]
        if not prose and (port or match["key"].lower() not in _OWN_KEYS) and (place := _valid(name, port or "0")):
            return place
    return None


def bare(line: str) -> Place | None:
    """A name without a port that is nothing but a name: dotted, hyphenated or in quotes; None where there is none."""
    for match in _BARE.finditer(line):
        name = match["quoted"] or match["host"]
        if name.lower() not in _PROSE and (place := _valid(name, "0")):
            return place
    return None


def called_by_name(line: str, host: str) -> bool:
    """Whether a line says of this host, by the first label of its name alone, that it was called."""
    label = host.partition(".")[0].lower()
    said = (match["word"].lower() for match in _CALLED.finditer(line)) if label else ()
    return label in said


def _how(line: str) -> str:
    if _SLOW.search(line):
        return "timeout"
    return "refused" if _TURNED_DOWN.search(line) else "failed"


def _only_talk(line: str, said: "re.Match[str]") -> bool:
    """Whether a line speaks of what may happen, of settings, or of a connection that is closed on purpose."""
    before = line[: said.end()]
    if _CONDITION.search(before) or _SETTING.search(line):
        return True
    return _ON_PURPOSE.search(line) is not None and not _HARD.search(line)


def _of_others(line: str, said: "re.Match[str]") -> bool:
    """Whether what is said to be down is one of many that are watched, or a client."""
    return _WATCHED.search(line[: said.start()]) is not None or _LISTING.search(line) is not None


def _nearest(line: str, said: "re.Match[str]") -> Place | None:
    """The place that stands nearest to the words that tell of the failure."""
    found = [
        (max(0, match.start() - said.end(), said.start() - match.end()), place)
        for match in _PLACE.finditer(line)
        if (place := _place(match)) and not (place.ip and _FROM.search(line[: match.start()]))
    ]
    place = min(found, key=lambda one: one[0], default=(0, None))[1]
    if place is None or place.host:
        return place
    named = next((one.host for _, one in found if one.host and one.port == place.port), "")
    return Place(named, place.port, place.ip)


def _place(match: "re.Match[str]") -> Place | None:
    if match["ip"]:
        return Place((match["named"] or "").lower(), int(match["port"]), match["ip"])
    return _valid(match["host"], match["port"])


def _valid(name: str, port: str) -> Place | None:
    """A place as far as it can be one: no file with its line, no counter, no address that means all."""
    name, number = name.rstrip(".").lower(), int(port)
    if number > 65535 or (number and number < LEAST_PORT) or name in _NO_HOSTS or _FILE.search(name):
        return None
    if _ADDRESS.fullmatch(name):
        return Place("", number, name) if name != "0.0.0.0" and number < EPHEMERAL else None  # noqa: S104 # nosec
    return Place(name, number, "") if not name.isdigit() else None


_NAME = r"[A-Za-z](?:[\w.-]{0,250}[A-Za-z0-9])?"
_IP = r"\d{1,3}(?:\.\d{1,3}){3}"
_AT = (
    r"(?:(?<![\w./@:-])|(?<=://)|(?<=@))"
    rf"(?:(?P<named>{_NAME})/(?P<ip>{_IP})|(?P<host>{_NAME}|{_IP}))\.?:(?P<port>\d{{2,5}})(?![\w.:]\w)"
)
_PLACE = pattern(_AT)
_ADDRESS = pattern(_IP)
_FILE = pattern(
    r"\.(?:go|py|rb|js|mjs|cjs|ts|tsx|java|kt|kts|scala|rs|php|cs|c|cc|cpp|h|ex|exs|erl|conf|ya?ml|json|sh|lua|sql)$"
    r"|(?:error|exception)$"
)
_NO_HOSTS = frozenset({
    "attempt", "attempts", "retry", "retries", "try", "code", "errno", "error", "err", "status", "line", "pid", "tid",
    "id", "thread", "worker", "shard", "partition", "took", "elapsed", "duration", "latency", "time", "ms", "count",
    "size", "level", "job", "task", "request", "req", "seq", "offset", "epoch", "term", "index", "batch", "step",
    "port", "exit", "rc", "version", "http", "https", "tcp", "udp", "timeout", "after", "in", "none", "null", "nil",
    "unknown", "true", "false", "at", "conn", "connection", "session", "build", "run", "day", "date", "slot", "cpu",
    "gpu", "rank", "row", "col", "column", "page",
})  # fmt: skip
"""What stands before a colon and a number, and is no host."""
_PROSE = frozenset({
    "back-end", "front-end", "data-source", "data-base", "third-party", "up-stream", "down-stream", "end-point",
    "message-broker", "key-value", "peer-to-peer", "on-premise", "e-mail", "real-time", "re-try", "read-only",
    "read-write", "in-memory",
})  # fmt: skip
_KEY = r"addr(?:ess)?|host|server|endpoint|target|upstream|broker|backend|dest(?:ination)?|dial|url|uri|dsn"
_SEPARATOR = r"[\"']?\s{0,2}[=:]\s{0,2}[\"']?"
_FIELD = pattern(
    rf"(?<![\w.])(?:(?!client|remote|local|listen)[a-z]{{1,20}}[_.-])?(?P<key>{_KEY})(?P<sep>{_SEPARATOR})"
    rf"(?:[a-z][a-z0-9+.-]{{1,20}}://(?:[^\s/@\"']{{0,200}}@)?)?(?P<host>{_NAME}|{_IP})(?::(?P<port>\d{{2,5}}))?"
    r"(?=[\s\"',;/)}\]]|$)",
    re.IGNORECASE,
)
_PORT_FIELD = pattern(rf"(?<![\w.])(?:[a-z]{{1,20}}[_.-])?port{_SEPARATOR}(\d{{2,5}})\b", re.IGNORECASE)
_OWN_KEYS = frozenset({"host", "server"})
"""Fields by which a logger tells where it runs itself, unless a port stands beside them."""
_BARE = pattern(
    r"\b(?:reach|reaching|contact|contacting|(?:connect|connecting|connection|contact|connectivity|link) (?:to|with)"
    r"|disconnected from|(?:response|answer|reply) from|giving up on)(?: the)?"
    r"(?: (?:host|server|service|broker|database|upstream|backend|endpoint|redis|cache))? "
    r"(?:[\"'`](?P<quoted>[A-Za-z](?:[\w.-]{0,250}[A-Za-z0-9])?)[\"'`]"
    r"|(?P<host>[A-Za-z][A-Za-z0-9]{0,62}(?:[.-][A-Za-z0-9]{1,63}){1,8}))(?=[\s,;:!)]|\.?$|\. )",
    re.IGNORECASE,
)

_CALLED = pattern(
    r"\b(?:reach|reaching|contact|contacting|to|with|from)(?: the)? [\"'`]?"
    r"(?=(?P<word>[A-Za-z][\w-]{0,62})(?![\w-]))",
    re.IGNORECASE,
)

_FAILS = (
    r"(?:fail(?:ed|ure|s|ing)?|error(?:ed)?|refused|rejected|lost|dropped|broken|reset|aborted|timed ?out"
    r"|unsuccessful|impossible|interrupted|(?:closed|terminated) unexpectedly"
    r"|(?:could(?: not|n't)|can(?:not|'t)) be \w{3,20})\b"
    r"(?![\"']?\s{0,2}[=:]\s{0,2}\d|[ _](?:rates?|counts?|counters?|thresholds?|polic\w+|handlers?|limits?|metrics?"
    r"|ratio|budget|callbacks?|hooks?|events? |injection)\b)"
)
_LINK = r"(?:re-?)?connect(?:ion|ing)?(?: attempts?| try| request)?|dial(?:ing)?|handshake|socket"
_WORD = r"\S{1,120} "
_DOES = (
    r"(?:re-?)?(?:connect(?:ing)?|reach(?:ing)?|dial(?:l?ing)?|contact(?:ing)?"
    r"|(?:establish|open|mak|creat)(?:e|ing)? (?:an? |the )?(?:\w{1,20} )?(?:connection|socket))"
)
_SAYS = pattern(
    rf"\b(?:{_LINK})\b(?: (?:to|with|from|at|on) (?:{_WORD}){{1,4}}?|[\"':,]{{0,2}}\s)"
    rf"(?:(?:has|have|was|is|been|got|attempt|still) ){{0,3}}{_FAILS}"
    r"|\b(?:fail(?:ed|ure|ing|s)?|unable|errors?|trouble|problems?|can(?:not|'t| not)|could(?:n't| not)|impossible)"
    rf"(?:[,:]? (?:while|when|in|to|on))? {_DOES}\b"
    r"|\b(?:no|lost|losing|dropped) (?:the |its |our )?(?:\w{1,20} )?(?:connection|connectivity|contact|link)"
    r" (?:to|with|from)\b"
    r"|\bno (?:response|answer|reply) from\b|\bdisconnected from\b|\bgiving up (?:on|connecting|reaching)\b",
    re.IGNORECASE,
)
"""Words for a connection that fails, wherever in the line it is said to what."""
_NOT = r"(?:(?:did|does|has|is|was)(?: not|n't)|not|no longer)"
_STATE = pattern(
    rf"{_AT}(?:/[\w./-]{{0,60}})?[\"')\]]{{0,2}}(?: ?\([^)\s]{{0,40}}\))?\s{{0,2}}[:,;|–—-]{{0,2}}\s{{1,2}}"
    r"(?:(?:is|was|are|seems|appears|remains|stays|still|currently|now|to be|has|become|became|went|also|host|server"
    r"|service|endpoint|unfortunately) ){0,3}"
    r"(?:unreachable|unavailable|down(?! (?:to|from|by)\b)|offline|gone away|dead|inaccessible|unresponsive"
    rf"|{_NOT} (?:respond(?:ing|ed)?|answer(?:ing|ed)?|reply(?:ing)?|reachable|available|connected|listening|up"
    r"|accept(?:ing)? connections)"
    r"|no (?:response|answer|reply|connection)|refused|timed ?out"
    r"|(?:could(?: not|n't)|can(?:not|'t)) be (?:reached|contacted)|lost (?:the )?connection|disconnected|giving up"
    r"|failed(?= ?(?:[,.;(]|$|to (?:respond|answer|connect))))(?![\w-])",
    re.IGNORECASE,
)
"""What is said of HOST:PORT itself."""

_SLOW = pattern(
    r"\btimed? ?out\b(?![\"']?\s{0,2}[=:]?\s{0,2}\d)|\bdeadline exceeded\b|\bno (?:response|answer|reply)\b"
    rf"|\b{_NOT} (?:respond|answer|reply)|\bunresponsive\b|\bfailed to (?:respond|answer)\b",
    re.IGNORECASE,
)
_TURNED_DOWN = pattern(r"\brefused\b|\bnobody listens\b|\bnot (?:listening|accepting)\b", re.IGNORECASE)

_VALUE_NO = r"(?![\"']?\s{0,2}[=:]\s{0,2}[\"']?(?:false|0|no)\b)"
_NO_FAILURE = pattern(
    rf"(?<!not )(?<!never )(?<!n't )(?<!be )\b(?:re-?)?(?:connected|established|restored|resumed)\b{_VALUE_NO}"
    rf"|\brecovered\b|\bsucce(?:ss|ed)\w*{_VALUE_NO}|\bback (?:up|online|again|to normal)\b"
    r"|\bno longer (?:un|down\b|fail|disconnected)|\bnot (?:down|unreachable|unavailable|offline|disconnected)\b"
    r"|\b(?:0|no|zero|without|never)(?: \w{1,20})? (?:failed|failures?|errors?|timeouts?|problems?|refused|lost)\b"
    r"|\b(?:failed|failures?|errors?|lost|refused|timeouts?)[\"']?\s{0,2}[=:]\s{0,2}[\"']?0\b"
    r"|\bfail(?:ed|ures?)? count\b|\b(?:handler|hook|callback)s? (?:\w{1,20} )?(?:registered|installed|added|set)\b"
    r"|referr?er|user[-_ ]?agent|remote_?(?:addr|ip)|client_?ip|x-forwarded",
    re.IGNORECASE,
)
"""That it went well after all, that nothing failed, or the record of a request that came in."""
_CONDITION = pattern(
    r"\b(?:if|whenever|unless|until|in case|should|would|might|will|once|(?:on|after|upon|for|per|each|every)"
    r" (?:an? |the )?(?:connection|connect) (?:failure|failed|error|lost))\b"
    r"|\bwhen (?:\S{1,120} ){1,2}(?:is|are|becomes|goes|gets|connection|fails?)\b",
    re.IGNORECASE,
)
_SETTING = pattern(
    r"\b(?:polic(?:y|ies)|strateg(?:y|ies)|configured (?:to|with|for)|enabled|thresholds?|registered|simulat\w*"
    r"|injecting|set to|max[_ -](?:retries|attempts)\s{0,2}[=:]|retry[_-]on|retries? on)\b",
    re.IGNORECASE,
)
_ON_PURPOSE = pattern(
    r"\b(?:clos(?:ing|ed)|shutting down|shutdown|graceful\w*|idle|drain\w*|stopp(?:ed|ing)|terminating|rotat\w+)\b",
    re.IGNORECASE,
)
_HARD = pattern(
    r"\b(?:fail(?:ed|ure|ing|s)?|refused|unreachable|unavailable|unable|can(?:not|'t)|could(?: not|n't)|unexpected\w*"
    r"|timed ?out|errors?)\b",
    re.IGNORECASE,
)
_WATCHED = pattern(
    r"\b(?:client|peer|node|replica|member|worker|follower|slave|consumer|subscriber|agent|target|device|user|session"
    r"|player|instance)s?\W{1,3}$",
    re.IGNORECASE,
)
_LISTING = pattern(
    r"(?<!giving )(?<!not )\bup\b(?! to\b)|(?<!not )\b(?:healthy|online)\b|(?<!not )\bok\b", re.IGNORECASE
)
"""Where what is told is the state of several, some of which are well."""
_FROM = pattern(r"\b(?:client|peer|from|remote)\W{0,3}(?:addr(?:ess)?\W{0,3})?$", re.IGNORECASE)
_ANSWERED_SO = pattern(r"(?<![\d.:])[1-4]\d\d(?![\d.:]|\s?ms|\s?s\b)")
"""An HTTP status: then the call came through."""

_STEMS = (
    "connect", "reach", "down", "offline", "respon", "answer", "availab", "contact", "dial", "giving up", "inaccessib",
    "dead", "failed", "timed out", "refused", "socket", "handshake", "reply", "gone away", "listening",
)  # fmt: skip
