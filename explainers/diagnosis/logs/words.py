"""How lines of logs say that something failed, and how they say that nothing did; over many languages and loggers."""

import re

from explainers.patterns import Pattern, pattern


def _words(*phrases: str) -> Pattern:
    """Any of the phrases as whole words, in any case."""
    return pattern(rf"\b(?:{'|'.join(phrases)})\b", re.IGNORECASE)


def _any(*patterns: str) -> Pattern:
    return pattern("|".join(patterns))


ABORT = _any(
    r"^panic: ", r"\bpanicked at\b", r"^Exception in thread", r"^Caused by: ", r"^Unhandled ", r"^Uncaught ",
    r"^fatal error: ", r"^terminate called", r"\bcore dumped\b", r"[Ss]egmentation fault", r"^Fatal Python error",
    r"\bFATAL\b", r"\bCRITICAL\b", r"\bPANIC\b", r"\[emerg\]", r"\[alert\]", r"level=(?:fatal|panic)", r"^F\d{4} ",
)  # fmt: skip
"""The process itself says that it ends here."""

EXCEPTION = pattern(
    r"^(?:(?:[\w$.]+[.:])*[A-Z]\w*(?:Error|Exception|Exit|Fault|Refused|Timeout|NotFound)|(?:\w+\.)+\w*error)"
    r"\b(?:: |:?$|\()"
)
"""The line of a stack trace that names the exception: Python, Java, Node, .NET, Ruby."""

ERROR = _any(r"\[(?:错误|エラー|오류|ОШИБКА|FEHLER|ERREUR|ERRO)\]", r"\b(?:Fehler|Erreur|Errore|Erro|Ошибка) ?:",
             r"\bERROR\b", r"\bSEVERE\b", r"\bERR\b", r"\[error\]", r"\[crit\]", r"level=(?:error|crit)", r"^E\d{4} ",
             r"^\s*(?:[\w./-]+: )?(?:[Ee]rror|fatal):")  # fmt: skip
"""A line logged at the level of errors; `initdb: error: …`"""

ADVICE = pattern(r"^\s*(?:[\w./-]+: )?(?:hint|detail|note|help|tip|context)s?:", re.IGNORECASE)
"""A line that goes with an error and is not the error."""

TROUBLE = _words(
    "not found", "not known", "no such", "denied", "refused", "can(?:not|'t| not)", "could(?: not|n't)", "unable to",
    "no module named",
    "fail(?:ed|ure|s|ing)?", "invalid", "unexpected", "missing", "required?s?", "must", "not set", "unset", "undefined",
    "unknown", r"unrecogni[sz]ed", "already (?:exists|in use|running)", "in use", "no space", r"timed? ?out",
    "unreachable", r"corrupt\w*", "checksum", r"mismatch\w*", "older than", "newer than", "locked", r"not \w+able",
    "not permitted", "not allowed", "read-only", r"abort\w*", "giving up", "refusing", "bad", "unsupported", "expired",
    r"exceed\w*", "out of memory", r"assert\w*", "exception", "error", "does(?: not|n't)", "did(?: not|n't)",
    "(?:has|have|was|were|is|are) not", "not (?:ready|yet)", "stale", "unavailable", "unhealthy", "is empty", "killed",
    "fatal", "too (?:many|few|old|new|large|small)", "wrong", "broken", "no route", r"expected \w.*\b(?:got|found|was)",
    r"(?:returned|responded|answered|replied|status(?: code)?|response code|HTTP)(?: with| is)?[:= ]{1,3}(?:HTTP )?"
    r"5\d\d(?![\w.]|\s+(?:of|ms|\w{3,}s)\b)",
    "reset by peer", "closed by", r"unauthori[sz]ed", "forbidden", "malformed", "disabled",
)  # fmt: skip
"""A failure in plain words, at whatever level."""

ELSEWHERE = pattern(
    r"\b(?:fehlgeschlagen|konnte nicht|kann nicht|nicht gefunden|ungültig\w*|verweigert|abgelehnt|fehlt|fehler\w*"
    r"|échec|échou\w*|impossible|introuvable|refusée?|invalide|manquant\w*|erreur"
    r"|no se (?:pudo|puede|encontr\w*)|fall[oó]|inválid\w*|rechazad\w*|faltan?|não (?:foi|pode|encontr\w*)|falh\w*"
    r"|impossibile|non (?:trovat\w*|valid\w*|riuscit\w*)|errore|errores|erro"
    r"|не (?:удалось|найден\w*|может|удается)|отказан\w*|ошибк\w*)\b"
    r"|错误|失败|无法|不能|不存在|拒绝|超时|エラー|失敗|できません|見つかりません|오류|실패|없습니다",
    re.IGNORECASE,
)
"""The same in the languages that are met most beside English."""

CALM = _words(
    r"(?:0|no|zero|without) (?:\w+ )?(?:error|failure|warning|problem)s?", "(?:errors?|failed|failures)[=:] ?0",
    "recovered", "retry(?:ing)?", "ignor(?:ed|ing)", "as expected", r"success\w*", "passed", "debug", "trace",
)  # fmt: skip
"""The line says that it went well after all, or will be tried again."""

_FALLS_BACK = pattern(
    r"\bfall(?:s|ing|en)?[ -]?back\b|\bfell back\b|\bdegraded mode\b|\b(?:run|serv|work|operat)\w* degraded\b"
    r"|\bserving (?:from|stale|cached)\b|\busing \S.{0,40} instead\b"
    r"|\busing (?:\w+ )?(?:defaults?|cached?|in-memory|local|stale|built-?in|embedded|last known|backup|static)\b"
    r"|\b(?:continu|proceed|carry|go|run|start|operat|work|serv)(?:e|es|s|ing|ning)?(?: \w+)? without\b"
    r"|\b(?:continuing|carrying on|proceeding)(?: anyway)?\s*(?:[.,;)]|$)",
    re.IGNORECASE,
)
_LEAVES_OUT = pattern(
    r"\b(?:will be|is|are|now|being) (?:skipped|disabled|bypassed)\b|\b(?:skipping|disabling|bypassing) "
    r"|\boptional\b|\bbest[ -]effort\b|[,;:(] ?dropped\b"
    r"|[,;:(] ?(?:\w+ ){0,3}(?:skipped|disabled|bypassed|ignored|(?<!back )(?<!backing )off)\s*(?:[.,;)]|$)",
    re.IGNORECASE,
)
_TAKEN = pattern(
    r"\bno fall[ -]?back|\bfall[ -]?back (?:\w+ )?(?:fail|unavail)|\bnot optional\b"
    r"|\b(?:can(?:not|'t| not)|could(?: not|n't)|unable to|refus\w+ to|not|never|won't) "
    r"(?:continu|proceed|carry|go|run|start|operat|work|serv)"
    r"|\b(?:user|account|login|role) (?:is|are|being) disabled\b",
    re.IGNORECASE,
)
"""What takes these words back; a user that is disabled is turned down (Redis: `WRONGPASS … or user is disabled`)."""


def falls_back(line: str) -> bool:
    """Whether a line says of a failure that the program has another way."""
    return _FALLS_BACK.search(line) is not None and not _TAKEN.search(line)


def handled(line: str) -> bool:
    """Whether a line says of a failure that the program goes on without what failed."""
    return falls_back(line) or (_LEAVES_OUT.search(line) is not None and not _TAKEN.search(line))


HUNG_UP = pattern(
    r"^BrokenPipeError: \[Errno 32\] Broken pipe$|^ConnectionResetError: \[Errno 104\] Connection reset by peer$"
    r"|\bjava\.io\.IOException: Broken pipe\b|\bClientAbortException\b"
    r"|^Exception (?:happened|occurred) during processing of request from \("
)
"""What a server notes of a client that did not wait for the answer."""

INFO = _any(r"\bINFO\b", r"level=(?:info|debug)", r"^I\d{4} ", r"\bNOTICE\b", r"\[notice\]", r"\[info\]")
WARNING = pattern(r"\b(?:[a-z]+)?warn(?:ing)?\b|level=warn|^W\d{4} ", re.IGNORECASE)
FRAME = _any(
    r"^\s+",
    r"^at [\w$.<>]+",
    r"^goroutine \d+",
    r"^Traceback ",
    r"^\(Background on",
    r"^During handling",
    r"^The above",
)
"""A line of a stack trace that does not name the failure."""

ACCESS = pattern(r'"[A-Z]{3,7} \S+ HTTP/\d')
"""A web server's record of one request."""

STAMP = pattern(
    r"^\[?(?:\d{4}[-/]\d\d[-/]\d\d[T ])?\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?\]?[\s:|-]*"
    r"|^[IWEF]\d{4} [\d:.]+\s+\d+ "
)
"""The time at the start of a line: ISO 8601 and its relatives, and klog's header."""

COLOUR = pattern(r"\x1b\[[0-9;]*[A-Za-z]|[\x00-\x08\x0b-\x1f]")
PASSWORD = pattern(r"(\w+://[^\s:/@]*:)[^\s@/]+@")
UNREADABLE = pattern(
    r"^(?:unable to retrieve container logs for|failed to try resolving symlinks|rpc error: .*\bcontainer\b)"
)
"""What the kubelet sends as the log of a container that it has removed already."""
